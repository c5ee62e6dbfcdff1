// Model: a network with its weights and what it says of itself. Immutable to its users; scratch memory is the
// Segmenter's.

/// A network that was opened. Any number of threads may share one.
///
///     let model = try Model.builtIn()
///     let segmenters = try [Segmenter(model), Segmenter(model)]  // for two threads
///     print(segmenters.count, model.info.classNames)
///
/// Weights are read when the first ``Segmenter`` is made; a model that was opened from a path keeps its file open
/// until then.
public final class Model: Sendable {
    /// What it says of itself: names, licence.
    public let info: ModelInfo
    /// How photos go in.
    public let preprocessing: Preprocessing
    /// Number of weights.
    public let parameterCount: Int
    /// Channels of the main output, where the declared or a usual size tells; 0: unknown.
    public let classCount: Int
    /// Of the network: where photos' scores are, and whether they are probabilities. Asked for at every run.
    let mainOutput: Int, endsInSoftmax: Bool
    let store = WeightStore()
    /// Opens a quicker network of the same classes, to find heads with before this one looks at them; nil: this one does
    /// both.
    private let openFinder: FinderOpening?
    private let openedFinder = Locked<Model?>(nil)
    /// Without its weights' places once all of them are packed and their bytes are let go.
    private let current: Locked<Network>
    private let prepared = Locked<Set<Precision>>([])
    /// Where the weights are, if they can be had there again.
    private let lastingSource: (any ByteSource)?

    /// Opens a `.caffemodel`, or a `.prototxt` alone to look at (running that is an error).
    ///
    ///     let model = try Model.open(path: "their.caffemodel")
    ///     print(model.classCount, model.parameterCount)
    ///
    /// - Parameters:
    ///   - path: Names that end in `.prototxt` are read as text.
    ///   - options: What the file does not say, or is to be overruled.
    /// - Throws: ``FaceSegError`` with the path and the place in the file.
    public static func open(path: String, options: ModelOptions = ModelOptions()) throws(FaceSegError)
        -> Model
    {
        if path.hasSuffix(".prototxt") {
            guard options.prototxtPath == nil else { throw twoPrototxts(path) }
            return try Model(structure: readPrototxt(path), file: nil, options: options)
        }
        return try Model(source: FileByteSource(path: path), options: options)
    }

    /// Opens a `.caffemodel` in memory, which is copied.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - options: What the file does not say, or is to be overruled.
    /// - Throws: ``FaceSegError`` with the place in the file.
    public static func open(
        bytes: Span<UInt8>, options: ModelOptions = ModelOptions()
    ) throws(FaceSegError) -> Model {
        try bytes.withUnsafeBytes { (bytes) throws(FaceSegError) in try open(bytes: bytes, options: options) }
    }

    /// The same by pointer. name: of the bytes, for errors.
    package static func open(
        bytes: UnsafeRawBufferPointer, name: String = "the model in memory",
        options: ModelOptions = ModelOptions()
    ) throws(FaceSegError) -> Model {
        try Model(source: MemoryByteSource(name: name, bytes: Array(bytes)), options: options)
    }

    convenience init(
        source: any ByteSource, options: ModelOptions = ModelOptions(), openFinder: FinderOpening? = nil
    ) throws(FaceSegError) {
        var structure: Message?
        if let path = options.prototxtPath { structure = try readPrototxt(path) }
        try self.init(
            structure: structure, file: CaffeFile(source), source: source.isLasting ? source : nil,
            options: options, openFinder: openFinder)
    }

    private init(
        structure: Message?, file: CaffeFile?, source: (any ByteSource)? = nil, options: ModelOptions,
        openFinder: FinderOpening? = nil
    )
        throws(FaceSegError)
    {
        lastingSource = source
        self.openFinder = openFinder
        let network = try makeNetwork(structure: structure, file: file)
        let described = file?.message ?? structure ?? Message("NetParameter")
        var (info, preprocessing) = try described.metadata()
        preprocessing.apply(options)
        let classCount = network.classCount()
        info.classNames = Model.classNames(options.classNames ?? info.classNames, count: classCount)
        self.info = info
        self.preprocessing = try preprocessing.checked()
        self.classCount = classCount
        parameterCount = network.parameterCount
        mainOutput = network.mainOutput
        endsInSoftmax = network.endsInSoftmax
        current = Locked(network)
    }

    typealias FinderOpening = @Sendable () throws(FaceSegError) -> Model

    /// What finds heads for this model, opened when it is first asked for; nil: the model itself.
    func finder() throws(FaceSegError) -> Model? {
        guard let openFinder else { return nil }
        return try openedFinder.withLock { (opened) throws(FaceSegError) in
            if let opened { return opened }
            let finder = try openFinder()
            opened = finder
            return finder
        }
    }

    /// The layers, for those who want to look at them.
    package var network: Network { current.withLock { $0 } }

    /// Reads and packs all weights, if that was not done; afterwards the file is closed, or the bytes are let go, where
    /// nothing can need them.
    func prepare(_ workers: Workers, _ precision: Precision) throws(FaceSegError) {
        if prepared.withLock({ $0.contains(precision) }) { return }
        let network = self.network
        // Where no size is declared and the usual one does not fit, the first plan packs.
        guard let shapes = try? network.shapesForDeclaredInputs() else { return }
        let constants = try store.constants(of: network)
        let fused = network.fused(for: network.outputs, constants: constants)
        for layer in fused.layers {
            _ = try store.weights(
                layer, of: network, inputs: layer.inputs.map { shapes[$0]! }, precision: precision,
                workers: workers)
        }
        _ = prepared.withLock { $0.insert(precision) }
        // Nobody needs the weights of constants; of layers that only they need, somebody may.
        let constant = network.layers.indices.filter { index in
            network.layers[index].outputs.contains { constants[$0] != nil }
        }
        let packed = Set(fused.layers.flatMap(\.members) + constant)
        guard !network.mayFold,
            network.layers.indices.allSatisfy({ packed.contains($0) || network.layers[$0].weights.isEmpty })
        else { return }
        if let lastingSource { return lastingSource.close() }
        current.withLock { network in
            for index in network.layers.indices {
                network.layers[index].weights = network.layers[index].weights.map {
                    Weight(dimensions: $0.dimensions, content: PackedAwayWeight())
                }
            }
        }
    }

    /// `class 0`, `class 1` where names are missing; FaceFCN's for three classes.
    private static func classNames(_ names: [String], count: Int) -> [String] {
        guard count <= 256 else { return [] }  // more than any segmentation has
        let usual = names.isEmpty && count == 3 ? ["background", "face", "hair"] : names
        return (0..<count).map { $0 < usual.count ? usual[$0] : "class \($0)" }
    }
}

func twoPrototxts(_ path: String) -> FaceSegError {
    .argument("\(path) is a prototxt and another was given: one of the two must be a .caffemodel")
}

func readPrototxt(_ path: String) throws(FaceSegError) -> Message {
    let source = try FileByteSource(path: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
    defer { buffer.deallocate() }
    try source.read(at: 0, into: buffer)
    return try readNetParameter(text: Array(buffer), name: path)
}

extension Preprocessing {
    fileprivate mutating func apply(_ options: ModelOptions) {
        if let mean = options.mean { self.mean = mean }
        if let scale = options.scale { self.scale = scale }
        if let size = options.workingSize { workingSize = size == 0 ? nil : size }
        if let size = options.reduceSize { reduceSize = size == 0 ? nil : size }
        if let exposure = options.exposure { self.exposure = exposure }
    }
}

extension Network {
    fileprivate func classCount() -> Int {
        guard let shapes = try? shapesForDeclaredInputs(), let shape = shapes[mainOutput],
            shape.rank >= 2
        else { return 0 }
        return shape[1]
    }
}
