// SampleDraws: which sample a draw is of, and what augmentation makes of it: a function of the seed and the draw's number
// alone. Threads that read ahead are SampleLoader's.
import FaceSegKit

/// How samples are drawn.
package enum DrawOrder: Sendable {
    /// Each draw is of any sample: FCN's training.
    case withReplacement
    /// Each draw is of one of these, as often as its share says, and there of any sample.
    case shared([DrawShare])
    /// One after the other, and from the start again.
    case inOrder
}

/// Samples that are drawn together, say of one data set.
package struct DrawShare: Sendable, Equatable {
    package let samples: Range<Int>
    /// Above 0; of the sum of all.
    package let weight: Float

    package init(samples: Range<Int>, weight: Float) { (self.samples, self.weight) = (samples, weight) }
}

/// Samples by the number of their draw, for any number of threads.
struct SampleDraws: Sendable {
    let samples: SampleCache, order: DrawOrder, seed: UInt64
    /// What is done to the sample of a draw.
    let recipe: @Sendable (_ draw: Int) -> Recipe

    /// - tries: samples of this draw that turned out to be broken; another is taken, in order the next.
    func sample(_ draw: Int, tries: Int = 0) throws(FaceSegError) -> Sample {
        let index = index(draw, tries: tries)
        var sample = try samples.sample(at: index)
        var random = SampleRandom(seed: seed, draw: draw, sample: index)
        try recipe(draw).apply(to: &sample, random: &random)
        return sample
    }

    /// Numbers below 0 are no sample's, so this chance is none of theirs.
    private func index(_ draw: Int, tries: Int) -> Int {
        var random = SampleRandom(seed: seed, draw: draw, sample: -1 - tries)
        switch order {
        case .inOrder: return (draw + tries) % samples.count
        case .withReplacement: return random.integer(in: 0...samples.count - 1)
        case .shared(let shares):
            let samples = shares[random.place(byWeights: shares.map(\.weight))].samples
            return random.integer(in: samples.lowerBound...samples.upperBound - 1)
        }
    }
}
