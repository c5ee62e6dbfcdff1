// ConfusionMatrix: how often what is there was labelled how, and the scores that are made of it. Where in a
// photo is not known here.

/// Pixels by what they are and what they were labelled.
///
/// Figures are FCN's (Long, Shelhamer, Darrell 2015), with n_ij pixels of class i labelled j, t_i of class i:
/// an accuracy is undefined without pixels of the class, an IU only where the class is in neither picture.
/// Means leave undefined ones out. A pixel of which is known only that it is not of class k is a false one of
/// k, if it was labelled k, and nothing else; it counts for pixel accuracy. Where there are such pixels,
/// classes that no pixel is known to be of are not judged.
package struct ConfusionMatrix: Sendable, Equatable {
    package let classes: Int
    /// `[true class, label]`.
    package private(set) var counts: [Int]
    /// `[class, label]` of pixels that are known not to be of the class.
    package private(set) var excluded: [Int]
    private let truths: [Truth]

    /// - Parameter classes: 1 to 256.
    package init(classes: Int) {
        self.classes = classes
        counts = [Int](repeating: 0, count: classes * classes)
        excluded = counts
        truths = Truth.table(classes: classes)
    }

    /// - Parameters:
    ///   - truth: A label for each pixel, as ``Truth`` reads them.
    ///   - labels: What was found, each below ``classes``.
    /// - Precondition: There are as many of both.
    package mutating func add(truth: [UInt8], labels: [UInt8]) {
        precondition(truth.count == labels.count)
        // By pairs of bytes first: there are fewer of them than pixels.
        var pairs = [Int](repeating: 0, count: 256 * classes)
        for (truth, label) in zip(truth, labels) { pairs[Int(truth) * classes + Int(label)] += 1 }
        for (label, truth) in truths.enumerated() {
            for found in 0..<classes {
                let count = pairs[label * classes + found]
                switch truth {
                case .isClass(let i): counts[i * classes + found] += count
                case .isNot(let i): excluded[i * classes + found] += count
                case .nothing: break
                }
            }
        }
    }

    /// - Precondition: Both have as many classes.
    package static func += (sum: inout ConfusionMatrix, other: ConfusionMatrix) {
        precondition(sum.classes == other.classes)
        for i in sum.counts.indices {
            sum.counts[i] += other.counts[i]
            sum.excluded[i] += other.excluded[i]
        }
    }
}

// Sums.
extension ConfusionMatrix {
    package subscript(truth: Int, label: Int) -> Int { counts[truth * classes + label] }

    /// t_i
    package func truePixels(of i: Int) -> Int { (0..<classes).reduce(0) { $0 + self[i, $1] } }

    private func labelledPixels(of i: Int) -> Int { (0..<classes).reduce(0) { $0 + self[$1, i] } }

    /// Of pixels that are known not to be of class i.
    private func wronglyLabelled(_ i: Int) -> Int { excluded[i * classes + i] }

    /// Pixels of which something is known.
    package var judgedPixels: Int { (counts + excluded).reduce(0, +) }

    private var hasExclusions: Bool { excluded.contains { $0 > 0 } }

    private var all: Range<Int> { 0..<classes }
}

// Scores, 0...1; nil: undefined.
extension ConfusionMatrix {
    /// Σ n_ii / Σ n
    package var pixelAccuracy: Double? {
        let right = all.reduce(0) { $0 + self[$1, $1] }
        let notWrong = excluded.reduce(0, +) - all.reduce(0) { $0 + wronglyLabelled($1) }
        return share(right + notWrong, judgedPixels)
    }

    /// n_ii / t_i
    package func accuracy(of i: Int) -> Double? { share(self[i, i], truePixels(of: i)) }

    /// n_ii / (t_i + Σ_j n_ji - n_ii)
    package func iu(of i: Int) -> Double? { isJudged(i) ? share(self[i, i], sum(i) - self[i, i]) : nil }

    /// 2 n_ii / (t_i + Σ_j n_ji)
    package func f1(of i: Int) -> Double? { isJudged(i) ? share(2 * self[i, i], sum(i)) : nil }

    package var meanAccuracy: Double? { mean(all.map(accuracy)) }

    package var meanIU: Double? { mean(all.map(iu)) }

    package var meanF1: Double? { mean(all.map(f1)) }

    /// Σ t_i IU_i / Σ t
    package var frequencyWeightedIU: Double? {
        let pixels = all.map(truePixels), total = pixels.reduce(0, +)
        guard total > 0 else { return nil }
        return all.reduce(0) { $0 + Double(pixels[$1]) * (iu(of: $1) ?? 0) } / Double(total)
    }

    private func isJudged(_ i: Int) -> Bool { truePixels(of: i) > 0 || !hasExclusions }

    private func sum(_ i: Int) -> Int { truePixels(of: i) + labelledPixels(of: i) + wronglyLabelled(i) }
}

func share(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }

/// Of those that are defined.
package func mean(_ scores: [Double?]) -> Double? {
    let defined = scores.compactMap { $0 }
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
}
