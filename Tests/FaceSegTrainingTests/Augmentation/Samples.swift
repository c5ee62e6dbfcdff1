// What the tests of augmentation share: small samples made by rule.
import FaceSegKit
import Testing

@testable import FaceSegTraining

extension Sample {
    /// No two pixels alike near each other; labels 0, 1, 2 in patches of 4 x 4.
    static func patterned(width: Int = 19, height: Int = 14, name: String = "patterned") -> Sample {
        var pixels: [UInt8] = [], labels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                pixels += [UInt8(11 * x % 256), UInt8(13 * y % 256), UInt8((5 * x + 7 * y) % 256)]
                labels.append(UInt8((x / 4 + y / 4) % 3))
            }
        }
        return Sample(name: name, width: width, height: height, pixels: pixels, labels: labels)
    }

    /// A head of label 1 with hair of label 2 above it, in the middle of one color.
    static func head(side: Int = 24, background: UInt8 = 90, color: UInt8 = 200) -> Sample {
        var head = Sample(
            name: "head", width: side, height: side, color: Color(background, background, background))
        for y in side / 4..<side * 3 / 4 {
            for x in side / 3..<side * 2 / 3 {
                head.labels[y * side + x] = y < side / 2 ? 2 : 1
                for c in 0..<3 { head.pixels[3 * (y * side + x) + c] = color }
            }
        }
        return head
    }

    func color(_ x: Int, _ y: Int) -> [UInt8] { Array(pixels[3 * (y * width + x)..<3 * (y * width + x) + 3]) }
    func label(_ x: Int, _ y: Int) -> UInt8 { labels[y * width + x] }

    func after(_ step: any AugmentationStep, seed: Int = 1) throws -> Sample {
        var sample = self, random = SampleRandom(seed: UInt64(seed))
        try step.apply(to: &sample, random: &random)
        return sample
    }
}

extension Color {
    var levels: [UInt8] { [red, green, blue] }
}
