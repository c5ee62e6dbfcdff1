// PlanPlaces: the steps of a plan's stages over the places of their values, for all rows or for those of one band.
// What the steps of a layer are is StepMaker's and BlockStepMaker's.
import Kernels

/// Where a plan's values lie in its arena.
struct PlanPlaces {
    private let outline: PlanOutline
    private let arena: UnsafeMutablePointer<Float>
    /// The rows that count; nil: all.
    private let band: Band?

    init(_ outline: PlanOutline, _ arena: UnsafeMutablePointer<Float>, band: Band? = nil) {
        (self.outline, self.arena, self.band) = (outline, arena, band)
    }

    /// The same during a band.
    func during(_ band: Band?) -> PlanPlaces { PlanPlaces(outline, arena, band: band) }

    private func start(_ index: Int) -> UnsafeMutablePointer<Float> {
        arena + outline.arena.layout.offsets[index]!
    }
    private func shape(_ index: Int) -> Shape { outline.banding.shape(index) }

    /// The rows of a value that a band makes; nil: of others, and outside bands.
    private func rows(_ index: Int) -> (held: Range<Int>, computed: Range<Int>)? {
        guard let band, let computed = band.computed[outline.banding.roots[index]] else { return nil }
        return (outline.banding.held(index, in: band), computed)
    }

    /// A value in planes.
    func tensor(_ index: Int) -> Tensor {
        Tensor(start: start(index), shape: shape(index), rows: rows(index))
    }

    private func blocks(_ index: Int) -> Blocks? {
        guard case .blocks(let channels) = outline.arranged.values[index].arrangement else { return nil }
        var box = outline.geometry.boxes[index]!, computed = outline.geometry.computed[index]!
        if let rows = rows(index) { (box.rows, computed.rows) = rows }
        let lasts = band.map { $0.held[outline.banding.roots[index]] == nil } ?? false
        return Blocks(
            start: start(index), shape: shape(index), box: box, computed: computed, channels: channels,
            isPart: lasts)
    }

    /// The steps of stage `index`.
    func steps(_ index: Int, of network: Network, _ packed: PackedWeights) throws(FaceSegError)
        -> [any Step]
    {
        let stage = outline.arranged.stages[index]
        if let output = stage.outputs.first, let rows = rows(output), rows.computed.isEmpty { return [] }
        switch stage.work {
        case .toBlocks:
            let blocks = blocks(stage.outputs[0])!
            return [
                KernelStep(
                    copy(tensor(stage.inputs[0]), blocks, blocks.computed.rows), fsk_block_from_planes)
            ]
        case .toPlanes:
            let tensor = tensor(stage.outputs[0])
            return [
                KernelStep(copy(tensor, blocks(stage.inputs[0])!, tensor.computed), fsk_block_to_planes)
            ]
        case .layer(let layer):
            let scratch = arena + outline.arena.scratch(index)
            let outputs = stage.outputs.compactMap(blocks)
            if !outputs.isEmpty {
                return BlockStepMaker(
                    layer: network.layers[layer.layer], fused: layer, precision: outline.precision,
                    weights: packed,
                    inputs: stage.inputs.compactMap(blocks), y: outputs[0], scratch: scratch
                ).steps()
            }
            guard band != nil, stage.isDense else {
                return try StepMaker(
                    layer: network.layers[layer.layer], slope: layer.slope, weights: packed,
                    inputs: stage.inputs.map(tensor), outputs: stage.outputs.map(tensor), scratch: scratch
                ).steps()
            }
            return try dense(index, stage, layer, of: network, packed)
        }
    }

    /// The steps of a stage over planes that lie without a gap: a band's rows alone, moved there where they lie with
    /// others.
    private func dense(
        _ index: Int, _ stage: Stage, _ layer: FusedLayer, of network: Network, _ packed: PackedWeights
    ) throws(FaceSegError) -> [any Step] {
        let rows = tensor(stage.outputs[0]).computed
        var before: [any Step] = [], after: [any Step] = [], tensors: [Tensor] = []
        for (position, value) in (stage.inputs + stage.outputs).enumerated() {
            let whole = tensor(value), copy = outline.arena.copy(index, position)
            let part = Tensor(
                start: copy.map { arena + $0 } ?? whole.start, shape: whole.shape, rows: (rows, rows))
            if copy != nil, position < stage.inputs.count {
                before.append(StepMaker.rows(rows, from: whole, to: part))
            } else if copy != nil {
                after.append(StepMaker.rows(rows, from: part, to: whole))
            }
            let shape = try whole.shape.replacing(2..<3, with: [rows.count], layer: "")
            tensors.append(Tensor(start: part.start, shape: shape))
        }
        let maker = StepMaker(
            layer: network.layers[layer.layer], slope: layer.slope, weights: packed,
            inputs: Array(tensors[..<stage.inputs.count]), outputs: Array(tensors[stage.inputs.count...]),
            scratch: arena + outline.arena.scratch(index))
        return try before + maker.steps() + after
    }

    private func copy(_ planes: Tensor, _ blocks: Blocks, _ rows: Range<Int>) -> fsk_block_copy {
        fsk_block_copy(
            planes: planes.read + (rows.lowerBound - planes.held.lowerBound) * planes.shape[3],
            blocks: blocks.seen(from: rows.lowerBound, 0), batch: planes.shape[0],
            channels: planes.shape[1], height: rows.count, width: planes.shape[3], block: blocks.channels,
            plane_step: planes.planeStep)
    }

    /// The step that fills a border's table from a value.
    func capture(_ index: Int, _ indices: BorderIndices, _ table: BorderTable?) throws(FaceSegError)
        -> CaptureStep
    {
        let blocks = blocks(index)!
        if let table { return CaptureStep(blocks: blocks, indices: indices, table: table) }
        return CaptureStep(
            blocks: blocks, indices: indices, table: try indices.table(planes: blocks.planes))
    }

    /// The step that fills all of a value with one number a channel, and the table that it reads.
    func fill(_ index: Int, _ numbers: [Float]) throws(FaceSegError) -> (any Step, BorderTable) {
        let blocks = blocks(index)!, indices = BorderIndices(blocks.box, constant: blocks.shape)
        let table = try indices.table(planes: blocks.planes)
        table.numbers.whole.update(repeating: 0)
        for (channel, number) in numbers.enumerated() { table.numbers.start[channel] = number }
        return (frame(blocks, blocks.box.rows, table, indices), table)
    }

    /// The step that fills a value's frame, if it has one.
    ///
    /// - besideComputed: what lies left and right of the rows that are computed alone.
    func frame(_ index: Int, _ table: BorderTable?, besideComputed: Bool = false) -> [any Step] {
        guard let blocks = blocks(index), blocks.box != blocks.computed else { return [] }
        let value = outline.arranged.values[index]
        let rows = besideComputed ? blocks.computed.rows : blocks.box.rows
        // Tables hold whole blocks. What is narrow was moved there with all its pixels: its frame is padding.
        guard let table, value.arrangement == .blocks else { return [frame(blocks, rows, nil, nil)] }
        let first = rows.lowerBound - outline.geometry.boxes[index]!.rows.lowerBound
        let indices = outline.indices(value.value).map { $0.rows(first..<first + rows.count) }
        return [frame(blocks, rows, table, indices)]
    }

    /// - rows: those of the memory that are filled.
    private func frame(
        _ blocks: Blocks, _ rows: Range<Int>, _ table: BorderTable?, _ indices: BorderIndices?
    ) -> any Step {
        let box = Box(rows: rows, columns: blocks.box.columns), computed = blocks.computed
        var arguments = fsk_block_frame()
        arguments.y = blocks.seen(from: box.rows.lowerBound, box.columns.lowerBound)
        (arguments.batch, arguments.planes, arguments.block) = (
            blocks.shape[0], blocks.planes, blocks.channels
        )
        (arguments.height, arguments.width) = (box.rows.count, box.columns.count)
        arguments.first_row = computed.rows.lowerBound - box.rows.lowerBound
        arguments.last_row = computed.rows.upperBound - box.rows.lowerBound
        arguments.first_column = computed.columns.lowerBound - box.columns.lowerBound
        arguments.last_column = computed.columns.upperBound - box.columns.lowerBound
        guard let table, let indices else { return FrameStep(arguments: arguments, rows: [], columns: []) }
        arguments.table = UnsafePointer(table.numbers.start)
        (arguments.table_height, arguments.table_width) = (table.height, table.width)
        return FrameStep(arguments: arguments, rows: indices.rows.indices, columns: indices.columns.indices)
    }
}
