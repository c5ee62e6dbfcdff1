// OddPhotoTests: photos of one pixel, of one colour, 16,384 wide, without a face, with nothing but a face, and a network
// that gives NaN, in every mode: what comes out is of its size and range, and the segmenter works afterwards.
import Media
import Testing

@testable import FaceSegKit

struct OddPhotoTests {
    struct Odd: CustomTestStringConvertible, Sendable {
        let testDescription: String, width: Int, height: Int, pixels: [UInt8]

        init(
            _ name: String, width: Int, height: Int,
            color: (_ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8)
        ) {
            (testDescription, self.width, self.height) = (name, width, height)
            pixels = (0..<width * height).flatMap { i in
                let (red, green, blue) = color(i % width, i / width)
                return [red, green, blue]
            }
        }
    }

    private static let odd: [Odd] = [
        Odd("one pixel", width: 1, height: 1) { _, _ in (200, 150, 130) },
        Odd("a line of 5", width: 1, height: 5) { _, y in (UInt8(50 * y), 9, 80) },
        Odd("black", width: 60, height: 40) { _, _ in (0, 0, 0) },
        Odd("white", width: 41, height: 67) { _, _ in (255, 255, 255) },
        Odd("no face", width: 90, height: 70) { x, y in
            (UInt8(x * 37 & 255), UInt8(y * 59 & 255), UInt8(x * y & 255))
        },
        Odd("a panorama of 16,384", width: 16_384, height: 2) { x, y in
            (UInt8(x >> 6 & 255), UInt8(x & 127), UInt8(60 * y))
        },
    ]

    /// The astronaut's face and a little hair, to all sides.
    private static func face() throws -> Odd {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let photo = try Photo.read(path: root + "/examples/photos/astronaut.png")
        let pixels = photo.pixels, width = photo.width
        return Odd("face alone", width: 72, height: 80) { x, y in
            let at = ((y + 84) * width + x + 186) * 3
            return (pixels[at], pixels[at + 1], pixels[at + 2])
        }
    }

    /// Scores that are no numbers where a pixel is dark.
    private static func broken() throws -> Model {
        let text = """
            input: "data" input_shape { dim: 1 dim: 3 dim: 32 dim: 32 }
            layer { name: "score" type: "Power" bottom: "data" top: "score" power_param { power: 0.5 shift: -90 } }
            """
        var options = ModelOptions(mean: [0, 0, 0], workingSize: 32, reduceSize: 0)
        options.classNames = ["background", "face", "hair"]
        return try .ofText(text, options: options)
    }

    private static let crowds: [CrowdSearch] = [.off, .heads(from: 8)]

    @Test(arguments: Refinement.allCases, [false, true])
    func everyMode(_ refinement: Refinement, _ isSteady: Bool) throws {
        let astronaut = try Self.face()
        for crowds in Self.crowds {
            for (model, isWhole) in [(try Model.builtIn(.small), true), (try Self.broken(), false)] {
                let segmenter = try Segmenter(
                    model, threads: 2, refinement: refinement, crowds: crowds, steady: isSteady)
                for odd in Self.odd + [astronaut] {
                    try expectRanges(segmenter, odd, areNumbers: isWhole, cutsOut: !isSteady)
                }
                // As if nothing had been before.
                let pixels = astronaut.pixels
                func labels(_ segmenter: Segmenter) throws -> [UInt8] {
                    segmenter.beginVideo()
                    return try segmenter.segment(
                        pixels.span, width: astronaut.width, height: astronaut.height
                    ).pixels
                }
                let fresh = try Segmenter(model, refinement: refinement, crowds: crowds, steady: isSteady)
                #expect(try labels(segmenter) == labels(fresh))
            }
        }
    }

    /// - areNumbers: whether the network's scores are.
    private func expectRanges(_ segmenter: Segmenter, _ odd: Odd, areNumbers: Bool, cutsOut: Bool) throws {
        let pixels = odd.pixels, count = odd.width * odd.height
        let what = Comment(rawValue: "\(odd.testDescription), \(segmenter.crowds), numbers: \(areNumbers)")
        try segmenter.run(pixels.span, width: odd.width, height: odd.height)
        let labels = try segmenter.labels().pixels
        #expect(labels.count == count && labels.allSatisfy { $0 < 3 }, what)
        for index in 0..<3 {
            let values = try segmenter.probability(of: index).pixels
            #expect(values.count == count, what)
            #expect(!areNumbers || values.allSatisfy { 0...1 ~= $0 }, what)
        }
        #expect(try segmenter.overlay(on: pixels.span).count == 3 * count, what)
        let heads = try segmenter.heads()
        #expect(
            heads.allSatisfy { $0.columns.upperBound <= odd.width && $0.rows.upperBound <= odd.height }, what)
        for target in Target.allCases {
            let alpha = try segmenter.alpha(of: target).pixels
            #expect(alpha.count == count && alpha.allSatisfy { 0...1 ~= $0 }, what)
            guard cutsOut else { continue }
            let tint = Tint(red: 138, green: 43, blue: 226)
            let tinted = try Recoloring(threads: 1).picture(
                of: pixels.span, width: odd.width, height: odd.height, alpha: alpha.span, tint: tint)
            for i in 0..<count where alpha[i] == 0 {
                #expect(tinted[3 * i..<3 * i + 3] == pixels[3 * i..<3 * i + 3], what)
                break
            }
            let cut = try Matting(threads: 1).foreground(
                of: pixels.span, width: odd.width, height: odd.height, alpha: alpha.span)
            #expect(cut.count == 3 * count, what)
        }
    }

    /// A face that fills the frame is a face to its edges.
    @Test func faceAlone() throws {
        let face = try Self.face(), pixels = face.pixels
        let labels = try Segmenter(.builtIn()).segment(pixels.span, width: face.width, height: face.height)
            .pixels
        #expect(labels.count { $0 == 1 } * 10 > 6 * labels.count)
    }
}
