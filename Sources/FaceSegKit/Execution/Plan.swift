// Plan: a network made ready for inputs of certain sizes: steps, and one arena that holds every value between
// them. Running allocates nothing. Not shared: one thread at a time.

final class Plan {
    /// Where the inputs go, in the network's order, and where the wanted values are after a run.
    let inputs: [Tensor], outputs: [Tensor]
    /// Bytes of the arena, scratch memory included.
    let memory: Int
    private let steps: [any Step]
    private let arena: Buffer
    /// The steps point into these.
    private let weights: [PackedWeights]

    /// - memoryLimit: bytes that the arena may have; nil: any.
    /// - Throws: errors of ``Network/shapes(_:layers:)``, of reading weights, and
    ///   ``FaceSegError/memory(needed:reason:)``.
    init(
        _ fused: FusedNetwork, of network: Network, inputShapes: [Shape], store: WeightStore,
        workers: Workers,
        memoryLimit: Int?
    ) throws(FaceSegError) {
        let outline = try PlanOutline(
            fused, of: network, inputShapes: inputShapes, threads: workers.threads)
        let shapes = outline.shapes, layout = outline.layout
        memory = outline.bytes
        if let memoryLimit, memory > memoryLimit {
            throw .memory(
                needed: memory, reason: "the limit is \(memoryLimit) bytes; use a smaller size or raise it")
        }
        let arena = try Buffer(count: outline.floats)
        func tensor(_ value: Int) -> Tensor {
            Tensor(start: arena.start + layout.offsets[value]!, shape: shapes[value]!)
        }
        var steps: [any Step] = [], weights: [PackedWeights] = []
        for layer in fused.layers {
            let given = layer.inputs.map { shapes[$0]! }
            let packed = try store.weights(layer, of: network, inputs: given)
            weights.append(packed)
            let maker = StepMaker(
                layer: network.layers[layer.layer], slope: layer.slope, weights: packed,
                inputs: layer.inputs.map(tensor), outputs: layer.outputs.map(tensor),
                scratch: arena.start + layout.size)
            steps += try maker.steps()
        }
        self.steps = steps
        self.weights = weights
        self.arena = arena
        inputs = network.inputs.map { tensor($0.value) }
        outputs = fused.outputs.map(tensor)
    }

    /// Computes the outputs from what lies in the inputs, which may be overwritten.
    ///
    /// - progress: called after each step with the share that is done; false cancels.
    /// - Throws: ``FaceSegError/cancelled``.
    func run(_ workers: Workers, progress: ((Float) -> Bool)? = nil) throws(FaceSegError) {
        for (index, step) in steps.enumerated() {
            step.run(workers)
            if workers.isCancelled { throw .cancelled }
            if let progress, !progress(Float(index + 1) / Float(steps.count)) { throw .cancelled }
        }
    }
}

/// What a plan will hold, worked out from shapes alone: nothing is allocated and no weight is read.
struct PlanOutline {
    /// Of every value that the wanted ones need.
    let shapes: [Shape?]
    let layout: Layout
    /// Floats of the arena: values between the steps, then scratch memory that all steps share.
    let floats: Int

    var bytes: Int { floats * MemoryLayout<Float>.size }

    init(
        _ fused: FusedNetwork, of network: Network, inputShapes: [Shape], threads: Int
    ) throws(FaceSegError) {
        let shapes = try network.shapes(inputShapes, layers: fused.layers.flatMap(\.members).sorted())
        let steps = fused.layers.map { layer in
            LayoutStep(
                inputs: layer.inputs, outputs: layer.outputs,
                reuse: network.layers[layer.layer].operation.reuse)
        }
        let scratch = fused.layers.map { layer in
            StepMaker.scratchSize(
                network.layers[layer.layer].operation, layer.inputs.map { shapes[$0]! }, threads: threads)
        }
        layout = Layout(
            steps: steps, inputs: network.inputs.map(\.value), kept: fused.outputs, shapes: shapes)
        floats = layout.size + (scratch.max() ?? 0)
        self.shapes = shapes
    }
}

extension Operation {
    fileprivate var reuse: LayoutStep.Reuse {
        switch self {
        case .identity, .reshape, .flatten: .view
        case .unary, .prelu, .eltwise, .scale, .batchNorm, .softmax, .mvn: .overwrite
        default: .none
        }
    }
}
