// Blocks: a value in blocks within the arena, moving values between planes and blocks, and filling their frames.
import Kernels

/// A value in blocks: memory for the pixels of `box`.
package struct Blocks {
    package let start: UnsafeMutablePointer<Float>
    package let shape: Shape
    /// Pixels that the memory holds.
    package let box: Box
    /// Pixels that the value's stage computes.
    package let computed: Box
    /// Channels of a block.
    package let channels: Int
    /// Whether the memory lasts, and the computed rows are those that a band adds.
    var isPart = false

    package init(
        start: UnsafeMutablePointer<Float>, shape: Shape, box: Box, computed: Box, channels: Int,
        isPart: Bool = false
    ) {
        (self.start, self.shape, self.box, self.computed) = (start, shape, box, computed)
        (self.channels, self.isPart) = (channels, isPart)
    }

    /// Blocks of channels.
    package var planes: Int { (shape[1] + channels - 1) / channels }
    package var rowStep: Int { box.columns.count * channels }
    package var planeStep: Int { box.rows.count * rowStep }

    /// The kernels' form of it, seen from a pixel.
    package func seen(from row: Int, _ column: Int) -> fsk_blocks {
        let offset = (row - box.rows.lowerBound) * rowStep + (column - box.columns.lowerBound) * channels
        return fsk_blocks(
            pixels: start + offset, row_step: rowStep, plane_step: planeStep, batch_step: planes * planeStep)
    }

    /// From the first computed pixel.
    package var fromComputed: fsk_blocks { seen(from: computed.rows.lowerBound, computed.columns.lowerBound) }

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

/// Picks the pixels of a border's table from a value of the smaller picture: those of the rows that were computed.
struct CaptureStep: Step {
    let blocks: Blocks
    let indices: BorderIndices
    let table: BorderTable

    func run(_ workers: Workers) {
        var to = table.numbers.start
        for plane in 0..<blocks.planes {
            for row in indices.rows.twins {
                guard blocks.computed.rows.contains(row) else {
                    to += indices.columns.twins.count * blocks.channels
                    continue
                }
                for column in indices.columns.twins {
                    let pixel = blocks.seen(from: row, column).pixels! + plane * blocks.planeStep
                    to.update(from: pixel, count: blocks.channels)
                    to += blocks.channels
                }
            }
        }
    }
}
