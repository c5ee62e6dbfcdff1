// GuidedTests: guided refinement from photo to rows: against the published equations in double where nothing is
// enlarged, and what it promises elsewhere. The filter's own test is Tests/kernels/test_guided.c.
import Foundation
import Media
import Testing

@testable import FaceSegKit

struct GuidedTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    /// The astronaut's head, reduced by taking each eighth pixel: 64 x 48, R, G, B.
    private func head() throws -> [UInt8] {
        let photo = try Photo.read(path: Self.root + "/examples/photos/astronaut.png")
        return (0..<48).flatMap { y in
            (0..<64).flatMap { x in
                (0..<3).map { photo.pixels[((y * 8) * photo.width + x * 8) * 3 + $0] }
            }
        }
    }

    private func segmenter(_ refinement: Refinement, side: Int = 64) throws -> Segmenter {
        try Segmenter(
            Model.builtIn(options: ModelOptions(workingSize: side)), threads: 2, refinement: refinement)
    }

    private func probabilities(_ segmenter: Segmenter) throws -> [[Float]] {
        try (0..<3).map { try segmenter.probability(of: $0).pixels }
    }

    /// The network's picture is the photo itself here, so probabilities without refinement are what is filtered.
    @Test func isThePublishedFilter() throws {
        let photo = try head(), none = try segmenter(.none), guided = try segmenter(.guided)
        try none.run(photo.span, width: 64, height: 48)
        try guided.run(photo.span, width: 64, height: 48)
        let maps = try probabilities(none), got = try probabilities(guided)
        let colors = (0..<3).map { c in (0..<64 * 48).map { Double(photo[$0 * 3 + c]) } }
        let filter = GuidedReference(width: 64, height: 48, radius: 1, colors: colors, smoothness: 0.005)
        var wanted = (1...2).map { c in filter.apply(maps[c].map(Double.init)).map { min(max($0, 0), 1) } }
        let sums = wanted[0].indices.map { wanted[0][$0] + wanted[1][$0] }
        for c in 0..<2 { for i in sums.indices { wanted[c][i] /= max(sums[i], 1) } }
        wanted.insert(sums.map { max(1 - $0, 0) }, at: 0)
        for c in 0..<3 {
            let worst = wanted[c].indices.map { abs(Double(got[c][$0]) - wanted[c][$0]) }.max()!
            #expect(worst < 2e-4, "class \(c)")
        }
        let changed = wanted[2].indices.count { abs(wanted[2][$0] - Double(maps[2][$0])) > 0.01 }
        #expect(changed > 20, "the filter does something here")
    }

    /// An edge between the left side and the right one, which is red: face for ``Model/ofRed()``.
    private static let edge = (width: 320, height: 240)

    private func isRed(_ x: Int, _ y: Int) -> Bool { 2 * x + y > 440 }

    private func edgePhoto() -> [UInt8] {
        (0..<Self.edge.height).flatMap { y in
            (0..<Self.edge.width).flatMap { x -> [UInt8] in isRed(x, y) ? [230, 40, 60] : [20, 50, 70] }
        }
    }

    /// Ten times larger than the network's picture: alpha is sharp where the photo is, labels are right to the pixel.
    @Test func edgesAreThePhotos() throws {
        let model = try Model.ofRed(), photo = edgePhoto(), (width, height) = Self.edge
        func soft(_ refinement: Refinement) throws -> (soft: Int, wrong: Int) {
            let segmenter = try Segmenter(model, refinement: refinement)
            try segmenter.run(photo.span, width: width, height: height)
            let alpha = try segmenter.probability(of: 1).pixels, labels = try segmenter.labels()
            var wrong = 0
            for y in 0..<height {
                for x in 0..<width where (labels[x, y] == 1) != isRed(x, y) { wrong += 1 }
            }
            return (alpha.count { $0 > 0.1 && $0 < 0.9 }, wrong)
        }
        let linear = try soft(.none), guided = try soft(.guided)
        #expect(linear.soft > 1000 && linear.wrong > 100, "\(linear)")
        #expect(guided.soft < 50 && guided.wrong == 0, "\(guided)")
    }

    /// Turned memory goes another way through the code: each pixel by itself.
    @Test func orientationChangesNothing() throws {
        let photo = try head(), guided = try segmenter(.guided)
        let upright = try guided.segmentProbabilities(photo, 64, 48, .up)
        // 48 wide: turned clockwise, so it must be turned by 270 degrees to be upright.
        var turned: [UInt8] = []
        for x in 0..<64 {
            for y in (0..<48).reversed() { turned += photo[(y * 64 + x) * 3..<(y * 64 + x) * 3 + 3] }
        }
        let back = try guided.segmentProbabilities(turned, 48, 64, .left)
        for c in 0..<3 {
            var worst: Float = 0
            for i in 0..<48 * 64 {
                let place = (i % 64) * 48 + 47 - i / 64
                worst = max(worst, abs(upright[c][i] - back[c][place]))
            }
            #expect(worst < 2e-3, "class \(c)")
        }
    }

    @Test(arguments: [0.0, 20])
    func outsideARegionIsBackground(angle: Double) throws {
        let photo = try head(), guided = try segmenter(.guided)
        let region = Region(x: 20, y: 4, width: 24, height: 30, angle: angle)
        try guided.run(photo.span, width: 64, height: 48, region: region)
        let got = try probabilities(guided)
        for (x, y) in [(0, 0), (63, 47), (10, 20), (50, 40), (20, 44)] {
            #expect(got.map { $0[y * 64 + x] } == [1, 0, 0])
        }
        #expect((0..<64 * 48).contains { got[0][$0] < 0.5 }, "something is found inside")
    }

    /// A run lends its photo: what is fetched later reads a copy, and of a photo by pointer the memory itself.
    @Test func aLentPhotoIsCopied() throws {
        var photo = try head()
        let guided = try segmenter(.guided)
        try guided.run(photo.span, width: 64, height: 48)
        let before = try probabilities(guided)
        photo = [UInt8](repeating: 0, count: photo.count)
        #expect((try probabilities(guided) == before) as Bool)
    }

    @Test(arguments: [(1, 1), (16_384, 1), (1, 300), (7, 5)], [UInt8?.none, 0, 255, 128])
    func oddPhotos(_ size: (width: Int, height: Int), _ value: UInt8?) throws {
        let count = size.width * size.height
        let photo: [UInt8] = (0..<3 * count).map { i in
            value ?? UInt8(truncatingIfNeeded: i &* 2_654_435_761 >> 7)
        }
        let guided = try segmenter(.guided)
        try guided.run(photo.span, width: size.width, height: size.height)
        let got = try probabilities(guided)
        for i in 0..<count {
            let values = got.map { $0[i] }, sum = values.reduce(0, +)
            if values.contains(where: { !($0 >= 0 && $0 <= 1) }) || abs(sum - 1) > 1e-5 {
                Issue.record("pixel \(i): \(values)")
                break
            }
        }
    }

    /// The bits are the same for any number of threads.
    @Test func threadsChangeNothing() throws {
        let photo = try head(), model = try Model.builtIn()
        let results = try [1, 2, 3].map { threads in
            let segmenter = try Segmenter(model, threads: threads)
            try segmenter.run(photo.span, width: 64, height: 48)
            return try probabilities(segmenter)
        }
        #expect((results[0] == results[1] && results[0] == results[2]) as Bool)
    }
}

extension Segmenter {
    fileprivate func segmentProbabilities(
        _ photo: [UInt8], _ width: Int, _ height: Int, _ orientation: Orientation
    ) throws -> [[Float]] {
        try run(photo.span, width: width, height: height, orientation: orientation)
        return try (0..<3).map { try probability(of: $0).pixels }
    }
}

/// He, Sun and Tang, equations 14 to 19, window by window.
private struct GuidedReference {
    let width: Int, height: Int, radius: Int, colors: [[Double]], smoothness: Double

    private func window(_ i: Int) -> [Int] {
        let x = i % width, y = i / width
        return (max(y - radius, 0)...min(y + radius, height - 1)).flatMap { v in
            (max(x - radius, 0)...min(x + radius, width - 1)).map { v * width + $0 }
        }
    }

    private func mean(_ pixels: [Int], _ f: (Int) -> Double) -> Double {
        pixels.reduce(0) { $0 + f($1) } / Double(pixels.count)
    }

    private var epsilon: Double {
        let all = Array(0..<width * height)
        let variances = colors.map { color in
            mean(all) { color[$0] * color[$0] } - mean(all) { color[$0] } * mean(all) { color[$0] }
        }
        return smoothness * variances.reduce(0, +) / 3
    }

    func apply(_ map: [Double]) -> [Double] {
        let epsilon = epsilon
        let models: [[Double]] = map.indices.map { i in
            let pixels = window(i), means = colors.map { color in mean(pixels) { color[$0] } }
            let level = mean(pixels) { map[$0] }
            let matrix = (0..<3).map { i in
                (0..<3).map { j in
                    mean(pixels) { colors[i][$0] * colors[j][$0] } - means[i] * means[j]
                        + (i == j ? epsilon : 0)
                }
            }
            let a = solved(
                matrix, (0..<3).map { c in mean(pixels) { colors[c][$0] * map[$0] } - means[c] * level })
            return a + [level - (0..<3).reduce(0) { $0 + a[$1] * means[$1] }]
        }
        return map.indices.map { i in
            let pixels = window(i), parts = (0..<4).map { k in mean(pixels) { models[$0][k] } }
            return parts[0] * colors[0][i] + parts[1] * colors[1][i] + parts[2] * colors[2][i] + parts[3]
        }
    }

    /// Cramer's rule.
    private func solved(_ m: [[Double]], _ y: [Double]) -> [Double] {
        func determinant(_ m: [[Double]]) -> Double {
            m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1]
                * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
                + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
        }
        let whole = determinant(m)
        return (0..<3).map { column in
            var other = m
            for row in 0..<3 { other[row][column] = y[row] }
            return determinant(other) / whole
        }
    }
}
