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
    private let weights: [PackedWeights], tables: [Int: BorderTable], constants: [BorderTable]
    /// By value of the network, what `captures` asked for, after a run.
    let captured: [Int: BorderTable]

    /// - memoryLimit: bytes that the arena may have; nil: any.
    /// - skipsBorders: whether pixels that no image reaches are computed once only; false: each time.
    /// - captures: pixels of the network's values of which a run makes tables.
    /// - Throws: errors of ``Network/shapes(_:layers:)``, of reading weights, and
    ///   ``FaceSegError/memory(needed:reason:)``.
    init(
        _ fused: FusedNetwork, of network: Network, inputShapes: [Shape], store: WeightStore,
        workers: Workers, precision: Precision = .exact, memoryLimit: Int?, skipsBorders: Bool = true,
        captures: [Int: BorderIndices] = [:]
    ) throws(FaceSegError) {
        let outline = try PlanOutline(
            fused, of: network, inputShapes: inputShapes, threads: workers.threads, precision: precision,
            skipsBorders: skipsBorders
        )
        memory = outline.bytes
        if let memoryLimit, memory > memoryLimit {
            throw .memory(
                needed: memory, reason: "the limit is \(memoryLimit) bytes; use a smaller size or raise it")
        }
        let tables = try store.borders(outline, fused, of: network, workers: workers)
        let arena = try Buffer(count: outline.floats)
        let places = PlanPlaces(outline, arena.start)
        var steps: [any Step] = [], weights: [PackedWeights] = [], captured: [Int: BorderTable] = [:],
            constants: [BorderTable] = []
        for stage in outline.arranged.stages {
            var packed = PackedWeights.none
            if case .layer(let layer) = stage.work {
                packed = try store.weights(
                    layer, of: network, inputs: layer.inputs.map { outline.shapes[$0]! },
                    precision: precision, workers: workers)
                weights.append(packed)
            }
            steps += try places.steps(stage, of: network, packed)
            if case .layer(let layer) = stage.work, case .constant(let numbers) = layer.operation {
                let (fill, table) = try places.fill(stage.outputs[0], numbers)
                steps.append(fill)
                constants.append(table)
                continue
            }
            for index in stage.outputs {
                let value = outline.arranged.values[index]
                steps += places.frame(index, tables[value.value])
                guard value.arrangement == .blocks, let indices = captures[value.value] else { continue }
                let capture = try places.capture(index, indices)
                captured[value.value] = capture.table
                steps.append(capture)
            }
        }
        self.steps = steps
        self.weights = weights
        self.tables = tables
        self.captured = captured
        self.constants = constants
        self.arena = arena
        inputs = outline.arranged.inputs.map(places.tensor)
        outputs = outline.arranged.outputs.map(places.tensor)
    }

    /// Computes the outputs from what lies in the inputs, which may be overwritten.
    ///
    /// - progress: called after each step with the share that is done; false cancels.
    /// - Throws: ``FaceSegError/cancelled``.
    func run(_ workers: Workers, progress: ((Float) -> Bool)? = nil) throws(FaceSegError) {
        var isCancelled = false
        workers.lead {
            for (index, step) in steps.enumerated() {
                step.run(workers)
                isCancelled = workers.isCancelled
                if let progress, !isCancelled, !progress(Float(index + 1) / Float(steps.count)) {
                    isCancelled = true
                }
                if isCancelled { return }
            }
        }
        if isCancelled { throw .cancelled }
    }
}
