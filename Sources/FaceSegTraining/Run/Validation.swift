// Validation: how good the net of a run is on photos that it is not trained with, in its test net's form.
import FaceSegKit

/// A test net that shares the trained weights.
package final class Validation {
    private let net: TrainingNet, data: TrainingData
    private let workers: Workers, precision: Precision, recipe: Recipe, mostPhotos: Int
    private static let mostExamples = 12
    let classes: Int
    private var plans: [[Int]: TrainingPlan] = [:]
    private let scores: String

    /// - mostPhotos: of the split, in its order.
    init(
        _ files: SolverFiles, sharing train: TrainingNet, _ data: TrainingData, workers: Workers,
        precision: Precision,
        recipe: Recipe, mostPhotos: Int
    ) throws(FaceSegError) {
        guard let message = files.validation else { throw .argument("the solver names no test net") }
        let shapes = try [
            data.request.data: Shape([1, 3, 512, 512]), data.request.label: Shape([1, 1, 512, 512]),
        ]
        net = try TrainingNet(message, state: files.validationState, shapes: shapes, sharing: train)
        (self.data, self.workers, self.precision) = (data, workers, precision)
        (self.recipe, self.mostPhotos) = (recipe, mostPhotos)
        guard let loss = net.layers.first(where: { $0.operation.isLoss }) else {
            throw .argument("the test net has no loss, whose first input are the scores")
        }
        // What a Split stands before is the blob itself.
        scores = net.origin(of: loss.bottoms[0])
        classes = try net.shapes(shapes)[loss.bottoms[0]].planes(layer: loss.name).channels
    }

    /// - isStopped: asked before each photo.
    /// - Returns: nil if it was stopped.
    func run(
        iteration: Int, seconds: Double, isStopped: () -> Bool
    ) throws(FaceSegError) -> ValidationReport? {
        var matrix = ConfusionMatrix(classes: classes), loss = 0.0, examples: [Sample] = []
        let photos = min(data.set.count, mostPhotos)
        for index in 0..<photos {
            if isStopped() { return nil }
            var sample = try data.cache(bytes: 0).sample(at: index)
            var random = SampleRandom(seed: 0, draw: 0, sample: index)
            try recipe.apply(to: &sample, random: &random)
            let plan = try plan(sample)
            loss += Double(try plan.forward())
            let labels = plan.labels(of: scores)
            matrix.add(truth: sample.labels, labels: labels)
            if examples.count < Validation.mostExamples {
                sample.labels = labels
                examples.append(sample)
            }
        }
        return ValidationReport(
            iteration: iteration, loss: loss / Double(max(photos, 1)), matrix: matrix, examples: examples,
            seconds: seconds)
    }

    /// A plan for the sample's size with the sample in it.
    private func plan(_ sample: Sample) throws(FaceSegError) -> TrainingPlan {
        let size = [sample.height, sample.width]
        let data = try Shape([1, 3] + size), label = try Shape([1, 1] + size)
        if plans[size] == nil {
            plans.removeAll()
            plans[size] = try TrainingPlan(
                net, shapes: [self.data.request.data: data, self.data.request.label: label], workers: workers,
                clock: TrainingClock(), precision: precision, watching: [scores])
        }
        let plan = plans[size]!, request = self.data.request
        sample.writePlanes(
            to: plan.feed(named: request.data)!.numbers.baseAddress!, mean: request.mean, scale: request.scale
        )
        if let label = plan.feed(named: request.label) {
            sample.writeLabels(to: label.numbers.baseAddress!)
        }
        return plan
    }
}

extension TrainingNet {
    /// The name of a blob before the Splits that hand it on.
    fileprivate func origin(of blob: Int) -> String {
        guard let split = layers.first(where: { $0.type == "Split" && $0.tops.contains(blob) }) else {
            return blobNames[blob]
        }
        return origin(of: split.bottoms[0])
    }
}

extension TrainingPlan {
    /// The class with the highest score at each pixel, the first of equal ones.
    package func labels(of name: String) -> [UInt8] {
        guard let blob = blob(named: name) else { return [] }
        let classes = blob.shape[1], area = blob.shape.inner(1), scores = blob.numbers
        return (0..<blob.shape[0] * area).map { pixel in
            let start = pixel / area * classes * area + pixel % area
            var best = 0
            for c in 1..<max(classes, 1) where scores[start + c * area] > scores[start + best * area] {
                best = c
            }
            return UInt8(best)
        }
    }
}
