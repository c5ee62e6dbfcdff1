// Corruption: ImageNet-C's damages to a photo, for the table of robustness. Not augmentation: the strengths
// are fixed, so that figures compare.
import Media

/// A damage of five severities, each of ImageNet-C's constants (Hendrycks and Dietterich 2019); low light is
/// that of 3D Common Corruptions (Kar et al. 2022). Values are rounded, not cut off, to bytes.
package enum Corruption: String, CaseIterable, Sendable {
    case gaussianNoise = "gaussian noise"
    case shotNoise = "shot noise"
    case gaussianBlur = "gaussian blur"
    case defocus = "defocus"
    case brightness = "brightness"
    case contrast = "contrast"
    case jpeg = "JPEG"
    case pixelate = "pixelate"
    case lowLight = "low light"

    package static let severities = 1...5

    /// One a severity: deviation, photons at white, deviation in pixels, radius in pixels, what is added to
    /// HSV's value, factor, quality, share of the sides, factor.
    package var constants: [Float] {
        switch self {
        case .gaussianNoise: [0.08, 0.12, 0.18, 0.26, 0.38]
        case .shotNoise: [60, 25, 12, 5, 3]
        case .gaussianBlur: [1, 2, 3, 4, 6]
        case .defocus: [3, 4, 6, 8, 10]
        case .brightness: [0.1, 0.2, 0.3, 0.4, 0.5]
        case .contrast: [0.4, 0.3, 0.2, 0.1, 0.05]
        case .jpeg: [25, 18, 15, 10, 7]
        case .pixelate: [0.6, 0.5, 0.4, 0.3, 0.25]
        case .lowLight: [0.6, 0.5, 0.4, 0.3, 0.2]
        }
    }

    /// - Parameters:
    ///   - pixels: `[height, width, 3]`, red first.
    ///   - severity: 1...5.
    ///   - seed: The same seed gives the same bytes; a photo's number, say.
    /// - Throws: ``MediaError`` if the JPEG encoder has no memory.
    /// - Precondition: The pixels have the sides' size, the severity is one of ``severities``.
    package func apply(
        to pixels: inout [UInt8], width: Int, height: Int, severity: Int, seed: UInt64
    ) throws(MediaError) {
        precondition(pixels.count == 3 * width * height && Self.severities.contains(severity))
        let strength = constants[severity - 1]
        var random = SampleRandom(seed: seed, draw: severity, sample: Self.allCases.firstIndex(of: self)!)
        switch self {
        case .gaussianNoise: addNoise(deviation: strength, to: &pixels, random: &random)
        case .shotNoise: countPhotons(atWhite: strength, in: &pixels, random: &random)
        case .gaussianBlur: blur(&pixels, width, height, deviation: strength)
        case .defocus: putOutOfFocus(&pixels, width, height, radius: Int(strength))
        case .brightness: brighten(&pixels, by: strength)
        case .contrast: flatten(&pixels, by: strength)
        case .jpeg: pixels = try throughJPEG(pixels, width, height, quality: Int(strength))
        case .pixelate: pixels = pixelated(pixels, width, height, share: strength)
        case .lowLight: darken(&pixels, by: strength, random: &random)
        }
    }
}
