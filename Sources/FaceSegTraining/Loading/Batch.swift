// Batch: samples as a network takes them.
import FaceSegKit

/// Samples of one size, in the order of their draws: bytes, which are small, and often the cache's own.
package struct Batch: Sendable, Equatable {
    /// The number of the first draw; the next batch begins at `firstDraw + samples.count`.
    package let firstDraw: Int
    package internal(set) var width = 0, height = 0
    package internal(set) var samples: [Sample] = []
    /// Why others were not taken that were drawn before these.
    package internal(set) var skipped: [FaceSegError] = []

    init(firstDraw: Int) { self.firstDraw = firstDraw }

    package var names: [String] { samples.map(\.name) }

    /// - Throws: ``FaceSegError/argument(_:)`` when the sample has another size than those before.
    mutating func append(_ made: MadeSample) throws(FaceSegError) {
        let sample = made.sample
        guard samples.isEmpty || (sample.width, sample.height) == (width, height) else {
            throw .argument(
                "\(sample.name) is \(sample.width) x \(sample.height) after augmentation, \(names[0]) of the same "
                    + "batch \(width) x \(height); let the recipe end in one size, or take batches of 1")
        }
        (width, height) = (sample.width, sample.height)
        samples.append(sample)
        skipped += made.skipped
    }
}

/// One sample of a batch.
struct MadeSample: Sendable {
    let sample: Sample, skipped: [FaceSegError]
}

extension Sample {
    /// Writes `[3, height, width]`: B, G, R of 0...255, less the means, times the scale.
    ///
    /// - mean: In the order B, G, R.
    func writePlanes(to planes: UnsafeMutablePointer<Float>, mean: [Float], scale: Float) {
        let pixels = pixels.span, area = width * height
        for plane in 0..<3 {
            let to = planes + plane * area, mean = mean[plane]
            for i in 0..<area { to[i] = (Float(pixels[3 * i + 2 - plane]) - mean) * scale }
        }
    }

    /// Writes `[height, width]`: labels are numbers, as Caffe has them.
    func writeLabels(to numbers: UnsafeMutablePointer<Float>) {
        let labels = labels.span
        for i in labels.indices { numbers[i] = Float(labels[i]) }
    }
}
