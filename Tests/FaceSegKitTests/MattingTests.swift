// MattingTests: matting from views to views: pictures whose alpha and colours are known, since they were mixed from them;
// what it promises of sizes, threads, errors and cancelling; and alpha of segmenters that refine so. The equations' own
// test is Tests/kernels/test_matting.c.
import Foundation
import Media
import Testing

@testable import FaceSegKit

/// A red foreground that fades into a blue background, with its trimap.
private struct Mixture {
    let width: Int, height: Int
    var alpha: [Float] = [], rgb: [UInt8] = [], trimap: [UInt8] = []
    static let front = [200, 60, 40], back = [20, 90, 230]

    init(_ width: Int, _ height: Int) {
        (self.width, self.height) = (width, height)
        let (middle, soft) = (Float(width) / 2, Float(width) / 10)
        for y in 0..<height {
            let wave: Float = sin(Float(y) * 12 / Float(height))
            let edge = middle + Float(width) / 16 * wave
            for x in 0..<width {
                let a = min(max((Float(x) - edge) / soft + 0.5, 0), 1)
                alpha.append(a)
                trimap.append(a == 0 ? 0 : a == 1 ? 255 : 128)
                for c in 0..<3 {
                    let front = Float(Self.front[c]), back = Float(Self.back[c])
                    rgb.append(UInt8((back + a * (front - back)).rounded()))
                }
            }
        }
    }

    func solved(_ matting: Matting) throws -> [Float] {
        try matting.alpha(of: rgb.span, width: width, height: height, trimap: trimap.span).pixels
    }
}

struct MattingTests {
    /// Colours on a line through two, as the model has them: alpha is told to a rounding of the colours.
    @Test(arguments: [(60, 40), (2000, 1100)])  // the latter is more than is solved as it is
    func findsWhatWasMixed(_ width: Int, _ height: Int) throws {
        let mixture = Mixture(width, height), matting = try Matting()
        let alpha = try mixture.solved(matting)
        let wrong = zip(alpha, mixture.alpha).map { abs($0 - $1) }
        #expect(wrong.max()! < 0.02)
        let colors = try matting.foreground(
            of: mixture.rgb.span, width: width, height: height, alpha: mixture.alpha.span)
        var worst = 0
        for i in alpha.indices where mixture.alpha[i] > 0.1 {
            for c in 0..<3 { worst = max(worst, abs(Int(colors[3 * i + c]) - Mixture.front[c])) }
        }
        #expect(worst <= 6)
    }

    @Test func knownPixelsStay() throws {
        var mixture = Mixture(40, 30)
        for i in mixture.trimap.indices where i % 7 == 0 { mixture.trimap[i] = UInt8(i % 2 * 255) }
        let alpha = try mixture.solved(Matting())
        for (value, known) in zip(alpha, mixture.trimap) where known == 0 || known == 255 {
            #expect(value == Float(known) / 255)
        }
    }

    @Test func threadsChangeNothing() throws {
        let mixture = Mixture(150, 100)
        let all = try [1, 2, 3].map { try mixture.solved(Matting(threads: $0)) }
        #expect((all[0] == all[1] && all[0] == all[2]) as Bool)
    }

    /// Strided views, bytes in place of floats: the same numbers, and nothing between rows is touched.
    @Test func viewsWithGaps() throws {
        let mixture = Mixture(50, 20), wanted = try mixture.solved(Matting())
        var photo = [UInt8](repeating: 3, count: 20 * 160), trimap = [UInt8](repeating: 255, count: 20 * 61)
        var out = [UInt8](repeating: 7, count: 20 * 64)
        for y in 0..<20 {
            for i in 0..<150 { photo[y * 160 + i] = mixture.rgb[y * 150 + i] }
            for x in 0..<50 { trimap[y * 61 + x] = mixture.trimap[y * 50 + x] }
        }
        try photo.withUnsafeBufferPointer { photo in
            let view = try PixelView(
                pixels: photo.baseAddress!, width: 50, height: 20, rowBytes: 160, format: .rgb)
            try trimap.withUnsafeMutableBytes { trimap in
                try out.withUnsafeMutableBytes { out in
                    try Matting().alpha(
                        of: view,
                        trimap: PlaneView(start: trimap.baseAddress!, rowBytes: 61, element: .byte),
                        into: PlaneView(start: out.baseAddress!, rowBytes: 64, element: .byte))
                }
            }
        }
        for y in 0..<20 {
            for x in 0..<64 {
                let right = x < 50 ? UInt8((wanted[y * 50 + x] * 255).rounded()) : 7
                #expect(out[y * 64 + x] == right)
            }
        }
    }

    @Test(arguments: [(1, 1), (2, 300), (300, 2), (3, 3), (16_384, 3)])
    func oddSizes(_ width: Int, _ height: Int) throws {
        let count = width * height
        var trimap = (0..<count).map { (i: Int) -> UInt8 in
            UInt8(truncatingIfNeeded: (i &* 2_654_435_761) >> 9)
        }
        trimap[0] = 255
        let rgb = (0..<3 * count).map { (i: Int) -> UInt8 in
            UInt8(truncatingIfNeeded: (i &* 2_654_435_761) >> 7)
        }
        let matting = try Matting()
        let alpha = try matting.alpha(of: rgb.span, width: width, height: height, trimap: trimap.span)
        #expect(alpha.pixels.allSatisfy { $0 >= 0 && $0 <= 1 })
        var odd = alpha.pixels
        for i in odd.indices where i % 3 != 2 { odd[i] = i % 3 == 0 ? .nan : .infinity }
        let colors = try matting.foreground(
            of: rgb.span, width: width, height: height, alpha: odd.span)
        #expect(colors.count == 3 * count)
    }

    @Test func errors() throws {
        let mixture = Mixture(20, 10), matting = try Matting()
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch FaceSegError.argument(let message) { return message } catch {}
            return ""
        }
        let nothing = [UInt8](repeating: 128, count: 200)
        #expect(
            message {
                _ = try matting.alpha(of: mixture.rgb.span, width: 20, height: 10, trimap: nothing.span)
            } == "the trimap has neither 0 nor 255 anywhere: nothing is known")
        #expect(
            message {
                _ = try matting.alpha(
                    of: mixture.rgb.span, width: 20, height: 10,
                    trimap: mixture.trimap.span.extracting(..<199))
            } == "the trimap has 199 bytes, 10 rows of row_bytes 20 need 200")
        #expect(
            message {
                _ = try matting.foreground(
                    of: mixture.rgb.span, width: 20, height: 10, alpha: mixture.alpha.span.extracting(..<100))
            } == "alpha has 400 bytes, 10 rows of row_bytes 80 need 800")
        #expect(message { _ = try Matting(threads: 0) } == "threads 0 is not between 1 and 1024")
        #expect((try mixture.solved(matting)).count == 200, "it works after errors")
    }

    /// A cancel from another thread ends it, and the next call works.
    @Test func cancelling() throws {
        var mixture = Mixture(700, 600)
        for i in mixture.trimap.indices {
            let column = i % 700
            mixture.trimap[i] = column < 100 ? 0 : column > 600 ? 255 : 128
        }
        let matting = try Matting(), cancellation = matting.cancellation
        let done = Locked(false)
        let thread = Thread {
            while !done.withLock({ $0 }) {
                cancellation.cancel()
                usleep(2000)
            }
        }
        thread.start()
        let error = #expect(throws: FaceSegError.self) { try mixture.solved(matting) }
        #expect(error == .cancelled)
        done.withLock { $0 = true }
        usleep(20_000)
        let small = Mixture(30, 20)
        #expect((try small.solved(matting)).count == 600)
    }
}

/// Segmenters that refine by matting.
struct MattingRefinementTests {
    private func astronaut() throws -> Photo {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        return try Photo.read(path: root + "/examples/photos/astronaut.png")
    }

    @Test func alphaAlone() throws {
        let photo = try astronaut(), model = try Model.builtIn()
        let guided = try Segmenter(model), matting = try Segmenter(model, refinement: .matting)
        for segmenter in [guided, matting] {
            try segmenter.run(photo.pixels.span, width: photo.width, height: photo.height)
        }
        #expect((try guided.labels() == matting.labels()) as Bool)
        #expect((try guided.probability(of: 2) == matting.probability(of: 2)) as Bool)
        for target in Target.allCases {
            let before = try guided.alpha(of: target).pixels, after = try matting.alpha(of: target).pixels
            #expect(after.allSatisfy { $0 >= 0 && $0 <= 1 })
            let changes = zip(before, after).map { abs($0 - $1) }
            #expect(changes.count { $0 > 0.1 } > 500, "\(target): it does something")
            #expect(changes.reduce(0, +) / Float(changes.count) < 0.03, "\(target): but at the edges alone")
        }
        let bytes = try matting.plane { (out: inout MutableSpan<UInt8>) throws(FaceSegError) in
            try matting.alpha(of: .hair, into: &out)
        }
        let floats = try matting.alpha(of: .hair).pixels
        #expect(zip(bytes.pixels, floats).allSatisfy { abs(Float($0) - 255 * $1) <= 0.51 })
    }

    /// Where nothing is sure, alpha is the guided one: no face, and pictures of a pixel.
    @Test(arguments: [(1, 1), (40, 30)])
    func nothingThere(_ width: Int, _ height: Int) throws {
        let rgb = [UInt8](repeating: 120, count: 3 * width * height), model = try Model.builtIn()
        let guided = try Segmenter(model), matting = try Segmenter(model, refinement: .matting)
        try guided.run(rgb.span, width: width, height: height)
        try matting.run(rgb.span, width: width, height: height)
        let before = try guided.alpha(of: .head).pixels, after = try matting.alpha(of: .head).pixels
        #expect(before == after)
    }
}
