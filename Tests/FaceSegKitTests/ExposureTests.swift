// ExposureTests: which curve dark photos get, by hand, and that it reaches the network and nothing else.
import Foundation
import Testing

@testable import FaceSegKit

struct ExposureTests {
    private func curve(_ lumas: [(value: Int, pixels: UInt32)]) -> ExposureCurve? {
        var bins = [UInt32](repeating: 0, count: 256)
        for luma in lumas { bins[luma.value] += luma.pixels }
        return ExposureCurve(histogram: bins)
    }

    @Test func brightPicturesStay() {
        #expect(curve([(230, 1000)]) == nil)
        #expect(curve([(0, 949), (205, 51)]) == nil, "the brightest twentieth counts")
        #expect(curve([]) == nil, "no pixels")
    }

    /// 102 / 255 = 0.4: twice that is 0.8, and a mean of 0.8 needs no gamma.
    @Test func gainAlone() throws {
        let found = try #require(curve([(102, 1000)]))
        #expect(abs(found.gain - 2) < 1e-6 && found.exponent == 1)
        #expect(abs(found.table[51] - 102) < 1e-3 && found.table[200] == 255)
    }

    /// 25.5 / 255 = 0.1: the gain is 2 at most, and 0.2 ^ e = 0.3 for e = ln 0.3 / ln 0.2.
    @Test func gainAndGamma() throws {
        let found = try #require(curve([(25, 500), (26, 500)]))
        #expect(found.gain == 2 && abs(found.exponent - Float(log(0.3) / log(0.2))) < 1e-3)
        let black = try #require(curve([(0, 1000)]))
        #expect(black.gain == 2 && black.exponent == 0.5, "noise is not enlarged without bound")
        #expect(black.table[0] == 0)
    }

    /// Near the bright end of dark pictures the curve becomes none without a step.
    @Test func isGradual() throws {
        let nearly = try #require(curve([(10, 900), (203, 100)]))
        #expect(nearly.gain < 1.01 && nearly.exponent > 0.95)
        let tables = (150...203).map { curve([(10, 900), ($0, 100)])!.table[10] }
        for (one, next) in zip(tables, tables.dropFirst()) { #expect(abs(one - next) < 2) }
    }

    /// A net without weights whose two classes' scores differ by a hundredth of red.
    private func redModel(_ exposure: Exposure?) throws -> Model {
        let text = """
            input: "data" input_shape { dim: 1 dim: 3 dim: 32 dim: 32 }
            layer { name: "s" type: "Slice" bottom: "data" top: "b" top: "g" top: "r" }
            layer { name: "f" type: "Power" bottom: "r" top: "f" power_param { scale: 0.01 } }
            layer { name: "n" type: "Power" bottom: "r" top: "n" power_param { scale: 0 } }
            layer { name: "score" type: "Concat" bottom: "n" bottom: "f" top: "score" }
            """
        return try .ofText(
            text,
            options: ModelOptions(mean: [0, 0, 0], workingSize: 32, reduceSize: 0, exposure: exposure))
    }

    private func reds(_ exposure: Exposure?, _ photo: [UInt8]) throws -> [Double] {
        let segmenter = try Segmenter(redModel(exposure), threads: 2, refinement: .none)
        try segmenter.run(photo.span, width: 32, height: 24)
        let face = try segmenter.probability(of: 1).pixels
        return face.map { 100 * log(Double($0) / (1 - Double($0))) }
    }

    /// What the network sees of a dark photo is the photo by the published curve; without asking it sees the photo.
    @Test func theNetworkSeesTheCurve() throws {
        let values = (0..<32 * 24).map { UInt8($0 % 61) }  // 0...60, each equally often
        let photo = values.flatMap { [$0, $0, $0] }
        let bright = values.map(Double.init).sorted()[values.count * 95 / 100]
        let gain = min(0.8 * 255 / bright, 2)
        let mean = values.reduce(0.0) { $0 + min(Double($1) * gain / 255, 1) } / Double(values.count)
        let exponent = max(log(0.3) / log(mean), 0.5)
        #expect(exponent < 0.9, "there is something to see")
        for (pixel, red) in try reds(.brightened, photo).enumerated() {
            let wanted = pow(Double(values[pixel]) * gain / 255, exponent) * 255
            #expect(abs(red - wanted) < 0.2, "pixel \(pixel)")
        }
        for exposure in [nil, Exposure.kept] {
            for (pixel, red) in try reds(exposure, photo).enumerated() {
                #expect(abs(red - Double(values[pixel])) < 0.05)
            }
        }
    }

    @Test func brightPhotosAreSeenAsTheyAre() throws {
        let photo = (0..<32 * 24 * 3).map { UInt8(truncatingIfNeeded: $0 * 5) }
        #expect(try reds(.brightened, photo) == reds(.kept, photo))
    }
}
