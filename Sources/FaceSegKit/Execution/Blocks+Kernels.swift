// Blocks: a value in blocks within the arena, moving values between planes and blocks, and filling their frames.
import Kernels

/// A value in blocks: memory for the pixels of `box`.
struct Blocks {
    let start: UnsafeMutablePointer<Float>
    let shape: Shape
    /// Pixels that the memory holds.
    let box: Box
    /// Pixels that the value's stage computes.
    let computed: Box
    /// Channels of a block.
    let channels: Int

    /// Blocks of channels.
    var planes: Int { (shape[1] + channels - 1) / channels }
    var rowStep: Int { box.columns.count * channels }
    var planeStep: Int { box.rows.count * rowStep }

    /// The kernels' form of it, seen from a pixel.
    func seen(from row: Int, _ column: Int) -> fsk_blocks {
        let offset = (row - box.rows.lowerBound) * rowStep + (column - box.columns.lowerBound) * channels
        return fsk_blocks(
            pixels: start + offset, row_step: rowStep, plane_step: planeStep, batch_step: planes * planeStep)
    }

    /// From the first computed pixel.
    var fromComputed: fsk_blocks { seen(from: computed.rows.lowerBound, computed.columns.lowerBound) }

    /// All numbers, frames and missing channels included.
    var count: Int { shape[0] * planes * planeStep }
}

/// A frame that is filled after each run of the stage before it.
struct FrameStep: Step {
    let arguments: fsk_block_frame
    let rows: [Int32], columns: [Int32]

    func run(_ workers: Workers) {
        rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
                var arguments = arguments
                (arguments.rows, arguments.columns) = (rows.baseAddress, columns.baseAddress)
                withUnsafePointer(to: arguments) { arguments in
                    workers.withPool { fsk_block_frame_run(arguments, $0) }
                }
            }
        }
    }
}

/// Picks the pixels of a border's table from a value of the smaller picture.
struct CaptureStep: Step {
    let blocks: Blocks
    let indices: BorderIndices
    let table: BorderTable

    func run(_ workers: Workers) {
        var to = table.numbers.start
        for plane in 0..<blocks.planes {
            for row in indices.rows.twins {
                for column in indices.columns.twins {
                    let pixel = blocks.seen(from: row, column).pixels! + plane * blocks.planeStep
                    to.update(from: pixel, count: blocks.channels)
                    to += blocks.channels
                }
            }
        }
    }
}

/// Where a plan's values lie in its arena.
struct PlanPlaces {
    private let outline: PlanOutline
    private let arena: UnsafeMutablePointer<Float>

    init(_ outline: PlanOutline, _ arena: UnsafeMutablePointer<Float>) {
        (self.outline, self.arena) = (outline, arena)
    }

    private func start(_ index: Int) -> UnsafeMutablePointer<Float> { arena + outline.layout.offsets[index]! }
    private func shape(_ index: Int) -> Shape { outline.shapes[outline.arranged.values[index].value]! }

    /// A value in planes.
    func tensor(_ index: Int) -> Tensor { Tensor(start: start(index), shape: shape(index)) }

    private func blocks(_ index: Int) -> Blocks? {
        guard case .blocks(let channels) = outline.arranged.values[index].arrangement else { return nil }
        return Blocks(
            start: start(index), shape: shape(index), box: outline.geometry.boxes[index]!,
            computed: outline.geometry.computed[index]!, channels: channels)
    }

    /// The steps of a stage.
    func steps(_ stage: Stage, of network: Network, _ packed: PackedWeights) throws(FaceSegError)
        -> [any Step]
    {
        switch stage.work {
        case .toBlocks:
            let blocks = blocks(stage.outputs[0])!
            return [KernelStep(copy(tensor(stage.inputs[0]), blocks), fsk_block_from_planes)]
        case .toPlanes:
            let blocks = blocks(stage.inputs[0])!
            return [KernelStep(copy(tensor(stage.outputs[0]), blocks), fsk_block_to_planes)]
        case .layer(let layer):
            let scratch = arena + outline.layout.size
            let outputs = stage.outputs.compactMap(blocks)
            if !outputs.isEmpty {
                return BlockStepMaker(
                    layer: network.layers[layer.layer], fused: layer, precision: outline.precision,
                    weights: packed,
                    inputs: stage.inputs.compactMap(blocks), y: outputs[0], scratch: scratch
                ).steps()
            }
            return try StepMaker(
                layer: network.layers[layer.layer], slope: layer.slope, weights: packed,
                inputs: stage.inputs.map(tensor), outputs: stage.outputs.map(tensor), scratch: scratch
            ).steps()
        }
    }

    private func copy(_ planes: Tensor, _ blocks: Blocks) -> fsk_block_copy {
        fsk_block_copy(
            planes: planes.read, blocks: blocks.seen(from: 0, 0), batch: planes.shape[0],
            channels: planes.shape[1],
            height: planes.shape[2], width: planes.shape[3], block: blocks.channels)
    }

    /// The step that fills a border's table from a value.
    func capture(_ index: Int, _ indices: BorderIndices) throws(FaceSegError) -> CaptureStep {
        let blocks = blocks(index)!
        return CaptureStep(blocks: blocks, indices: indices, table: try indices.table(planes: blocks.planes))
    }

    /// The step that fills all of a value with one number a channel, and the table that it reads.
    func fill(_ index: Int, _ numbers: [Float]) throws(FaceSegError) -> (any Step, BorderTable) {
        let blocks = blocks(index)!, indices = BorderIndices(blocks.box, constant: blocks.shape)
        let table = try indices.table(planes: blocks.planes)
        table.numbers.whole.update(repeating: 0)
        for (channel, number) in numbers.enumerated() { table.numbers.start[channel] = number }
        return (frame(blocks, table, indices), table)
    }

    /// The step that fills a value's frame, if it has one.
    func frame(_ index: Int, _ table: BorderTable?) -> [any Step] {
        guard let blocks = blocks(index), blocks.box != blocks.computed else { return [] }
        let value = outline.arranged.values[index]
        // Tables hold whole blocks. What is narrow was moved there with all its pixels: its frame is padding.
        guard let table, value.arrangement == .blocks else { return [frame(blocks, nil, nil)] }
        return [frame(blocks, table, outline.indices(value.value))]
    }

    private func frame(_ blocks: Blocks, _ table: BorderTable?, _ indices: BorderIndices?) -> any Step {
        let box = blocks.box, computed = blocks.computed
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
