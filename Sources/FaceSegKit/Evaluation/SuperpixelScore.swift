// SuperpixelScore: how many superpixels got the right label, the measure of LFW Part Labels.

/// Superpixels by whether most of their pixels were labelled as most of them are (Kae, Sohn, Lee,
/// Learned-Miller, CVPR 2013). Of equally many the lower class counts; a superpixel of which no pixel's class
/// is known is left out.
package struct SuperpixelScore: Equatable, Sendable {
    package private(set) var right = 0, count = 0

    package init() {}

    /// - Precondition: as many numbers as labels.
    package init(truth: [UInt8], labels: [UInt8], superpixels: [Int32], classes: Int) {
        precondition(truth.count == labels.count && truth.count == superpixels.count)
        let none = [Int](repeating: 0, count: classes), empty = Votes(truth: none, found: none)
        let table = Truth.table(classes: classes)
        var votes: [Int32: Votes] = [:]
        for i in truth.indices {
            guard case .isClass(let known) = table[Int(truth[i])] else { continue }
            votes[superpixels[i], default: empty].truth[known] += 1
            votes[superpixels[i], default: empty].found[Int(labels[i])] += 1
        }
        count = votes.count
        right = votes.values.count { winner($0.truth) == winner($0.found) }
    }

    private struct Votes {
        var truth: [Int], found: [Int]
    }

    package static func += (sum: inout SuperpixelScore, other: SuperpixelScore) {
        sum.right += other.right
        sum.count += other.count
    }

    package var accuracy: Double? { share(right, count) }
}

private func winner(_ votes: [Int]) -> Int { votes.indices.reduce(0) { votes[$1] > votes[$0] ? $1 : $0 } }
