// SampleCache: the samples of a data set, decoded once as far as memory is given.
import FaceSegKit
import Media

/// Samples by number, for any number of threads.
///
/// Samples that were read stay until the limit is reached; later ones are read anew each time. With random
/// draws that finds as many as any other rule would, and where they come in order more than keeping the
/// latest.
package final class SampleCache: Sendable {
    package typealias Read = @Sendable (_ index: Int) throws(MediaError) -> Sample

    /// How many samples there are.
    package let count: Int
    private let byteLimit: Int, read: Read
    private let kept = Monitor(Kept())

    private struct Kept {
        var samples: [Int: Sample] = [:]
        var bytes = 0
    }

    /// - Parameters:
    ///   - byteLimit: Of decoded pixels and labels, 4 bytes a pixel.
    ///   - read: Called for numbers below `count`, from several threads at a time.
    package init(count: Int, byteLimit: Int, read: @escaping Read) {
        (self.count, self.byteLimit, self.read) = (count, byteLimit, read)
    }

    /// - Throws: ``FaceSegError/file(path:byte:reason:)`` that names what cannot be read.
    package func sample(at index: Int) throws(FaceSegError) -> Sample {
        if let sample = kept.withLock({ $0.samples[index] }) { return sample }
        do {
            let sample = try read(index)
            keep(sample, index)
            return sample
        } catch {
            throw FaceSegError(error)
        }
    }

    /// Any of the samples at these places, as a source of an augmentation; nil: there is none.
    package func draw(of places: [Int]) -> SampleDraw? {
        guard !places.isEmpty else { return nil }
        return { (random) throws(FaceSegError) in
            try self.sample(at: places[random.integer(in: 0...places.count - 1)])
        }
    }

    /// Two threads may have read the same one.
    private func keep(_ sample: Sample, _ index: Int) {
        let bytes = sample.pixels.count + sample.labels.count
        kept.withLock { kept in
            guard kept.bytes + bytes <= byteLimit, kept.samples[index] == nil else { return }
            kept.samples[index] = sample
            kept.bytes += bytes
        }
    }
}

extension FaceSegError {
    init(_ error: MediaError) { self = .file(path: error.path, byte: nil, reason: error.reason) }
}
