// PlanBuilder: a plan's steps in their order, stage after stage, and band after band where stages go by bands. Reads
// and packs weights that no plan had before.

/// What a plan is put together from.
struct PlanBuilder {
    let outline: PlanOutline
    let network: Network
    let store: WeightStore
    let workers: Workers
    /// What frames are filled with, by value of the network.
    let tables: [Int: BorderTable]
    /// Pixels of the network's values of which a run makes tables.
    let captures: [Int: BorderIndices]
    let places: PlanPlaces

    private(set) var steps: [any Step] = []
    /// To which stage each of them belongs.
    private(set) var stageOfStep: [Int] = []
    /// By stage.
    private(set) var weights: [Int: PackedWeights] = [:]
    private(set) var constants: [BorderTable] = []
    /// By value of the network, what `captures` asked for, after a run.
    private(set) var captured: [Int: BorderTable] = [:]

    init(
        _ outline: PlanOutline, of network: Network, store: WeightStore, workers: Workers,
        tables: [Int: BorderTable], captures: [Int: BorderIndices], places: PlanPlaces
    ) {
        (self.outline, self.network, self.store, self.workers) = (outline, network, store, workers)
        (self.tables, self.captures, self.places) = (tables, captures, places)
    }

    mutating func build() throws(FaceSegError) {
        var at = 0
        while at < outline.arranged.stages.count {
            guard let loop = outline.arena.loop(at) else {
                try add(at)
                at += 1
                continue
            }
            for (number, band) in loop.bands.enumerated() {
                for index in loop.stages { try add(index, band, in: loop, isFirst: number == 0) }
            }
            at = loop.stages.upperBound
        }
    }

    /// The steps of a stage, for all rows or for a band's.
    private mutating func add(
        _ index: Int, _ band: Band? = nil, in loop: Loop? = nil, isFirst: Bool = true
    ) throws(FaceSegError) {
        defer { stageOfStep += repeatElement(index, count: steps.count - stageOfStep.count) }
        let stage = outline.arranged.stages[index], places = places.during(band)
        steps += try places.steps(index, of: network, packed(index, stage))
        for value in stage.outputs {
            let name = outline.arranged.values[value].value
            // What lasts through a loop is framed once and as a whole, not the rows that a band adds.
            let lasts = loop.map { outline.banding.isWhole(value, in: $0.stages) } ?? true
            let hasFrame = isFirst || !lasts, framing = lasts ? self.places : places
            if case .layer(let layer) = stage.work, case .constant(let numbers) = layer.operation {
                guard hasFrame else { continue }
                let (fill, table) = try framing.fill(value, numbers)
                steps.append(fill)
                constants.append(table)
                continue
            }
            if hasFrame {
                steps += framing.frame(value, tables[name])
            } else if stage.isFlat {  // it has gone over what lies beside its rows
                steps += places.frame(value, tables[name], besideComputed: true)
            }
            guard outline.arranged.values[value].arrangement == .blocks, let indices = captures[name] else {
                continue
            }
            let capture = try places.capture(value, indices, captured[name])
            captured[name] = capture.table
            steps.append(capture)
        }
    }

    private mutating func packed(_ index: Int, _ stage: Stage) throws(FaceSegError) -> PackedWeights {
        guard case .layer(let layer) = stage.work else { return .none }
        if let known = weights[index] { return known }
        let packed = try store.weights(
            layer, of: network, inputs: layer.inputs.map { outline.shapes[$0]! },
            precision: outline.precision, workers: workers)
        weights[index] = packed
        return packed
    }
}
