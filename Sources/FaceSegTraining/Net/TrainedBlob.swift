// TrainedBlob: a blob of a net in training: its numbers and their gradient. Not a weight: those are Parameters.
import FaceSegKit

/// Numbers that flow through a net, with what the loss says of them.
package final class TrainedBlob {
    package let name: String
    package let shape: Shape
    /// `[shape]`, over planes. Another blob's too where a layer works in place or only hands on.
    let data: Buffer
    /// d loss / d data, written by the backward pass of the one layer that takes this blob; nil: nobody asks.
    let gradient: Buffer?

    init(name: String, shape: Shape, data: Buffer? = nil, gradient: Buffer?) throws(FaceSegError) {
        (self.name, self.shape, self.gradient) = (name, shape, gradient)
        self.data = if let data { data } else { try Buffer(count: shape.count) }
    }

    /// The numbers, for who feeds the net or looks at it between two runs.
    package var numbers: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: data.start, count: shape.count)
    }

    /// The gradient, likewise; empty if nobody asked for it.
    package var gradients: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: gradient?.start, count: gradient == nil ? 0 : shape.count)
    }
}
