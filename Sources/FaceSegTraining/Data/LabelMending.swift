// LabelMending: what a trained network sees better than those who labelled a set, written into the labels: people whom
// nobody labelled, and classes of which a set knows nothing. The sets' own files stay as they are; whoever trains with
// mended masks names their folder (DataSet.mended). A beard stays what its set calls it.
import FaceSegKit
import Glibc
import Media

/// New labels for a photo.
///
///     let labels = LabelMending(probabilities: probabilities)
///         .labels(of: sample, labelsOnePerson: true)
package struct LabelMending {
    /// `[class][height * width]`, background first.
    package let probabilities: [[Float]]
    /// A probability from which on a pixel is of a class, where the set says nothing but of which it is not.
    package var certain: Float = 0.9
    /// Around labelled people, as a share of the photo's longer side, the set is right.
    package var distance = 0.06

    package init(probabilities: [[Float]]) { self.probabilities = probabilities }

    /// The sample's labels, but
    /// - of a pixel of which no more is known than what it is not (``Sample/not(_:)``), the class of which the network is
    ///   certain;
    /// - where one person alone is labelled, ``Sample/ignored`` for what is called background far from there and is more
    ///   likely somebody.
    ///
    /// - Precondition: there is a probability of each pixel for each class.
    package func labels(of sample: Sample, labelsOnePerson: Bool) -> [UInt8] {
        var labels = sample.labels
        precondition(probabilities.allSatisfy { $0.count == labels.count })
        for pixel in labels.indices {
            guard let excluded = Sample.excluded(by: labels[pixel]) else { continue }
            let found = probabilities.indices.first { probabilities[$0][pixel] >= certain }
            if let found, found != excluded { labels[pixel] = UInt8(found) }
        }
        if labelsOnePerson { ignoreOthers(&labels, sample.width, sample.height) }
        return labels
    }

    private func ignoreOthers(_ labels: inout [UInt8], _ width: Int, _ height: Int) {
        let reach = Int((distance * Double(max(width, height))).rounded(.up))
        let isNear = widened(labels.map { $0 != 0 }, width, height, reach)
        for pixel in labels.indices where !isNear[pixel] && probabilities[0][pixel] < 0.5 {
            labels[pixel] = Sample.ignored
        }
    }
}

/// The pixels of a mask and those whose row and column are at most so far from one of them.
private func widened(_ mask: [Bool], _ width: Int, _ height: Int, _ reach: Int) -> [Bool] {
    /// Along lines that begin at each of `starts`.
    func along(_ mask: [Bool], _ count: Int, step: Int, starts: some Sequence<Int>) -> [Bool] {
        var wide = mask
        for start in starts {
            var last = -reach - 1  // that is set, from here and then from the other end
            for i in 0..<count {
                if mask[start + i * step] { last = i }
                if i - last <= reach { wide[start + i * step] = true }
            }
            last = count + reach
            for i in (0..<count).reversed() {
                if mask[start + i * step] { last = i }
                if last - i <= reach { wide[start + i * step] = true }
            }
        }
        return wide
    }
    let rows = along(mask, width, step: 1, starts: stride(from: 0, to: width * height, by: width))
    return along(rows, height, step: width, starts: 0..<width)
}

extension DataSet {
    /// Where the mended mask of a photo of this set lies.
    package func mendedMask(of index: Int, in folder: String) -> String {
        join(join(folder, title), photos[index].name + ".png")
    }

    /// The set with the masks that are in such a folder for its photos, and its own for the others.
    package func mended(from folder: String) -> DataSet {
        var set = self
        for index in photos.indices {
            let mask = mendedMask(of: index, in: folder)
            guard access(mask, F_OK) == 0 else { continue }
            set.photos[index].labels = .mended(mask, set.photos[index].labels)
        }
        return set
    }
}

extension LabelledPhoto {
    /// Whether its labels lack something that ``LabelMending`` may know.
    package var canBeMended: Bool { labelsOnePerson || labels != .background && !labels.isWhole }
}
