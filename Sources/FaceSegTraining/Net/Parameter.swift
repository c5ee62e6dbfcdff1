// Parameter: a weight in training, with its gradient. What a solver remembers of it is the solver's.
import FaceSegKit

/// A trained blob of a layer.
package final class Parameter {
    /// The layer's name and the blob's index in it; for layers that share it, the first one's.
    package let layer: String, index: Int
    package let dimensions: [Int]
    /// Factors of the solver's rate and of its weight decay, `lr_mult` and `decay_mult`.
    package let rateFactor: Float, decayFactor: Float
    let data: Buffer
    /// The sum since it was last set to zero; nil: the parameter is frozen.
    let gradient: Buffer?

    /// With numbers not yet set.
    init(
        layer: String, index: Int, dimensions: [Int], rateFactor: Float, decayFactor: Float
    ) throws(FaceSegError) {
        (self.layer, self.index, self.dimensions) = (layer, index, dimensions)
        (self.rateFactor, self.decayFactor) = (rateFactor, decayFactor)
        let count = dimensions.reduce(1, *)
        data = try Buffer(count: count)
        gradient = rateFactor == 0 ? nil : try Buffer(count: count)
        forgetGradient()
    }

    package var count: Int { dimensions.reduce(1, *) }

    package var numbers: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: data.start, count: count)
    }

    package var gradients: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: gradient?.start, count: gradient == nil ? 0 : count)
    }

    func forgetGradient() { gradients.update(repeating: 0) }
}
