// CaffeNetwork: Caffe's messages into a Network: layers that exist, their order, their weights by layer name.
// What each layer type means is in CaffeOperations.

/// The numbers of a blob in a file.
package struct StoredBlob: WeightContent {
    let header: BlobHeader
    let source: any ByteSource

    package init(header: BlobHeader, source: any ByteSource) { (self.header, self.source) = (header, source) }

    package func read(_ range: Range<Int>, into: UnsafeMutableBufferPointer<Float>) throws(FaceSegError) {
        try header.read(range, into: into, from: source)
    }

    package func checkUnchanged() throws(FaceSegError) { try source.checkUnchanged() }
}

/// A `.caffemodel`: its message without numbers, and the bytes that hold them.
package struct CaffeFile: Sendable {
    package let message: Message
    package let source: any ByteSource

    package init(_ source: any ByteSource) throws(FaceSegError) {
        self.source = source
        message = try readNetParameter(from: source)
    }

    /// The blobs of each layer that has any, by its name; of several of one name, the last.
    package func blobs() throws(FaceSegError) -> [String: [BlobHeader]] {
        var blobs: [String: [BlobHeader]] = [:]
        for layer in try upgradedLayers(message) where !layer.blobs("blobs").isEmpty {
            blobs[layer.string("name") ?? ""] = layer.blobs("blobs")
        }
        return blobs
    }
}

/// Makes the network that `structure` describes, with the weights of `file`.
///
/// - `structure`: nil takes the file's own layers.
/// - Throws: errors that name the layer: unknown type, parameters out of range, weights that are missing or too
///   few, inputs that nothing makes.
func makeNetwork(
    structure: Message?, file: CaffeFile?, state: CaffeState = CaffeState()
) throws(FaceSegError) -> Network {
    guard let net = structure ?? file?.message else { throw .argument("a network needs a file") }
    var assembly = try Assembly(net: net, file: file, infersInputs: structure == nil)
    try assembly.addDeclaredInputs(net)
    for layer in try upgradedLayers(net) { try assembly.add(layer, state) }
    let network = assembly.builder.network.withoutIdleSplits()
    guard !network.outputs.isEmpty else { throw net.failure("a network without layers that give anything") }
    return network
}

private struct Assembly {
    var builder: NetworkBuilder
    /// Tops of data layers: inputs, once a layer asks for them.
    private var fed: Set<String> = []
    /// Tops of layers that are left out, with their type.
    private var leftOut: [String: String] = [:]
    private var shared: [String: Weight] = [:]
    /// Shapes at the declared or the usual size, as far as they are known: fillers need them.
    private var shapes: [Int: Shape] = [:]
    private var budget = WeightBudget()
    private let stored: [String: [BlobHeader]]
    private let file: CaffeFile?
    /// A caffemodel of the V1 time does not say what goes in: a blob that no layer makes does.
    private let infersInputs: Bool

    init(net: Message, file: CaffeFile?, infersInputs: Bool) throws(FaceSegError) {
        builder = NetworkBuilder(name: net.string("name") ?? "")
        self.infersInputs = infersInputs
        self.file = file
        stored = if let file { try file.blobs() } else { [:] }
    }

    /// `input`, with `input_shape` or `input_dim` (four each).
    mutating func addDeclaredInputs(_ net: Message) throws(FaceSegError) {
        let names = net.strings("input"), shapes = net.messages("input_shape"), sides = net.ints("input_dim")
        guard shapes.isEmpty || shapes.count == names.count, sides.isEmpty || sides.count == 4 * names.count
        else {
            throw net.failure(
                "\(names.count) inputs, but \(shapes.count) input_shape, \(sides.count) input_dim")
        }
        for (i, name) in names.enumerated() {
            let dimensions = shapes.isEmpty ? Array(sides.dropFirst(4 * i).prefix(4)) : shapes[i].ints("dim")
            try addInput(name, dimensions.isEmpty ? nil : try Shape(dimensions, layer: name))
        }
    }

    mutating func add(_ layer: Message, _ state: CaffeState) throws(FaceSegError) {
        let exists = try state.holds(layer)
        switch CaffeRole(layer) {
        case .data: fed.formUnion(layer.strings("top"))
        case .input where exists: try addInputs(layer)
        case .measure where exists:
            for top in layer.strings("top") { leftOut[top] = layer.string("type") ?? "" }
        case .compute where exists: try addComputing(layer)
        default: break
        }
    }

    private mutating func addInputs(_ layer: Message) throws(FaceSegError) {
        let shapes = layer.message("input_param")?.messages("shape") ?? [], tops = layer.strings("top")
        guard shapes.isEmpty || shapes.count == 1 || shapes.count == tops.count else {
            throw layer.failure("\(tops.count) tops with \(shapes.count) shapes")
        }
        for (i, top) in tops.enumerated() {
            let dimensions = shapes.isEmpty ? [] : shapes[shapes.count == 1 ? 0 : i].ints("dim")
            try addInput(top, dimensions.isEmpty ? nil : try Shape(dimensions, layer: top))
        }
    }

    private mutating func addInput(_ name: String, _ shape: Shape?) throws(FaceSegError) {
        try builder.addInput(name, shape)
        let added = builder.network.inputs[builder.network.inputs.count - 1]
        shapes[added.value] = if let shape { shape } else { try Network.usualInput() }
    }

    private mutating func addComputing(_ layer: Message) throws(FaceSegError) {
        let name = layer.string("name") ?? "", bottoms = layer.strings("bottom"), tops = layer.strings("top")
        for bottom in bottoms where !builder.knows(bottom) {
            if fed.contains(bottom) {
                try addInput(bottom, nil)
            } else if let type = leftOut[bottom] {
                throw .network(
                    layer: name, reason: "its input \"\(bottom)\" comes from a layer of type \(type)")
            } else if infersInputs {
                try addInput(bottom, nil)
            }
        }
        let operation = try makeOperation(layer)
        if case .deconvolution(let o) = operation { try budget.takePhases(o.window, layer: name) }
        let weights = try weights(for: operation, of: layer)
        try builder.addLayer(
            name, layer.string("type") ?? "", bottoms: bottoms, tops: tops, operation, weights)
        let added = builder.network.layers[builder.network.layers.count - 1]
        let given = added.inputs.compactMap { shapes[$0] }
        if given.count == added.inputs.count, let made = try? added.outputShapes(given) {
            for (value, shape) in zip(added.outputs, made) { shapes[value] = shape }
        }
    }

    /// The layer's blobs: shared by parameter name, else the file's, else what a filler gives.
    private mutating func weights(
        for operation: Operation, of layer: Message
    ) throws(FaceSegError) -> [Weight] {
        let name = layer.string("name") ?? ""
        let count = operation.weightCount(inputs: layer.strings("bottom").count)
        guard count > 0 else { return [] }
        let sharedNames = layer.messages("param").map { $0.string("name") ?? "" }
        let own = stored[name]
        if let own, own.count != count {
            throw .network(layer: name, reason: "\(own.count) blobs in the file, the layer has \(count)")
        }
        var weights: [Weight] = []
        for i in 0..<count {
            let sharedName = i < sharedNames.count ? sharedNames[i] : ""
            let weight: Weight
            if let known = shared[sharedName] {
                weight = known
                try budget.takeRepeated(known.count, layer: name)
            } else if let own {
                weight = stored(own[i])
            } else {
                weight = try filled(i, operation, layer)
            }
            if !sharedName.isEmpty { shared[sharedName] = weight }
            weights.append(weight)
        }
        return weights
    }

    private func stored(_ header: BlobHeader) -> Weight {
        // There is a file, or there would be no header.
        Weight(dimensions: header.shape, content: StoredBlob(header: header, source: file!.source))
    }

    /// Deconvolutions and Scales that V1 files do not hold are what their filler says.
    private mutating func filled(
        _ index: Int, _ operation: Operation, _ layer: Message
    ) throws(FaceSegError) -> Weight {
        let name = layer.string("name") ?? ""
        guard let file else { return Weight(dimensions: [], content: MissingWeight(layer: name)) }
        let missing = FaceSegError.network(layer: name, reason: "has no weights in \(file.source.name)")
        guard let filler = operation.filler(index, layer) else { throw missing }
        let inputs = layer.strings("bottom").compactMap { builder.network.value(named: $0) }.compactMap {
            shapes[$0]
        }
        guard inputs.count == layer.strings("bottom").count else { throw missing }
        let wanted = try operation.weightShapes(inputs, layer: name)
        try budget.takeFilled(Shape(wanted[index], layer: name).count, layer: name)
        return Weight(dimensions: wanted[index], content: FilledWeight(filler: filler))
    }
}

extension Network {
    /// Without the Split layers, and then the inputs, that only served layers which are left out: labels, mostly.
    fileprivate func withoutIdleSplits() -> Network {
        var uses = [Int](repeating: 0, count: valueNames.count), network = self
        for value in layers.flatMap(\.inputs) { uses[value] += 1 }
        for index in layers.indices.reversed() where layers[index].type == "Split" {
            guard layers[index].outputs.allSatisfy({ uses[$0] == 0 }) else { continue }
            for value in layers[index].inputs { uses[value] -= 1 }
            network.layers.remove(at: index)
        }
        guard network.layers.count < layers.count else { return network }
        network.inputs.removeAll { uses[$0.value] == 0 }
        return network
    }

    /// What goes into most nets, where a file does not say it.
    fileprivate static func usualInput() throws(FaceSegError) -> Shape { try Shape([1, 3, 256, 256]) }

    /// What the file declares, or 256 x 256 with three channels where it declares nothing.
    func declaredInputs() throws(FaceSegError) -> [Shape] {
        try inputs.map { (input) throws(FaceSegError) in
            if let shape = input.shape { shape } else { try Network.usualInput() }
        }
    }

    /// Shapes of all values at the sizes of ``declaredInputs()``.
    func shapesForDeclaredInputs() throws(FaceSegError) -> [Shape?] { try shapes(declaredInputs()) }
}

extension Operation {
    /// Blobs that the layer owns.
    fileprivate func weightCount(inputs: Int) -> Int {
        switch self {
        case .convolution(let o): o.hasBias ? 2 : 1
        case .deconvolution(let o): o.hasBias ? 2 : 1
        case .innerProduct(let o): o.hasBias ? 2 : 1
        case .prelu: 1
        case .batchNorm: 3
        case .scale(let o): max((o.hasFactor ? 1 : 0) + (o.hasAddend ? 1 : 0) - (inputs - 1), 0)
        default: 0
        }
    }

    /// What fills blob `index` where a file lacks it, if that is a rule and not chance.
    fileprivate func filler(_ index: Int, _ layer: Message) -> FilledWeight.Filler? {
        switch self {
        case .deconvolution(let o):
            let param = layer.message("convolution_param")
            let filler = param?.message(index == 0 ? "weight_filler" : "bias_filler")
            if index == 1 { return .constant(filler?.float("value") ?? 0) }
            return filler.flatMap { known($0, o.window) }
        case .scale:
            let isFactor = layer.string("type") == "Scale" && index == 0
            let param = layer.message(layer.string("type") == "Scale" ? "scale_param" : "bias_param")
            let filler = param?.message(index == 0 ? "filler" : "bias_filler")
            guard filler?.string("type") ?? "constant" == "constant" else { return nil }
            return .constant(filler?.float("value") ?? (isFactor ? 1 : 0))
        default: return nil
        }
    }

    private func known(_ filler: Message, _ window: Window) -> FilledWeight.Filler? {
        switch filler.string("type") ?? "constant" {
        case "bilinear": .bilinear(height: window.vertical.kernel, width: window.horizontal.kernel)
        case "constant": .constant(filler.float("value") ?? 0)
        default: nil
        }
    }
}
