// Arrangement: which values lie as planes and which in blocks of channels, and where one must become the other.
// Blocks are what most layers of a convolutional network run best on; the rest works on planes, as do callers.

/// How the channels of a value lie in memory.
enum Arrangement: Hashable, Sendable {
    /// Caffe's: `[N, C, H, W]`, or any other rank.
    case planes
    /// `[N, ceil(C / channels), H, W, channels]`.
    case blocks(channels: Int)

    /// The usual blocks of this processor.
    static let blocks = Arrangement.blocks(channels: BlockKernels.width)
    /// What convolutions over a picture of few channels read.
    static let narrow = Arrangement.blocks(channels: BlockKernels.narrow)
}

/// A step of an arranged network.
struct Stage: Sendable {
    enum Work: Sendable { case layer(FusedLayer), toBlocks, toPlanes }
    let work: Work
    /// Indices of ``ArrangedNetwork/values``.
    let inputs: [Int], outputs: [Int]
}

/// A fused network whose values have their arrangements, one after the other where several layers want several.
struct ArrangedNetwork: Sendable {
    struct Value: Sendable {
        /// Of ``Network/valueNames``.
        let value: Int
        let arrangement: Arrangement
    }

    private(set) var values: [Value] = []
    private(set) var stages: [Stage] = []
    private(set) var inputs: [Int] = []
    private(set) var outputs: [Int] = []
    /// Where a network's value is in each arrangement that it has.
    private var places: [Int: [Arrangement: Int]] = [:]
    /// The arrangement in which it is made.
    private var homes: [Int: Arrangement] = [:]

    init(_ fused: FusedNetwork, of network: Network, shapes: [Shape?]) {
        inputs = network.inputs.map { add($0.value, .planes) }
        for layer in fused.layers {
            let wanted = arrangements(
                layer, layer.operation, layer.inputs.map { shapes[$0]! })
            // A Crop's second input says a size: nothing reads it.
            let read = if case .crop = layer.operation { layer.inputs.prefix(1) } else { layer.inputs[...] }
            let given = zip(read, wanted.inputs).map { place($0, in: $1) }
            let made = layer.outputs.map { add($0, wanted.output) }
            stages.append(Stage(work: .layer(layer), inputs: given, outputs: made))
        }
        outputs = fused.outputs.map { place($0, in: .planes) }
    }

    private mutating func add(_ value: Int, _ arrangement: Arrangement) -> Int {
        values.append(Value(value: value, arrangement: arrangement))
        places[value, default: [:]][arrangement] = values.count - 1
        if homes[value] == nil { homes[value] = arrangement }
        return values.count - 1
    }

    /// The value in an arrangement, moved there if it is not yet.
    private mutating func place(_ value: Int, in arrangement: Arrangement) -> Int {
        if let there = places[value]![arrangement] { return there }
        let from = arrangement == .planes ? places[value]![homes[value]!]! : place(value, in: .planes)
        let made = add(value, arrangement)
        stages.append(
            Stage(work: arrangement == .planes ? .toPlanes : .toBlocks, inputs: [from], outputs: [made]))
        return made
    }

    /// What a layer takes and gives.
    private func arrangements(
        _ layer: FusedLayer, _ operation: Operation, _ shapes: [Shape]
    ) -> (inputs: [Arrangement], output: Arrangement) {
        func all(_ arrangement: Arrangement) -> (inputs: [Arrangement], output: Arrangement) {
            (layer.inputs.map { _ in arrangement }, arrangement)
        }
        let inBlocks = layer.inputs.map { homes[$0] == .blocks }
        switch operation {
        case .convolution(let convolution):
            guard convolution.isBlocked(shapes[0]) else { return all(.planes) }
            var wanted = all(.blocks)
            if convolution.isNarrow(shapes[0]) { wanted.inputs[0] = .narrow }
            return wanted
        case .deconvolution(let deconvolution):
            return all(deconvolution.isBlocked(shapes[0]) ? .blocks : .planes)
        case .pooling, .unary, .identity, .eltwise:
            return all(inBlocks.allSatisfy { $0 } && !inBlocks.isEmpty ? .blocks : .planes)
        case .concat(let concat):
            let fits = shapes.allSatisfy { $0.rank == 4 }
            let isOfChannels = concat.axis == 1 || concat.axis == -3
            return all(fits && isOfChannels && inBlocks.allSatisfy { $0 } ? .blocks : .planes)
        case .constant: return all(.blocks)
        default: return all(.planes)
        }
    }
}
