// ImageNet-C's damages against their formulas: moments where there is chance, values where there is none.
import Glibc
import Media
import Testing

@testable import FaceSegTraining

@Suite struct CorruptionTests {
    /// 23 x 17 pixels, no two rows or channels alike.
    static let picture: [UInt8] = (0..<3 * 23 * 17).map { (i: Int) in UInt8((i * i / 7 + 13 * i) % 256) }

    func corrupted(
        _ corruption: Corruption, _ severity: Int, _ pixels: [UInt8] = picture, width: Int = 23,
        seed: UInt64 = 1
    ) throws -> [UInt8] {
        var pixels = pixels
        try corruption.apply(
            to: &pixels, width: width, height: pixels.count / 3 / width, severity: severity, seed: seed)
        return pixels
    }

    @Test(arguments: Corruption.allCases)
    func sameSeedSameBytes(corruption: Corruption) throws {
        let first = try corrupted(corruption, 2)
        #expect(try corrupted(corruption, 2) == first && first != Self.picture)
        let chance = [.gaussianNoise, .shotNoise, .lowLight].contains(corruption)
        #expect(try (corrupted(corruption, 2, seed: 3) != first) == chance)
    }

    /// Stronger damages are further from the photo.
    @Test(arguments: Corruption.allCases)
    func severitiesGrow(corruption: Corruption) throws {
        let smooth = (0..<3 * 64 * 64).map { (i: Int) -> UInt8 in
            let across = sin(Double(i / 3 % 64) / 5 + Double(i % 3)), down = cos(Double(i / 192) / 4)
            return UInt8(110 + 60 * across + 40 * down)
        }
        let errors = try Corruption.severities.map { severity in
            zip(smooth, try corrupted(corruption, severity, smooth, width: 64)).reduce(0) {
                $0 + (Int($1.0) - Int($1.1)) * (Int($1.0) - Int($1.1))
            }
        }
        #expect(errors == errors.sorted() && errors[0] > 0, "\(errors)")
    }

    @Test(arguments: Corruption.allCases)
    func onePixel(corruption: Corruption) throws {
        for severity in Corruption.severities {
            #expect(try corrupted(corruption, severity, [10, 200, 90], width: 1).count == 3)
        }
    }

    /// Levels from which nothing is cut off; 12,288 numbers, so four errors of a mean are 3.6 % of a deviation.
    struct Noise { let corruption: Corruption, severity: Int, level: UInt8, mean: Double, deviation: Double }

    static let noises = [
        Noise(corruption: .gaussianNoise, severity: 1, level: 128, mean: 128, deviation: 0.08 * 255),
        Noise(corruption: .gaussianNoise, severity: 2, level: 128, mean: 128, deviation: 0.12 * 255),
        // Deviations of n = level / 255 * photons, which are the root of n, times 255 / photons.
        Noise(corruption: .shotNoise, severity: 1, level: 60, mean: 60, deviation: 15.969),
        Noise(corruption: .shotNoise, severity: 2, level: 60, mean: 60, deviation: 24.739),
        // .6 and .4 (200 / 255)^2 of white; variances of 120 photons and of the camera.
        Noise(corruption: .lowLight, severity: 1, level: 200, mean: 94.118, deviation: 14.868),
        Noise(corruption: .lowLight, severity: 3, level: 200, mean: 62.745, deviation: 12.426),
    ]

    @Test(arguments: noises)
    func moments(of noise: Noise) throws {
        let flat = [UInt8](repeating: noise.level, count: 3 * 64 * 64)
        let bytes = try corrupted(noise.corruption, noise.severity, flat, width: 64)
        let seen = FaceSegTrainingTests.moments(bytes.map { Float($0) })
        #expect(abs(seen.mean - noise.mean) < 0.036 * noise.deviation, "\(seen)")
        #expect(abs(seen.deviation / noise.deviation - 1) < 0.03, "\(seen)")
    }

    /// HSV by hand: (50, 100, 25) has value 100; .2 more is 151, and hue and saturation stay.
    @Test func brightness() throws {
        #expect(
            try corrupted(.brightness, 2, [50, 100, 25, 0, 0, 0, 255, 10, 0], width: 3) == [
                76, 151, 38, 51, 51, 51, 255, 10, 0,
            ])
    }

    /// Means 100, 50, 200; differences shrink to .4.
    @Test func contrast() throws {
        #expect(
            try corrupted(.contrast, 1, [50, 0, 190, 150, 100, 210], width: 2) == [80, 30, 196, 120, 70, 204])
    }

    @Test func jpegIsMediasOwn() throws {
        let file = try encodeJPEG(width: 23, height: 17, channels: 3, pixels: Self.picture, quality: 25)
        #expect(try corrupted(.jpeg, 1) == Photo.decode(file, name: "").pixels)
    }

    /// Ten pixels to six: Pillow's boxes are 0 1, 2, 3 4, 5 6, 7, 8 9, as the edges 1.67, 3.33 ... are rounded.
    @Test func pixelate() throws {
        let row = (0..<10).flatMap { x in [UInt8](repeating: UInt8(10 * x), count: 3) }
        let seen = try corrupted(.pixelate, 1, row, width: 10)
        #expect(stride(from: 0, to: 30, by: 3).map { seen[$0] } == [5, 5, 20, 35, 35, 55, 55, 70, 85, 85])
    }

    @Test(arguments: Corruption.severities)
    func gaussianBlurIsANaiveSum(severity: Int) throws {
        let deviation = [1.0, 2, 3, 4, 6][severity - 1], reach = Int(4 * deviation)
        let weight = { (d: Int) in exp(-Double(d * d) / (2 * deviation * deviation)) }
        let area = (-reach...reach).reduce(0) { $0 + weight($1) }
        let seen = try corrupted(.gaussianBlur, severity)
        for (x, y, channel) in [(0, 0, 0), (22, 16, 2), (11, 8, 1), (3, 15, 0)] {
            var sum = 0.0
            for v in -reach...reach {
                for u in -reach...reach {
                    let column = min(max(x + u, 0), 22), row = min(max(y + v, 0), 16)
                    sum += weight(u) * weight(v) * Double(Self.picture[3 * (23 * row + column) + channel])
                }
            }
            let expected = sum / (area * area)
            #expect(abs(Double(seen[3 * (23 * y + x) + channel]) - expected) < 0.51)
        }
    }

    /// A lone white pixel becomes the disk: 29 pixels of 255/29 at radius 3; softer edges beyond.
    @Test func defocus() throws {
        var point = [UInt8](repeating: 0, count: 3 * 41 * 41)
        for c in 0..<3 { point[3 * (20 * 41 + 20) + c] = 255 }
        let sharp = try corrupted(.defocus, 1, point, width: 41)
        for i in 0..<41 * 41 {
            let x = i % 41 - 20, y = i / 41 - 20
            #expect(sharp[3 * i] == (x * x + y * y <= 9 ? 9 : 0))
        }
        let soft = try corrupted(.defocus, 2, point, width: 41)
        // 49 pixels, smoothed by .107 .787 .107 both ways: at the rim (4, 0) that leaves .726 of 255 / 49.
        let row = [20, 24, 25].map { x in soft[3 * (20 * 41 + x)] }
        #expect(row == [5, 4, 0])
    }
}
