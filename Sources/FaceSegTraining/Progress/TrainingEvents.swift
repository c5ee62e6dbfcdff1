// TrainingEvents: what a run tells those who watch it. How it is shown is theirs: log.csv, Caffe's lines, a plot, a bar.
import FaceSegKit

/// One iteration that is done.
package struct IterationReport: Sendable {
    /// Updates done before it, as Caffe counts.
    package let iteration: Int
    /// Mean of the last `average_loss` iterations.
    package let loss: Float
    package let rate: Float
    /// Outputs of the last pass that are numbers of one or a few: losses and accuracies.
    package let outputs: [(name: String, values: [Float], lossWeight: Float)]
    /// Since the run began, or went on.
    package let seconds: Double
    package let images: Int
}

/// Validation after so many updates.
package struct ValidationReport: Sendable {
    package let iteration: Int
    package let loss: Double
    package let matrix: ConfusionMatrix
    /// The first photos with what the net made of them in the labels' place.
    package let examples: [Sample]
    package let seconds: Double
}

package enum TrainingEvent: Sendable {
    case iteration(IterationReport)
    case validation(ValidationReport)
    /// The path of the `.solverstate`.
    case snapshot(String)
    case skipped(FaceSegError)
}

/// Watches a run. Called on the run's thread.
package protocol TrainingObserver {
    mutating func see(_ event: TrainingEvent) throws(FaceSegError)
}
