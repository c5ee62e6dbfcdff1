// SampleRandom: the random numbers of one sample. Not for secrets.
import Glibc

/// SplitMix64 (Steele, Lea, Flood 2014), begun at a function of the seed, the draw and the sample alone: what
/// a sample becomes does not depend on the thread that makes it, or on what was made before it.
package struct SampleRandom: RandomNumberGenerator, Sendable {
    private var generator: SplitMix

    init(state: UInt64) { generator = SplitMix(seed: state) }

    /// - Parameters:
    ///   - draw: The draw's number in training, counted from 0; the epoch where samples come in order.
    ///   - sample: The sample's number in its data set.
    package init(seed: UInt64, draw: Int = 0, sample: Int = 0) {
        generator = SplitMix(seed: seed)
        for part in [draw, sample] {
            generator = SplitMix(seed: generator.next() ^ UInt64(bitPattern: Int64(part)))
        }
        generator = SplitMix(seed: generator.next())
    }

    package mutating func next() -> UInt64 { generator.next() }

    /// At least 0, below 1; 24 bits.
    package mutating func unit() -> Float { generator.uniform() }

    package mutating func number(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    /// Uniform in the logarithm; the range is above 0.
    package mutating func factor(in range: ClosedRange<Float>) -> Float {
        range.lowerBound * pow(range.upperBound / range.lowerBound, unit())
    }

    package mutating func integer(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// Of mean 0 and deviation 1, by Box and Muller.
    package mutating func normal() -> Float {
        let radius = (-2 * log(1 - unit())).squareRoot()
        return radius * cos(2 * .pi * unit())
    }

    /// A place in a list, each as often as its weight says. One at least is above 0, none below.
    mutating func place(byWeights weights: [Float]) -> Int {
        var rest = unit() * weights.reduce(0, +)
        let place = weights.firstIndex { weight in
            rest -= weight
            return rest < 0
        }
        return place ?? weights.lastIndex { $0 > 0 }!
    }

    /// True as often as `probability`, 0...1, says.
    package mutating func chance(_ probability: Float) -> Bool { unit() < probability }
}
