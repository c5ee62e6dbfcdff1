// WeightStore: a model's packed weights and borders, shared by all plans of all its sessions. Each is made once.

/// What is made of a model's weights. Any thread.
final class WeightStore: Sendable {
    private let packed = Locked<[WeightKey: PackedWeights]>([:])
    private let found = Locked<[BorderKey: [Int: BorderTable]]>([:])

    private let constant = Locked<[Int: [Float]]?>(nil)

    private struct BorderKey: Hashable {
        let shape: Shape, outputs: [Int], framed: [Int], precision: Precision
    }

    /// Weights of all layers so far, in no order.
    var all: [PackedWeights] { packed.withLock { Array($0.values) } }

    /// The packed weights of a layer, packed now if they were not before.
    func weights(
        _ fused: FusedLayer, of network: Network, inputs: [Shape], precision: Precision, workers: Workers
    ) throws(FaceSegError) -> PackedWeights {
        // The lock is held while packing, so that no two threads read the same 500 MB.
        try packed.withLock { (packed) throws(FaceSegError) in
            let key = WeightKey(fused, inputs, precision)
            if let known = packed[key] { return known }
            let weights = try HostMemory.without { () throws(FaceSegError) in
                try Packer(workers, precision).pack(fused, of: network, inputs: inputs)
            }
            packed[key] = weights
            return weights
        }
    }

    /// Values of the network that are one number a channel, found now if they were not before.
    func constants(of network: Network) throws(FaceSegError) -> [Int: [Float]] {
        try constant.withLock { (known) throws(FaceSegError) in
            if let known { return known }
            let constants = try network.constants()
            known = constants
            return constants
        }
    }

    /// What a plan's frames are filled with, by value of the network: found now, on a smaller picture, if it was not
    /// before. Sizes whose borders agree share it.
    func borders(
        _ outline: PlanOutline, _ fused: FusedNetwork, of network: Network, workers: Workers,
        _ holding: Holding
    ) throws(FaceSegError) -> [Int: BorderTable] {
        guard let border = outline.border else { return [:] }
        let framed = outline.framed
        let key = BorderKey(
            shape: border.smallShape, outputs: fused.outputs, framed: framed, precision: outline.precision)
        if let known = found.withLock({ $0[key] }) { return known }
        var captures: [Int: BorderIndices] = [:]
        for value in framed { captures[value] = outline.indices(value) }
        let plan = try Plan(
            fused.prefix(making: framed), of: network, inputShapes: [border.smallShape], store: self,
            workers: workers, precision: outline.precision, holding, skipsBorders: false, captures: captures)
        for input in plan.inputs { input.start.update(repeating: 0, count: input.shape.count) }
        try plan.run(workers)
        let tables = plan.captured
        found.withLock { $0[key] = tables }
        return tables
    }
}

/// Which packed weights a layer reads. Most layers have the same for every precision.
struct WeightKey: Hashable {
    private let layers: [Int], isFast: Bool

    init(_ fused: FusedLayer, _ inputs: [Shape], _ precision: Precision) {
        layers = fused.key
        if precision == .fast, case .convolution(let convolution) = fused.operation {
            isFast = convolution.isFast(inputs[0])
        } else {
            isFast = false
        }
    }
}

extension PlanOutline {
    /// Where the frame of a value of the network comes from; nil where no border fills it.
    func indices(_ value: Int) -> BorderIndices? {
        guard let border, let reach = border.reaches[value], let small = border.smallReaches[value],
            let index = arranged.values.firstIndex(where: { $0.value == value && $0.arrangement == .blocks }),
            let box = geometry.boxes[index]
        else { return nil }
        return BorderIndices(box, reach, small: small)
    }
}
