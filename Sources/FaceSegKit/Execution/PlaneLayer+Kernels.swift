// PlaneLayer: one layer without a product, over planes whose places are the caller's: the forward passes of training,
// and those backward passes that are another layer's forward one. Not fused and not planned.
import Kernels

/// A layer made ready for places that stay.
package struct PlaneLayer {
    private let steps: [any Step]

    /// - gain, shift: the factors and addends of a Scale, or the slopes of a PReLU (gain), read at each run.
    /// - Throws: ``FaceSegError/network(layer:reason:)`` or ``FaceSegError/shape(layer:expected:got:)``.
    package init(
        _ name: String, _ operation: Operation, inputs: [PlanePlace], outputs: [PlanePlace],
        gain: Buffer? = nil,
        shift: Buffer? = nil
    ) throws(FaceSegError) {
        let layer = Layer(name: name, type: "", inputs: [], outputs: [], operation: operation, weights: [])
        steps = try StepMaker(
            layer: layer, slope: nil, weights: .channels(gain: gain, shift: shift),
            inputs: inputs.map(\.tensor), outputs: outputs.map(\.tensor),
            scratch: UnsafeMutablePointer(bitPattern: 64)!  // products alone have any
        ).steps()
    }

    package func run(_ workers: Workers) { for step in steps { step.run(workers) } }
}

/// Where a blob of the caller's lies.
package struct PlanePlace {
    fileprivate let tensor: Tensor

    package init(_ buffer: Buffer, _ shape: Shape) { tensor = Tensor(start: buffer.start, shape: shape) }
}

extension Unary.Kind {
    /// The kernel's number of the function, and its three parameters.
    package var kernel: (kind: Int32, a: Float, b: Float, c: Float) {
        let (kind, a, b, c) = parameters
        return (Int32(kind), a, b, c)
    }
}
