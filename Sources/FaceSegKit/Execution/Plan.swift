// Plan: a network made ready for inputs of certain sizes: steps, and one arena that holds every value between
// them. Running allocates nothing. Not shared: one thread at a time.

final class Plan {
    /// Where the inputs go, in the network's order, and where the wanted values are after a run.
    let inputs: [Tensor], outputs: [Tensor]
    /// Bytes of the arena, scratch memory included.
    let memory: Int
    private let steps: [any Step]
    /// To which stage each step belongs, and how many stages there are, those without steps included.
    private let stageOfStep: [Int]
    let stageCount: Int
    private let arena: Buffer
    /// The steps point into these.
    private let weights: [PackedWeights], tables: [Int: BorderTable], constants: [BorderTable]
    /// By value of the network, what `captures` asked for, after a run.
    let captured: [Int: BorderTable]

    /// - holding: how much the arena may have.
    /// - skipsBorders: whether pixels that no image reaches are computed once only; false: each time.
    /// - captures: pixels of the network's values of which a run makes tables.
    /// - Throws: errors of ``Network/shapes(_:layers:)``, of reading weights, and
    ///   ``FaceSegError/memory(needed:reason:)``.
    init(
        _ fused: FusedNetwork, of network: Network, inputShapes: [Shape], store: WeightStore,
        workers: Workers, precision: Precision = .exact, _ holding: Holding, skipsBorders: Bool = true,
        captures: [Int: BorderIndices] = [:]
    ) throws(FaceSegError) {
        let outline = try PlanOutline(
            fused, of: network, inputShapes: inputShapes, threads: workers.threads, precision: precision,
            holding,
            skipsBorders: skipsBorders, watched: captures.keys.sorted())
        memory = outline.bytes
        tables = try store.borders(outline, fused, of: network, workers: workers, holding)
        arena = try Buffer(count: outline.arena.floats)
        let places = PlanPlaces(outline, arena.start)
        var builder = PlanBuilder(
            outline, of: network, store: store, workers: workers, tables: tables, captures: captures,
            places: places)
        try builder.build()
        (steps, stageOfStep) = (builder.steps, builder.stageOfStep)
        stageCount = outline.arranged.stages.count
        weights = Array(builder.weights.values)
        captured = builder.captured
        constants = builder.constants
        inputs = outline.arranged.inputs.map(places.tensor)
        outputs = outline.arranged.outputs.map(places.tensor)
    }

    /// Computes the outputs from what lies in the inputs, which may be overwritten.
    ///
    /// - clock: is told what each stage takes.
    /// - progress: called after each step with the share that is done; false cancels.
    /// - Throws: ``FaceSegError/cancelled``.
    func run(
        _ workers: Workers, clock: StageClock? = nil, progress: ((Float) -> Bool)? = nil
    ) throws(FaceSegError) {
        var isCancelled = false
        workers.lead {
            clock?.start()
            for (index, step) in steps.enumerated() {
                step.run(workers)
                clock?.stop(stageOfStep[index])
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
