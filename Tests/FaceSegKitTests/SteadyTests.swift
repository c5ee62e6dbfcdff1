// SteadyTests: what a video's past does to masks: by hand where a net is a formula, and what is promised of first frames,
// cuts, sizes and threads. The kernels' own tests are Tests/kernels/test_steady.c.
import Foundation
import Media
import Testing

@testable import FaceSegKit

struct SteadyTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    private static let width = 160, height = 96

    /// The astronaut's head, 160 x 96, R, G, B, with noise of some levels that replays.
    private static let head: [UInt8] = {
        let photo = try! Photo.read(path: root + "/examples/photos/astronaut.png")
        return (0..<height).flatMap { y in
            (0..<width).flatMap { x in
                (0..<3).map { photo.pixels[((y * 3) * photo.width + x * 3) * 3 + $0] }
            }
        }
    }()

    private func noisy(_ seed: Int, levels: Int = 12) -> [UInt8] {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        return Self.head.map { value in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(min(max(Int(value) + Int(state >> 40) % (2 * levels + 1) - levels, 0), 255))
        }
    }

    private func segmenter(
        _ refinement: Refinement = .guided, threads: Int = 2, steady: Bool = true
    ) throws -> Segmenter {
        try Segmenter(Model.builtIn(), threads: threads, refinement: refinement, steady: steady)
    }

    private func probabilities(
        _ segmenter: Segmenter, _ photo: [UInt8], _ width: Int = width, _ height: Int = height,
        region: Region? = nil, orientation: Orientation = .up
    ) throws -> [[Float]] {
        try segmenter.run(
            photo.span, width: width, height: height, region: region, orientation: orientation)
        return try (0..<3).map { try segmenter.probability(of: $0).pixels }
    }

    /// Even pictures: what is uncertain keeps nine tenths of its past, what is certain none of it, and a change of the
    /// light by more than the rule's 14 levels ends the past.
    @Test func isTheFormula() throws {
        let segmenter = try Segmenter(.ofRed(), refinement: .none, steady: true)
        var past = 0.0, before = 0.0
        for red in [125, 128, 123, 131, 150, 127, 210] {
            let photo = (0..<32 * 32).flatMap { _ -> [UInt8] in [UInt8(red), 40, 60] }
            try segmenter.run(photo.span, width: 32, height: 32)
            let got = try segmenter.probability(of: 1).pixels
            let p = 1 / (1 + exp(-0.2 * Double(red - 125))), apart = abs(2 * p - 1)
            let level = (0.114 * 60 + 0.587 * 40 + 0.299 * Double(red)).rounded()
            let agreement = min(max((14 - abs(level - before)) / 9, 0), 1)
            let keep = 0.9 * agreement * min(max((0.95 - apart) / 0.45, 0), 1)
            let want = agreement < 0.5 ? p : p + keep * (past - p)
            for value in got { #expect(abs(Double(value) - want) < 1e-4, "red \(red)") }
            (past, before) = (want, level)
        }
    }

    @Test(arguments: Refinement.allCases)
    func theFirstFrameIsAsWithout(_ refinement: Refinement) throws {
        let steady = try segmenter(refinement), single = try segmenter(refinement, steady: false)
        let first = try probabilities(steady, Self.head)
        #expect((first == (try probabilities(single, Self.head))) as Bool)
        let second = try probabilities(steady, noisy(1))
        #expect((second != (try probabilities(single, noisy(1)))) as Bool, "later ones are held")
        steady.beginVideo()
        #expect((try probabilities(steady, noisy(1)) == probabilities(single, noisy(1))) as Bool)
    }

    /// Labels of a still head change less often, under each refinement but the dense CRF, which reads every frame's noise.
    @Test(arguments: [Refinement.none, .guided, .matting])
    func flickersLess(_ refinement: Refinement) throws {
        func changed(_ segmenter: Segmenter) throws -> Int {
            var sum = 0, before: [UInt8]?
            for frame in 0..<8 {
                let photo = noisy(frame)
                let labels = try segmenter.segment(photo.span, width: Self.width, height: Self.height).pixels
                if let before, frame > 2 { sum += labels.indices.count { labels[$0] != before[$0] } }
                before = labels
            }
            return sum
        }
        let single = try changed(segmenter(refinement, steady: false)),
            steady = try changed(segmenter(refinement))
        #expect(single > 40 && steady * 3 < single, "\(steady) of \(single)")
    }

    /// Another scene, size, region, orientation, format: nothing is left of the past.
    @Test func newScenesBeginAnew() throws {
        let steady = try segmenter(), single = try segmenter(steady: false)
        let other = [UInt8](Self.head.reversed().map { 255 - $0 })
        func begin() throws { for frame in 0..<3 { _ = try probabilities(steady, noisy(frame)) } }
        try begin()
        #expect((try probabilities(steady, other) == probabilities(single, other)) as Bool, "a cut")
        try begin()
        let (w, h) = (Self.height, Self.width)
        #expect(
            (try probabilities(steady, other, w, h) == probabilities(single, other, w, h)) as Bool, "a size")
        try begin()
        let region = Region(x: 20, y: 0, width: 100, height: 90, angle: 10), photo = noisy(9)
        #expect(
            (try probabilities(steady, photo, region: region) == probabilities(single, photo, region: region))
                as Bool, "a region")
        #expect(
            (try probabilities(steady, noisy(8), region: region)
                != probabilities(single, noisy(8), region: region)) as Bool, "regions are held, too")
        try begin()
        #expect(
            (try probabilities(steady, photo, orientation: .down)
                == probabilities(single, photo, orientation: .down)) as Bool, "an orientation")
    }

    /// The bits are the same for any number of threads, frame after frame.
    @Test func threadsChangeNothing() throws {
        let results = try [1, 2, 3].map { threads in
            let steady = try segmenter(threads: threads)
            return try (0..<4).map { try probabilities(steady, noisy($0)) }
        }
        #expect((results[0] == results[1] && results[0] == results[2]) as Bool)
    }

    @Test(arguments: [(1, 1), (4_000, 1), (1, 300), (7, 5), (200, 130)], Refinement.allCases)
    func oddPhotos(_ size: (width: Int, height: Int), _ refinement: Refinement) throws {
        let steady = try segmenter(refinement)
        for frame in 0..<3 {
            let photo = (0..<3 * size.width * size.height).map { i in
                UInt8(truncatingIfNeeded: (i + frame / 2) &* 2_654_435_761 >> 7)
            }
            let got = try probabilities(steady, photo, size.width, size.height)
            let isFine = got[0].indices.allSatisfy { i in
                got.allSatisfy { $0[i] >= 0 && $0[i] <= 1 } && abs(got.reduce(0) { $0 + $1[i] } - 1) < 1e-5
            }
            #expect(isFine, "frame \(frame)")
        }
    }

    /// Maps finer than the luminance picture: a whole video of a large working size.
    @Test func largeWorkingSizes() throws {
        let model = try Model.builtIn(options: ModelOptions(workingSize: 600))
        let steady = try Segmenter(model, steady: true), single = try Segmenter(model)
        let first = try probabilities(steady, Self.head)
        #expect((first == (try probabilities(single, Self.head))) as Bool)
        let second = try probabilities(steady, noisy(1, levels: 3)),
            wanted = try probabilities(single, noisy(1, levels: 3))
        #expect((second != wanted) as Bool)
        let worst = (0..<3).map { c in second[c].indices.map { abs(second[c][$0] - wanted[c][$0]) }.max()! }
            .max()!
        #expect(worst < 0.9, "\(worst)")
    }

    /// A run that is cancelled leaves a segmenter that goes on.
    @Test func goesOnAfterACancel() throws {
        let steady = try segmenter(), single = try segmenter(steady: false)
        _ = try probabilities(steady, Self.head)
        #expect(throws: FaceSegError.cancelled) {
            try steady.run(Self.head.span, width: Self.width, height: Self.height) { _ in false }
        }
        #expect((try probabilities(steady, noisy(1)) != probabilities(single, noisy(1))) as Bool)
    }

    /// Videos are looked at as a whole unless heads are asked for.
    @Test func crowdsAreOff() throws {
        let model = try Model.builtIn()
        #expect(try Segmenter(model, steady: true).crowds == .off)
        #expect(try Segmenter(model, crowds: .heads(from: 20), steady: true).crowds == .heads(from: 20))
    }
}
