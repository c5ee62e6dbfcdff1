// Degradation: what cameras and files do to a picture: blur, noise, JPEG.
import FaceSegKit
import Glibc
import Media

/// Out of focus, by a Gaussian.
package struct Blurred: AugmentationStep {
    /// In pixels.
    package var deviation: ClosedRange<Float> = 0.4...2

    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        blur(&sample.pixels, sample.width, sample.height, deviation: random.factor(in: deviation))
    }
}

/// Noise of a camera: each pixel and channel its own, or the same in all channels.
package struct Noisy: AugmentationStep {
    /// In levels.
    package var deviation: ClosedRange<Float> = 2...25
    package var greyShare: Float = 0.3

    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        let deviation = random.factor(in: deviation), isGrey = random.chance(greyShare)
        let levels = NormalQuantiles.shared.values.map { Int16((deviation * $0).rounded()) }
        let noise = levels.span
        var pixels = sample.pixels.mutableSpan
        for i in stride(from: 0, to: pixels.count, by: 3) {
            let bits = random.next()
            for c in 0..<3 {
                let added = noise[Int(truncatingIfNeeded: bits >> (isGrey ? 0 : 12 * c)) & 4095]
                pixels[i + c] = UInt8(min(max(Int16(pixels[i + c]) + added, 0), 255))
            }
        }
    }
}

/// Squares and rings of strong compression.
package struct Compressed: AugmentationStep {
    package var quality = 15...85

    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        let quality = random.integer(in: quality)
        do {
            sample.pixels = try throughJPEG(sample.pixels, sample.width, sample.height, quality: quality)
        } catch {
            throw .file(path: sample.name, byte: nil, reason: error.reason)
        }
    }
}

/// 4,096 equally likely normal numbers: a table is six times as fast as a logarithm and a cosine for each.
private struct NormalQuantiles {
    static let shared = NormalQuantiles()
    /// Rising, of mean 0 and deviation 1, but for 0.1 %.
    let values: [Float]

    /// Steps along the bell until each value's share is reached.
    private init() {
        let step = 1e-3, height = step / (2 * Double.pi).squareRoot()
        var place = -6.0, share = 0.0
        values = (0..<4096).map { i in
            while share < (Double(i) + 0.5) / 4096 {
                share += height * exp(-place * place / 2)
                place += step
            }
            return Float(place)
        }
    }
}
