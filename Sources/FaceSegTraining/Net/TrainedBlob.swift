// TrainedBlob: a blob of a net in training: its numbers and their gradient. Not a weight: those are Parameters.
import FaceSegKit

/// Numbers that flow through a net, with what the loss says of them.
package final class TrainedBlob {
    package let name: String
    package let shape: Shape
    let layout: BlobLayout
    /// In blocks: the pixels that the memory holds.
    private let box: Box?
    /// Another blob's too where a layer works in place or only hands on.
    let data: Buffer
    /// d loss / d data, laid out alike, written by the backward pass of the one layer that takes this blob; nil: nobody
    /// asks.
    let gradient: Buffer?
    /// Of the ReLU that made the numbers, if the gradient is that of what went into it: then the layer that takes the
    /// blob multiplies by the ReLU's slope as it writes.
    let reluSlope: Float?

    init(
        name: String, shape: Shape, layout: BlobLayout, box: Box?, data: Buffer, gradient: Buffer?,
        reluSlope: Float?
    ) {
        (self.name, self.shape, self.layout, self.box) = (name, shape, layout, box)
        (self.data, self.gradient, self.reluSlope) = (data, gradient, reluSlope)
    }

    /// Numbers in memory, frames and missing channels included.
    var count: Int { data.count }

    /// The numbers of a blob in planes, for who feeds the net or looks at it between two runs.
    package var numbers: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: data.start, count: data.count)
    }

    /// The gradient, likewise; empty if nobody asked for it.
    package var gradients: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: gradient?.start, count: gradient?.count ?? 0)
    }

    /// In blocks: the numbers, or the gradient.
    func blocks(_ buffer: Buffer) -> Blocks {
        guard case .blocks(let channels) = layout, let box else {
            preconditionFailure("\(name) is in planes")
        }
        return Blocks(start: buffer.start, shape: shape, box: box, computed: Box(shape), channels: channels)
    }

    var blocks: Blocks { blocks(data) }
    var gradientBlocks: Blocks? { gradient.map { blocks($0) } }
}
