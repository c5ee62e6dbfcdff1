// AugmentationStep: what a recipe is made of, and how steps combine. Each step has a file of its kind.
import FaceSegKit

/// One change of a sample. A value: all chance comes from `random`, so the same numbers give the same sample.
package protocol AugmentationStep: Sendable {
    /// - Throws: ``FaceSegError`` when the sample cannot be changed so, or a picture it needs cannot be read.
    func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError)
}

/// A step that is taken by chance.
package struct Sometimes: AugmentationStep {
    let probability: Float, step: any AugmentationStep

    package init(_ probability: Float, _ step: any AugmentationStep) {
        (self.probability, self.step) = (probability, step)
    }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        if random.chance(probability) { try step.apply(to: &sample, random: &random) }
    }
}

/// One of several steps, each as often as its weight says.
package struct Chosen: AugmentationStep {
    let choices: [(weight: Float, step: any AugmentationStep)]

    /// - Precondition: One weight at least is above 0.
    package init(_ choices: [(weight: Float, step: any AugmentationStep)]) {
        self.choices = choices.filter { $0.weight > 0 }
        precondition(!self.choices.isEmpty)
    }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        try choices[random.place(byWeights: choices.map(\.weight))].step.apply(to: &sample, random: &random)
    }
}

/// Steps one after the other.
package struct Recipe: AugmentationStep {
    package let steps: [any AugmentationStep]

    package init(_ steps: [any AugmentationStep]) { self.steps = steps }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        for step in steps { try step.apply(to: &sample, random: &random) }
    }
}

/// Gives some sample of a data set. Called from several threads at a time.
package typealias SampleDraw = @Sendable (inout SampleRandom) throws(FaceSegError) -> Sample

extension Sample {
    /// Every pixel's class is known.
    var isFullyLabelled: Bool { labels.allSatisfy { $0 < 128 } }
}
