// CRFTests: the dense CRF on a photo against mean field by exact sums in double, and as a segmenter's refinement. Its
// kernels' own test is Tests/kernels/test_crf.c.
import Foundation
import Media
import Testing

@testable import FaceSegKit

struct CRFTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    private struct Picture {
        let width: Int, height: Int
        var pixels: [UInt8]
    }

    private func astronaut() throws -> Picture {
        let photo = try Photo.read(path: Self.root + "/examples/photos/astronaut.png")
        return Picture(width: photo.width, height: photo.height, pixels: photo.pixels)
    }

    /// A square of the photo reduced by whole steps; each pixel is a mean.
    private func reduced<Number: BinaryInteger>(
        _ values: [Number], channels: Int, width: Int, from: (x: Int, y: Int), step: Int, side: Int
    ) -> [Double] {
        (0..<side * side * channels).map { index in
            let channel = index % channels, x = index / channels % side, y = index / channels / side
            var sum = 0.0
            for v in 0..<step {
                for u in 0..<step {
                    let at = (from.y + y * step + v) * width + from.x + x * step + u
                    sum += Double(values[at * channels + channel])
                }
            }
            return sum / Double(step * step)
        }
    }

    /// Parts of the photo at 48 x 48, with what the network says of the whole photo there.
    @Test(arguments: [(160, 40, 2), (128, 0, 4), (0, 0, 8)])
    func isMeanFieldOfExactSums(x: Int, y: Int, step: Int) throws {
        let photo = try astronaut(), side = 48
        let segmenter = try Segmenter(Model.builtIn(), refinement: .none)
        try segmenter.run(photo.pixels.span, width: photo.width, height: photo.height)
        let image = reduced(
            photo.pixels, channels: 3, width: photo.width, from: (x, y), step: step, side: side
        ).map { UInt8($0.rounded()) }
        var maps: [Float] = []
        for index in 0..<3 {
            let bytes = try segmenter.probability(of: index).pixels.map { Int($0 * 65_536) }
            maps += reduced(bytes, channels: 1, width: photo.width, from: (x, y), step: step, side: side)
                .map { Float($0 / 65_536) }
        }
        var got = maps, out = got.mutableSpan
        try DenseCRF().refine(&out, classes: 3, by: image.span, width: side, height: side)
        let want = CRFReference(side: side, classes: 3, image: image.map(Double.init)).apply(
            maps.map(Double.init))
        let difference = want.indices.map { abs(Double(got[$0]) - want[$0]) }.reduce(0, +)
        #expect(difference / Double(want.count) <= 0.01)
        let plane = side * side
        func label<Number: Comparable>(_ values: [Number], _ i: Int) -> Int {
            (0..<3).max { values[$0 * plane + i] < values[$1 * plane + i] }!
        }
        let same = (0..<plane).count { label(got, $0) == label(want, $0) }
        #expect(Double(same) >= 0.995 * Double(plane), "\(same) of \(plane)")
        #expect((0..<plane).contains { label(got, $0) != label(maps, $0) }, "the CRF does something here")
    }

    private func small() throws -> Picture {
        let photo = try astronaut()
        var pixels: [UInt8] = []
        for y in 0..<48 {
            for x in 0..<64 {
                let at = (y * 8 * 512 + x * 8) * 3
                pixels += photo.pixels[at..<at + 3]
            }
        }
        return Picture(width: 64, height: 48, pixels: pixels)
    }

    private func probabilities(_ segmenter: Segmenter) throws -> [Float] {
        try (0..<3).flatMap { try segmenter.probability(of: $0).pixels }
    }

    /// The network's picture is the photo itself here, so probabilities without refinement are what goes in.
    @Test func aSegmenterRefinesItsProbabilities() throws {
        let photo = try small(), model = try Model.builtIn(options: ModelOptions(workingSize: 64))
        let none = try Segmenter(model, refinement: .none), crf = try Segmenter(model, refinement: .crf)
        var shares: [Float] = []
        try none.run(photo.pixels.span, width: 64, height: 48)
        try crf.run(photo.pixels.span, width: 64, height: 48) {
            shares.append($0)
            return true
        }
        #expect(shares == shares.sorted() && shares.last == 1)
        var want = try probabilities(none), out = want.mutableSpan
        try DenseCRF().refine(&out, classes: 3, by: photo.pixels.span, width: 64, height: 48)
        let got = try probabilities(crf)
        #expect(want.indices.allSatisfy { abs(want[$0] - got[$0]) < 1e-4 })
        #expect(try crf.labels().pixels.count { $0 != 0 } > 100)
    }

    /// Above a million pixels the CRF sees a reduced photo, and the guided filter goes on from there.
    @Test(.timeLimit(.minutes(1))) func largePhotosAreReduced() throws {
        let photo = try astronaut(), width = 1536, height = 1024
        var large = [UInt8](repeating: 0, count: width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let at = (y * width + x) * 3, from = ((y / 2) * 512 + x / 3) * 3
                for c in 0..<3 { large[at + c] = photo.pixels[from + c] }
            }
        }
        let segmenter = try Segmenter(Model.builtIn(), refinement: .crf, crowds: .off)
        let labels = try segmenter.segment(large.span, width: width, height: height)
        #expect(labels[230 * 3, 120 * 2] == 1 && labels[180 * 3, 60 * 2] == 2 && labels[20, 20] == 0)
        let maps = try probabilities(segmenter), plane = width * height
        #expect((0..<plane).allSatisfy { abs(maps[$0] + maps[plane + $0] + maps[2 * plane + $0] - 1) < 1e-4 })
    }

    @Test(arguments: [0.0, 20])
    func outsideARegionIsBackground(angle: Double) throws {
        let photo = try small(), crf = try Segmenter(Model.builtIn(), refinement: .crf)
        let region = Region(x: 20, y: 4, width: 24, height: 30, angle: angle)
        try crf.run(photo.pixels.span, width: 64, height: 48, region: region)
        let got = try probabilities(crf), plane = 64 * 48
        for (x, y) in [(0, 0), (63, 47), (10, 20), (50, 40), (20, 44)] {
            #expect((0..<3).map { got[$0 * plane + y * 64 + x] } == [1, 0, 0])
        }
        #expect((0..<plane).contains { got[$0] < 0.5 }, "something is found inside")
    }

    /// Turned memory is the same photo.
    @Test func orientationChangesNothing() throws {
        let photo = try small(), crf = try Segmenter(Model.builtIn(), refinement: .crf)
        try crf.run(photo.pixels.span, width: 64, height: 48)
        let upright = try crf.labels()
        var turned: [UInt8] = []
        for x in 0..<64 {
            for y in (0..<48).reversed() {
                turned += photo.pixels[(y * 64 + x) * 3..<(y * 64 + x) * 3 + 3]
            }
        }
        try crf.run(turned.span, width: 48, height: 64, orientation: .left)
        let back = try crf.labels()
        let other = (0..<48 * 64).count { upright[$0 % 64, $0 / 64] != back[47 - $0 / 64, $0 % 64] }
        #expect(other < 30, "\(other)")
    }

    @Test(arguments: [(1, 1), (16_384, 1), (1, 300), (7, 5)])
    func oddPhotos(_ size: (width: Int, height: Int)) throws {
        let count = size.width * size.height
        let photo = (0..<3 * count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let crf = try Segmenter(Model.builtIn(), refinement: .crf)
        try crf.run(photo.span, width: size.width, height: size.height)
        let got = try probabilities(crf)
        #expect(got.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect((0..<count).allSatisfy { abs(got[$0] + got[count + $0] + got[2 * count + $0] - 1) < 1e-5 })
    }

    @Test func threadsChangeNothing() throws {
        let photo = try small(), model = try Model.builtIn()
        let results = try [1, 2, 3].map { threads in
            let crf = try Segmenter(model, threads: threads, refinement: .crf)
            try crf.run(photo.pixels.span, width: 64, height: 48)
            return try probabilities(crf)
        }
        #expect((results[0] == results[1] && results[0] == results[2]) as Bool)
    }

    @Test(arguments: [Float(0.1), 0.3, 0.9])
    func aCancelledRunEndsAndTheNextWorks(share: Float) throws {
        let photo = try small(), crf = try Segmenter(Model.builtIn(), refinement: .crf)
        try crf.run(photo.pixels.span, width: 64, height: 48)
        let before = try crf.labels().pixels
        #expect(throws: FaceSegError.cancelled) {
            try crf.run(photo.pixels.span, width: 64, height: 48) { $0 < share }
        }
        #expect(throws: FaceSegError.noResult) { try crf.labels() }
        try crf.run(photo.pixels.span, width: 64, height: 48)
        #expect(try crf.labels().pixels == before)
    }

    @Test func wrongArgumentsAreRefused() throws {
        let photo = [UInt8](repeating: 9, count: 12)
        func refine(_ crf: DenseCRF, classes: Int = 2, count: Int = 8) -> String? {
            var maps = [Float](repeating: 0.25, count: count), out = maps.mutableSpan
            do throws(FaceSegError) {
                try crf.refine(&out, classes: classes, by: photo.span, width: 2, height: 2)
                return nil
            } catch { return "\(error)" }
        }
        #expect(refine(DenseCRF()) == nil)
        let wrong: [(DenseCRF, String)] = [
            (DenseCRF(appearanceWeight: -1), "appearance weight -1.0 is not between 0.0 and 1000.0"),
            (DenseCRF(appearanceWeight: .nan), "appearance weight nan is not between"),
            (DenseCRF(smoothnessDistance: 101), "smoothness distance 101.0 is not between 0.01 and 100.0"),
            (DenseCRF(colorDistance: .infinity), "color distance inf is not between"),
            (DenseCRF(rounds: -1), "rounds -1 is not between 0 and 1000"),
            (DenseCRF(colorDistance: 0.1), "is too small for 2 x 2 pixels"),
        ]
        for (crf, message) in wrong { #expect(refine(crf)?.contains(message) == true, "\(message)") }
        #expect(refine(DenseCRF(), classes: 0)?.contains("classes 0 is not between 1 and 256") == true)
        #expect(refine(DenseCRF(), count: 7)?.contains("7 probabilities, 2 classes") == true)
    }

    /// Without rounds, probabilities are divided by their sums.
    @Test func noRoundsOnlyNormalize() throws {
        var maps: [Float] = [1, 3, .nan, 0, 1, 1, 1, 0], out = maps.mutableSpan
        let photo = [UInt8](repeating: 9, count: 12)
        try DenseCRF(rounds: 0).refine(&out, classes: 2, by: photo.span, width: 2, height: 2)
        let want: [Float] = [0.5, 0.75, 0, 0.5, 0.5, 0.25, 1, 0.5]
        for (got, want) in zip(maps, want) { #expect(abs(got - want) < 2e-5) }
    }
}

/// Kraehenbuehl and Koltun's mean field with sums over all pairs of pixels.
private struct CRFReference {
    let side: Int, classes: Int, image: [Double]

    /// weight D^-1/2 K D^-1/2, `[pixels, pixels]`.
    private func kernel(_ weight: Double, place: Double, color: Double?) -> [Double] {
        let n = side * side
        var values = [Double](repeating: 0, count: n * n), norm = [Double](repeating: 0, count: n)
        for i in 0..<n {
            for j in 0..<n {
                let dx = Double(i % side - j % side), dy = Double(i / side - j / side)
                var exponent = (dx * dx + dy * dy) / (2 * place * place)
                if let color {
                    for c in 0..<3 {
                        let d = image[i * 3 + c] - image[j * 3 + c]
                        exponent += d * d / (2 * color * color)
                    }
                }
                values[i * n + j] = exp(-exponent)
                norm[i] += values[i * n + j]
            }
        }
        for i in 0..<n { for j in 0..<n { values[i * n + j] *= weight / (norm[i] * norm[j]).squareRoot() } }
        return values
    }

    func apply(_ maps: [Double]) -> [Double] {
        let n = side * side, smooth = kernel(3, place: 3, color: nil)
        var kernels = kernel(10, place: 80, color: 13)
        for i in kernels.indices { kernels[i] += smooth[i] }
        let unary = maps.map { log(max($0, 1e-5)) }
        var q = softmax(unary)
        for _ in 0..<10 {
            var energy = unary
            kernels.withUnsafeBufferPointer { kernels in
                for c in 0..<classes {
                    for i in 0..<n {
                        var sum = 0.0
                        for j in 0..<n { sum += kernels[i * n + j] * q[c * n + j] }
                        energy[c * n + i] += sum
                    }
                }
            }
            q = softmax(energy)
        }
        return q
    }

    private func softmax(_ energy: [Double]) -> [Double] {
        let n = side * side
        var q = energy
        for i in 0..<n {
            let most = (0..<classes).map { energy[$0 * n + i] }.max()!
            for c in 0..<classes { q[c * n + i] = exp(energy[c * n + i] - most) }
            let sum = (0..<classes).reduce(0) { $0 + q[$1 * n + i] }
            for c in 0..<classes { q[c * n + i] /= sum }
        }
        return q
    }
}
