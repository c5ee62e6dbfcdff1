// ColorSteps: what changes all pixels by one rule: colors, light, darkness.
import FaceSegKit
import Glibc

/// Brightness, contrast, saturation and hue, by one matrix over red, green and blue.
package struct ColorJitter: AugmentationStep {
    /// Added at most, either way; 1 is white.
    package var brightness: Float = 0.15
    /// Factors are within 1 less and 1 more than this.
    package var contrast: Float = 0.3
    package var saturation: Float = 0.4
    /// Degrees around the grey axis, either way.
    package var hue: Float = 12

    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        let brightness = random.number(in: -brightness...brightness)
        let contrast = 1 + random.number(in: -contrast...contrast)
        let saturation = 1 + random.number(in: -saturation...saturation)
        let hue = random.number(in: -hue...hue) * .pi / 180
        let matrix = ColorJitter.matrix(saturation: saturation, hue: hue).map { contrast * $0 }
        let offset = 255 * brightness + 127.5 * (1 - contrast)
        var pixels = sample.pixels.mutableSpan
        for i in stride(from: 0, to: pixels.count, by: 3) {
            let (r, g, b) = (Float(pixels[i]), Float(pixels[i + 1]), Float(pixels[i + 2]))
            for c in 0..<3 {
                pixels[i + c] = byte(
                    matrix[3 * c] * r + matrix[3 * c + 1] * g + matrix[3 * c + 2] * b + offset)
            }
        }
    }

    /// `[3, 3]`: a turn around the grey axis, then mixed with the grey of the same luma. Grey stays grey.
    static func matrix(saturation: Float, hue: Float) -> [Float] {
        let (cosine, sine) = (cos(hue), sin(hue) / Float(3).squareRoot())
        let (same, next, last) = (
            cosine + (1 - cosine) / 3, (1 - cosine) / 3 - sine, (1 - cosine) / 3 + sine
        )
        let turn = [same, next, last, last, same, next, next, last, same]
        let luma: [Float] = [0.299, 0.587, 0.114]
        return (0..<9).map { i in
            let grey = (0..<3).reduce(0) { $0 + luma[$1] * turn[3 * $1 + i % 3] }
            return grey + saturation * (turn[i] - grey)
        }
    }
}

/// Another color of the light: each channel has its own factor.
package struct WhiteBalance: AugmentationStep {
    /// Red and blue grow or shrink by this factor at most, green by its root.
    package var strength: Float = 1.3

    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        let strengths = [strength, strength.squareRoot(), strength]
        var factors: [Float] = []
        for strength in strengths { factors.append(random.factor(in: 1 / strength...strength)) }
        sample.map { channel, level in factors[channel] * level }
    }
}

/// Mid tones brighter or darker; black and white stay.
package struct Gamma: AugmentationStep {
    package var exponent: ClosedRange<Float> = 0.6...1.7

    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        let exponent = random.factor(in: exponent)
        sample.map { _, level in 255 * pow(level / 255, exponent) }
    }
}

/// Bad light: `factor * x^exponent`, as evaluation darkens by 0.35 and 2.2.
package struct Darkened: AugmentationStep {
    package var factor: ClosedRange<Float> = 0.15...0.7
    package var exponent: ClosedRange<Float> = 1...2.4

    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        let factor = random.factor(in: factor), exponent = random.factor(in: exponent)
        sample.map { _, level in 255 * factor * pow(level / 255, exponent) }
    }
}

extension Sample {
    /// Replaces every level of every channel, 0...255, by a function of it.
    fileprivate mutating func map(_ value: (_ channel: Int, _ level: Float) -> Float) {
        let table = (0..<3).flatMap { channel in (0..<256).map { byte(value(channel, Float($0))) } }
        let levels = table.span
        var pixels = self.pixels.mutableSpan
        for i in stride(from: 0, to: pixels.count, by: 3) {
            for c in 0..<3 { pixels[i + c] = levels[256 * c + Int(pixels[i + c])] }
        }
    }
}
