// SegmentationScore: all scores of one photo, and of a set of them. Running a network is the caller's.
import Glibc

/// How well one photo was labelled.
package struct PhotoScore: Sendable {
    package let matrix: ConfusionMatrix
    /// Of each of ``BoundaryScore/tolerances``, of each class; nil: undefined.
    package let boundaryF1: [[Double?]]
    package let superpixels: SuperpixelScore?
    /// Softmax with loss, as Caffe's without normalisation: the sum of -ln p over pixels.
    package let loss: Double

    /// - Parameters:
    ///   - truth: `[height, width]`, as ``Truth`` reads them.
    ///   - labels: `[height, width]`, what was found.
    ///   - probabilities: Of each class, `[height, width]`.
    ///   - superpixels: `[height, width]`; nil: not known.
    package init(
        width: Int, height: Int, truth: [UInt8], labels: [UInt8], probabilities: [[Float]],
        superpixels: [Int32]?
    ) {
        let classes = probabilities.count
        var matrix = ConfusionMatrix(classes: classes)
        matrix.add(truth: truth, labels: labels)
        self.matrix = matrix
        boundaryF1 = BoundaryScore(width: width, height: height).f1(
            truth: truth, labels: labels, classes: classes)
        self.superpixels = superpixels.map {
            SuperpixelScore(truth: truth, labels: labels, superpixels: $0, classes: classes)
        }
        loss = softmaxLoss(truth: truth, probabilities: probabilities)
    }
}

/// -ln p of the true class, of those excluded -ln (1 - p), summed over pixels. As in Caffe a probability
/// counts as FLT_MIN at least.
func softmaxLoss(truth: [UInt8], probabilities: [[Float]]) -> Double {
    let table = Truth.table(classes: probabilities.count), least = Float.leastNormalMagnitude
    return truth.indices.reduce(0.0) { sum, i in
        switch table[Int(truth[i])] {
        case .isClass(let known): sum - log(Double(max(probabilities[known][i], least)))
        case .isNot(let other): sum - log(Double(max(1 - probabilities[other][i], least)))
        case .nothing: sum
        }
    }
}

/// How well the photos of a set were labelled.
package struct SetScore: Sendable {
    /// Of all pixels of the set.
    package private(set) var matrix: ConfusionMatrix
    package private(set) var superpixels = SuperpixelScore()
    package private(set) var photos = 0
    private var photoF1s: [MeanScore], boundaryF1s: [[MeanScore]], loss = 0.0

    package init(classes: Int) {
        matrix = ConfusionMatrix(classes: classes)
        photoF1s = Array(repeating: MeanScore(), count: classes)
        boundaryF1s = BoundaryScore.tolerances.map { [photoF1s] _ in photoF1s }
    }

    package mutating func add(_ photo: PhotoScore) {
        matrix += photo.matrix
        if let more = photo.superpixels { superpixels += more }
        photos += 1
        loss += photo.loss
        for i in photoF1s.indices {
            photoF1s[i].add(photo.matrix.f1(of: i))
            for k in boundaryF1s.indices { boundaryF1s[k][i].add(photo.boundaryF1[k][i]) }
        }
    }

    package static func += (sum: inout SetScore, other: SetScore) {
        sum.matrix += other.matrix
        sum.superpixels += other.superpixels
        sum.photos += other.photos
        sum.loss += other.loss
        for i in sum.photoF1s.indices {
            sum.photoF1s[i].add(other.photoF1s[i])
            for k in sum.boundaryF1s.indices { sum.boundaryF1s[k][i].add(other.boundaryF1s[k][i]) }
        }
    }

    /// The mean over those photos in which it is defined.
    package func photoF1(of i: Int) -> Double? { photoF1s[i].mean }

    /// Likewise.
    ///
    /// - tolerance: a place in ``BoundaryScore/tolerances``.
    package func boundaryF1(of i: Int, tolerance: Int = 0) -> Double? { boundaryF1s[tolerance][i].mean }

    /// Of a photo, in the mean.
    package var meanLoss: Double? { photos > 0 ? loss / Double(photos) : nil }
}

private struct MeanScore: Sendable {
    var sum = 0.0, count = 0

    mutating func add(_ score: Double?) {
        guard let score else { return }
        sum += score
        count += 1
    }

    mutating func add(_ other: MeanScore) {
        sum += other.sum
        count += other.count
    }

    var mean: Double? { count > 0 ? sum / Double(count) : nil }
}
