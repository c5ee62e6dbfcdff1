// Arena: the places of a plan's values for some choice of loops, and what it then takes. Layout has the rules of lives.

/// Where a plan's values lie.
struct Arena: Sendable {
    let loops: [Loop]
    let layout: Layout
    /// Values that no layer knows, by whom they are for.
    private let extras: [Slot: Int]

    /// An input of a stage, or an output, counted behind the inputs: rows of it that a dense stage of a loop works on,
    /// where they lie in memory with others. Or, by position -1, a stage's scratch memory.
    private struct Slot: Hashable { let stage: Int, position: Int }

    init(_ banding: Banding, loops: [Loop], threads: Int) {
        let arranged = banding.arranged
        var sizes = arranged.values.indices.map { banding.size($0) }, extras: [Slot: Int] = [:]
        var steps: [LayoutStep] = []
        for (index, stage) in arranged.stages.enumerated() {
            let loop = loops.first { $0.stages.contains(index) }
            var own: [Int] = []
            func extra(_ position: Int, _ size: Int) {
                extras[Slot(stage: index, position: position)] = sizes.count
                own.append(sizes.count)
                sizes.append(size)
            }
            if let loop {
                for output in stage.outputs where !banding.isWhole(output, in: loop.stages) {
                    let rows = loop.bands.map { banding.held(output, in: $0).count }.max()!
                    sizes[output] = banding.size(output, rows: rows)
                }
                for slot in banding.copied(index, loop) {
                    let value = (stage.inputs + stage.outputs)[slot], output = stage.outputs[0]
                    let rows = loop.bands.map { $0.computed[output]!.count }.max()!
                    extra(slot, banding.size(value, rows: rows))
                }
            }
            let scratch = banding.scratch(index, loop?.bands, threads: threads)
            if scratch > 0 { extra(-1, scratch) }
            steps.append(
                LayoutStep(
                    inputs: stage.inputs, outputs: stage.outputs, extras: own,
                    reuse: banding.reuse(index, loop)))
        }
        layout = Layout(
            steps: steps, inputs: arranged.inputs, kept: arranged.outputs, sizes: sizes,
            loops: loops.map(\.stages))
        (self.loops, self.extras) = (loops, extras)
    }

    var floats: Int { layout.size }
    var bytes: Int { floats * MemoryLayout<Float>.size }

    /// The place of what stands for an input or output of a stage, if something does.
    func copy(_ stage: Int, _ position: Int) -> Int? {
        extras[Slot(stage: stage, position: position)].map { layout.offsets[$0]! }
    }

    /// The place of a stage's scratch memory; of those that need none, nowhere in particular.
    func scratch(_ stage: Int) -> Int { copy(stage, -1) ?? 0 }

    /// The loop that a stage is in.
    func loop(_ stage: Int) -> Loop? { loops.first { $0.stages.contains(stage) } }
}

extension Banding {
    /// Rows that a band's memory holds of a value that ends with it.
    func held(_ index: Int, in band: Band) -> Range<Int> { band.held[roots[index]] ?? held[index] ?? 0..<0 }

    /// Floats of scratch memory of a stage, of which some bands are computed or all rows at once.
    func scratch(_ index: Int, _ bands: [Band]?, threads: Int) -> Int {
        let stage = arranged.stages[index]
        guard case .layer(let layer) = stage.work else { return 0 }
        let box = stage.outputs.first.flatMap { geometry.computed[$0] }
        func size(_ computed: Box?) -> Int {
            StepMaker.scratchSize(
                layer.operation, layer.inputs.map { shapes[$0]! }, computed: computed, threads: threads,
                precision: precision)
        }
        guard let bands, let box else { return size(box) }
        let heights = Set(bands.compactMap { $0.computed[stage.outputs[0]]?.count }).subtracting([0])
        return heights.map { size(Box(rows: 0..<$0, columns: box.columns)) }.max() ?? 0
    }

    /// Inputs and outputs of a dense stage over planes that have other rows in memory than it computes.
    fileprivate func copied(_ index: Int, _ loop: Loop) -> [Int] {
        let stage = arranged.stages[index]
        guard stage.isDense, geometry.boxes[stage.outputs[0]] == nil else { return [] }
        let values = stage.inputs + stage.outputs
        return values.indices.filter { slot in
            isWhole(values[slot], in: loop.stages)
                || loop.bands.contains { held(values[slot], in: $0) != $0.computed[stage.outputs[0]] }
        }
    }

    /// Floats that a stage's output has in common with an input that ends with it. stages: of the loop that it is in.
    func reused(_ index: Int, in stages: Range<Int>?) -> Int {
        let stage = arranged.stages[index]
        guard case .overwrite(let inputs) = stage.reuse, let output = stage.outputs.first else { return 0 }
        func ends(_ value: Int) -> Bool { lastUse[roots[value]] == index }
        func isBetween(_ value: Int) -> Bool { stages.map { !isWhole(value, in: $0) } ?? true }
        let size = size(output)
        return inputs.contains {
            ends($0) && geometry.boxes[$0] == geometry.boxes[output] && self.size($0) == size && isBetween($0)
                && isBetween(output)
        } ? size : 0
    }

    /// What a stage may do with its inputs' memory.
    fileprivate func reuse(_ index: Int, _ loop: Loop?) -> LayoutStep.Reuse {
        let stage = arranged.stages[index]
        guard case .overwrite(let inputs) = stage.reuse, let output = stage.outputs.first else {
            return stage.reuse
        }
        return .overwrite(inputs.filter { isSame($0, output, loop) })
    }

    /// Whether two values' memory holds the same pixels at all times.
    private func isSame(_ a: Int, _ b: Int, _ loop: Loop?) -> Bool {
        guard geometry.boxes[a] == geometry.boxes[b] else { return false }
        guard let loop else { return true }
        return !isWhole(a, in: loop.stages) && !isWhole(b, in: loop.stages)
            && loop.bands.allSatisfy { held(a, in: $0) == held(b, in: $0) }
    }
}

extension Stage {
    fileprivate var reuse: LayoutStep.Reuse {
        guard case .layer(let layer) = work else { return .none }
        if layer.addsInput { return .overwrite([inputs[inputs.count - 1]]) }
        switch layer.operation {
        case .identity, .reshape, .flatten: return .view
        case .unary, .prelu, .eltwise, .scale, .batchNorm, .softmax, .mvn: return .overwrite(inputs)
        default: return .none
        }
    }
}
