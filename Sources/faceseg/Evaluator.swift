// Evaluator: runs a network on labelled photos, as they are and under conditions, and gathers scores. Says
// nothing but of photos that fail.
import FaceSegKit
import FaceSegTraining
import Media

/// What came of a set.
struct EvaluatedSet {
    let title: String
    var photos: [EvaluatedPhoto] = []
    /// By condition; plain is always there.
    var scores: [Condition: SetScore]

    var plain: SetScore { scores[.plain]! }

    /// Points of mean F1, as shares, that a condition costs.
    func lost(_ condition: Condition) -> Double? {
        guard let plain = plain.matrix.meanF1, let score = scores[condition]?.matrix.meanF1 else {
            return nil
        }
        return plain - score
    }
}

struct EvaluatedPhoto {
    let name: String, width: Int, height: Int, score: PhotoScore
}

/// A photo that is kept for the report.
struct WorstPhoto {
    let set: String, photo: LabelledPhoto, accuracy: Double, labels: [UInt8]
}

struct Evaluator {
    let classNames: [String], conditions: [Condition]
    private(set) var results: [EvaluatedSet] = []
    private(set) var failures: [(photo: String, message: String)] = []
    /// Of all sets, by share of wrong pixels.
    private(set) var worst: [WorstPhoto] = []
    private let segmenter: Segmenter, keepsWorst: Bool
    private var set: DataSet?

    private static let mostWorst = 20

    init(_ segmenter: Segmenter, conditions: [Condition], keepsWorst: Bool) throws(CommandError) {
        let model = segmenter.model
        guard model.classCount > 0 else {
            throw .failed("the model does not tell how many classes it has; declare its input's shape")
        }
        classNames = (0..<model.classCount).map { i in
            i < model.info.classNames.count ? model.info.classNames[i] : "class \(i)"
        }
        (self.segmenter, self.conditions, self.keepsWorst) = (segmenter, conditions, keepsWorst)
    }

    private var empty: [Condition: SetScore] {
        Dictionary(uniqueKeysWithValues: conditions.map { ($0, SetScore(classes: classNames.count)) })
    }

    mutating func begin(_ set: DataSet) {
        self.set = set
        results.append(EvaluatedSet(title: set.title, scores: empty))
    }

    /// The sum of all sets, where there are several.
    var together: [EvaluatedSet] {
        guard results.count > 1 else { return [] }
        var all = EvaluatedSet(title: "all sets", scores: empty)
        for result in results {
            for condition in conditions { all.scores[condition]! += result.scores[condition]! }
        }
        return [all]
    }

    /// Judges a photo of the set that has begun. One that cannot be is told of and left out.
    ///
    /// - progress: is given the share of the conditions that are done.
    mutating func judge(_ index: Int, progress: (Double) -> Void) {
        guard let set else { return }
        do {
            let sample = try set.sample(at: index), superpixels = try set.superpixels(at: index)
            try check(superpixels, set, index, sample)
            var scores: [PhotoScore] = [], labels: [UInt8] = []
            for (number, condition) in conditions.enumerated() {
                let given = try condition.applied(to: sample, index: index)
                let found = try look(at: given)
                if condition == .plain { labels = found.labels }
                scores.append(
                    PhotoScore(
                        width: given.width, height: given.height, truth: given.labels, labels: found.labels,
                        probabilities: found.probabilities,
                        superpixels: condition.keepsPlaces ? superpixels : nil))
                progress(Double(number + 1) / Double(conditions.count))
            }
            add(scores, sample)
            if keepsWorst { keep(set.title, set.photos[index], scores[0], labels) }
        } catch {
            let message = error is MediaError ? "\(error)" : "\(set.photos[index].photo): \(error)"
            Console.complain(message)
            failures.append((set.photos[index].photo, message))
        }
    }

    private func check(_ superpixels: [Int32]?, _ set: DataSet, _ index: Int, _ sample: Sample)
        throws(MediaError)
    {
        guard let superpixels, superpixels.count != sample.labels.count else { return }
        throw MediaError(
            path: set.photos[index].superpixels ?? set.title,
            reason: "\(superpixels.count) numbers for \(sample.width) x \(sample.height) pixels")
    }

    private func look(at sample: Sample) throws(FaceSegError) -> (labels: [UInt8], probabilities: [[Float]]) {
        let labels = try segmenter.segment(sample.pixels.span, width: sample.width, height: sample.height)
        var probabilities: [[Float]] = []
        for i in classNames.indices { probabilities.append(try segmenter.probability(of: i).pixels) }
        return (labels.pixels, probabilities)
    }

    private mutating func add(_ scores: [PhotoScore], _ sample: Sample) {
        let last = results.count - 1
        for (condition, score) in zip(conditions, scores) { results[last].scores[condition]!.add(score) }
        results[last].photos.append(
            EvaluatedPhoto(name: sample.name, width: sample.width, height: sample.height, score: scores[0]))
    }

    private mutating func keep(_ set: String, _ photo: LabelledPhoto, _ score: PhotoScore, _ labels: [UInt8])
    {
        guard let accuracy = score.matrix.pixelAccuracy else { return }
        let place = worst.firstIndex { $0.accuracy > accuracy } ?? worst.count
        worst.insert(WorstPhoto(set: set, photo: photo, accuracy: accuracy, labels: labels), at: place)
        if worst.count > Self.mostWorst { worst.removeLast() }
    }
}
