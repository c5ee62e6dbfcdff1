// Batch: samples as a network takes them.
import FaceSegKit

/// Samples of one size, in the order of their draws.
package struct Batch: Sendable, Equatable {
    /// The number of the first draw; the next batch begins at `firstDraw + names.count`.
    package let firstDraw: Int
    package internal(set) var names: [String] = []
    package internal(set) var width = 0, height = 0
    /// `[count, 3, height, width]`: B, G, R, less the means, times the scale.
    package internal(set) var planes: [Float] = []
    /// `[count, height, width]`, as in ``Sample``.
    package internal(set) var labels: [UInt8] = []
    /// Why others were not taken that were drawn before these.
    package internal(set) var skipped: [FaceSegError] = []

    init(firstDraw: Int) { self.firstDraw = firstDraw }

    /// - Throws: ``FaceSegError/argument(_:)`` when the sample has another size than those before.
    mutating func append(_ made: MadeSample) throws(FaceSegError) {
        guard names.isEmpty || (made.width, made.height) == (width, height) else {
            throw .argument(
                "\(made.name) is \(made.width) x \(made.height) after augmentation, \(names[0]) of the same batch "
                    + "\(width) x \(height); let the recipe end in one size, or take batches of 1")
        }
        (width, height) = (made.width, made.height)
        names.append(made.name)
        planes += made.planes
        labels += made.labels
        skipped += made.skipped
    }
}

/// One sample of a batch.
struct MadeSample: Sendable {
    let name: String, width: Int, height: Int, planes: [Float], labels: [UInt8], skipped: [FaceSegError]
}

extension Sample {
    /// `[3, height, width]`: B, G, R of 0...255, less the means, times the scale.
    ///
    /// - mean: In the order B, G, R.
    package func planes(mean: [Float], scale: Float) -> [Float] {
        let pixels = pixels.span, area = width * height
        return [Float](unsafeUninitializedCapacity: 3 * area) { planes, count in
            for plane in 0..<3 {
                for i in 0..<area {
                    planes[plane * area + i] = (Float(pixels[3 * i + 2 - plane]) - mean[plane]) * scale
                }
            }
            count = 3 * area
        }
    }
}
