// TrainingNet: a net of one phase, ready to be trained: its layers and parameters. For inputs of certain shapes it makes
// a TrainingPlan, which runs.
import FaceSegKit

/// A net with weights that change.
package final class TrainingNet {
    /// The message with the layers of the phase, Splits among them: what a snapshot holds.
    let message: Message
    private(set) var layers: [TrainedLayer] = []
    private(set) var blobNames: [String] = []
    /// In the net's order: each layer's blobs, shared ones once.
    package private(set) var parameters: [Parameter] = []
    /// Whether inputs get gradients too (`force_backward`).
    let forcesBackward: Bool
    let phase: String
    let seed: UInt64

    /// - message: a `NetParameter`, whose old forms are brought up to date.
    /// - shapes: of the blobs that data layers give, by name, at any size.
    /// - sharing: a net whose parameters are taken over by layer name, as Caffe's test nets do.
    /// - seed: of fillers and Dropout.
    /// - Throws: errors that name the layer.
    package init(
        _ message: Message, state: CaffeState, shapes: [String: Shape], sharing: TrainingNet? = nil,
        seed: UInt64 = 1
    ) throws(FaceSegError) {
        phase = state.phase
        forcesBackward = message.bool("force_backward") ?? false
        self.seed = seed
        var own: [Message] = []
        for layer in try upgradedLayers(message) where try state.holds(layer) {
            own.append(layer.withLossNames())
        }
        let split = withSplits(declaredInputs(of: message) + own)
        var copy = message
        for field in ["layer", "layers", "input", "input_shape", "input_dim"] { copy.clear(field) }
        for layer in split { copy.append("layer", layer) }
        self.message = copy
        try assemble(split)
        try makeParameters(shapes, sharing: sharing)
    }

    private func assemble(_ messages: [Message]) throws(FaceSegError) {
        var current: [String: Int] = [:]
        for message in messages {
            let name = message.string("name") ?? ""
            let bottoms = try message.strings("bottom").map { (bottom) throws(FaceSegError) in
                guard let blob = current[bottom] else {
                    throw .network(
                        layer: name, reason: "its input \"\(bottom)\" comes from no layer before it")
                }
                return blob
            }
            let operation = try makeTrainedOperation(message, phase: phase)
            let tops = message.strings("top").map { top in
                blobNames.append(top)
                current[top] = blobNames.count - 1
                return blobNames.count - 1
            }
            let weights = message.floats("loss_weight")
            layers.append(
                TrainedLayer(
                    name: name, type: message.string("type") ?? "", message: message, bottoms: bottoms,
                    tops: tops, operation: operation,
                    lossWeights: tops.indices.map {
                        $0 < weights.count ? weights[$0] : operation.isLoss && $0 == 0 ? 1 : 0
                    }))
        }
    }

    /// The blobs that come from outside, in the layers' order.
    package var feeds: [String] {
        layers.filter(\.isFeed).flatMap(\.tops).map { blobNames[$0] }
    }

    private func makeParameters(_ shapes: [String: Shape], sharing other: TrainingNet?) throws(FaceSegError) {
        let known = try self.shapes(shapes)
        var named: [String: Int] = [:]
        let others = Dictionary(
            (other?.layers ?? []).map { ($0.name, $0.parameters) }, uniquingKeysWith: { $1 })
        for at in layers.indices {
            let layer = layers[at]
            let wanted =
                try layer.operation.trained?.weightShapes(layer.bottoms.map { known[$0] }, layer: layer.name)
                ?? []
            let specifications = layer.message.messages("param")
            guard specifications.count <= wanted.count else {
                throw layer.message.failure(
                    "layer \"\(layer.name)\" has \(wanted.count) blobs, but \(specifications.count) param")
            }
            for (index, dimensions) in wanted.enumerated() {
                let specification = index < specifications.count ? specifications[index] : nil
                let name = specification?.string("name") ?? ""
                let parameter: Int
                if let first = named[name], !name.isEmpty {
                    guard parameters[first].dimensions == dimensions else {
                        throw .network(
                            layer: layer.name,
                            reason: "shares the parameter \"\(name)\" of another shape")
                    }
                    parameter = first
                } else {
                    if let others = others[layer.name], index < others.count {
                        parameters.append(other!.parameters[others[index]])
                    } else {
                        parameters.append(try makeParameter(layer, index, dimensions, specification))
                    }
                    parameter = parameters.count - 1
                }
                if !name.isEmpty { named[name] = parameter }
                layers[at].parameters.append(parameter)
            }
        }
    }

    /// Filled as the layer says.
    private func makeParameter(
        _ layer: TrainedLayer, _ index: Int, _ dimensions: [Int], _ specification: Message?
    ) throws(FaceSegError) -> Parameter {
        // The solver has no say in statistics.
        let isStatistic = if case .batchNorm = layer.operation { true } else { false }
        let parameter = try Parameter(
            layer: layer.name, index: index, dimensions: dimensions,
            rateFactor: isStatistic ? 0 : specification?.float("lr_mult") ?? 1,
            decayFactor: specification?.float("decay_mult") ?? 1)
        var random = SplitMix(seed: seed, stream: layer.name, index)
        try Filler(layer.message, blob: index).fill(parameter, &random)
        return parameter
    }

    /// Shapes of all blobs for feeds of these shapes.
    func shapes(_ given: [String: Shape]) throws(FaceSegError) -> [Shape] {
        var shapes: [Shape] = []
        for layer in layers {
            shapes += try layer.topShapes(layer.bottoms.map { shapes[$0] }, given, blobNames)
        }
        return shapes
    }
}

extension TrainedLayer {
    fileprivate func topShapes(
        _ bottoms: [Shape], _ given: [String: Shape], _ names: [String]
    ) throws(FaceSegError) -> [Shape] {
        switch operation {
        case .feed(let declared):
            return try zip(tops, declared).map { (top, shape) throws(FaceSegError) in
                guard let shape = given[names[top]] ?? shape else {
                    throw .network(
                        layer: name, reason: "gives \"\(names[top])\", whose shape is not known")
                }
                return shape
            }
        case .compute(let operation):
            let made = try operation.outputShapes(bottoms, layer: name)
            guard made.count == tops.count else {
                throw .network(layer: name, reason: "gives \(made.count) outputs, is asked for \(tops.count)")
            }
            return made
        case .dropout, .batchNorm:
            guard bottoms.count == 1, tops.count == 1 else {
                throw .network(layer: name, reason: "takes 1 input and gives 1 output")
            }
            return bottoms
        case .loss(let loss):
            try loss.check(bottoms, layer: name)
            return [try Shape([])]
        case .accuracy(_, let axis, _):
            guard bottoms.count == 2, (1...2).contains(tops.count) else {
                throw .network(layer: name, reason: "takes scores and labels, and gives 1 or 2 outputs")
            }
            let classes = bottoms[0][try bottoms[0].axis(axis, layer: name)]
            return Array([try Shape([]), try Shape([classes])].prefix(tops.count))
        }
    }
}

extension Message {
    /// A loss layer without a top gets one, as Caffe gives it.
    fileprivate func withLossNames() -> Message {
        guard strings("top").isEmpty, (string("type") ?? "").hasSuffix("Loss") else { return self }
        var named = self
        named.append("top", string("name") ?? "loss")
        return named
    }
}

/// Input layers for what the net declares at its head.
private func declaredInputs(of net: Message) -> [Message] {
    let names = net.strings("input"), shapes = net.messages("input_shape"), sides = net.ints("input_dim")
    return names.indices.map { i in
        var layer = Message("LayerParameter"), shape = Message("BlobShape"),
            parameters = Message("InputParameter")
        layer.set("name", to: names[i])
        layer.set("type", to: "Input")
        layer.set("top", to: names[i])
        let dimensions =
            i < shapes.count ? shapes[i].ints("dim") : Array(sides.dropFirst(4 * i).prefix(4))
        for side in dimensions { shape.append("dim", side) }
        if !dimensions.isEmpty { parameters.append("shape", shape) }
        layer.set("input_param", to: parameters)
        return layer
    }
}
