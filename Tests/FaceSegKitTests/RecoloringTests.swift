// RecoloringTests: what recolouring promises: the middle takes the tint, black and white stay, order stays, grey photos,
// threads, errors. The pixels' arithmetic is tested in Tests/kernels/test_recolor.c.
import Testing

@testable import FaceSegKit

struct RecoloringTests {
    /// White and the primaries of sRGB, as CSS Color 4 gives them to five digits.
    @Test func colorsAreOttossons() {
        let known: [(Light, OKLab)] = [
            (Light(red: 1, green: 1, blue: 1), OKLab(lightness: 1, a: 0, b: 0)),
            (Light(red: 1, green: 0, blue: 0), OKLab(lightness: 0.62796, a: 0.22486, b: 0.12585)),
            (Light(red: 0, green: 1, blue: 0), OKLab(lightness: 0.86644, a: -0.23389, b: 0.17950)),
            (Light(red: 0, green: 0, blue: 1), OKLab(lightness: 0.45201, a: -0.03246, b: -0.31153)),
        ]
        for (light, lab) in known {
            let got = OKLab(light), back = Light(got)
            #expect(abs(got.lightness - lab.lightness) < 1e-4)
            #expect(abs(got.a - lab.a) < 1e-4)
            #expect(abs(got.b - lab.b) < 1e-4)
            #expect(abs(back.red - light.red) < 1e-6)
            #expect(abs(back.green - light.green) < 1e-6)
            #expect(abs(back.blue - light.blue) < 1e-6)
        }
    }

    @Test(arguments: [0.05, 0.2, 0.5, 0.9], [0.1, 0.45, 0.8, 0.93])
    func curvesPassThroughTheTint(_ usual: Double, _ wanted: Double) {
        let tint = OKLab(lightness: wanted, a: 0.02, b: -0.01)
        let curve = TintCurve(from: OKLab(lightness: usual, a: 0.1, b: 0.1), to: tint)
        let middle = curve[usual]
        #expect(abs(middle.lightness - wanted) < 1e-9)
        #expect(abs(middle.a - tint.a) < 1e-6 && abs(middle.b - tint.b) < 1e-6)
        #expect(curve[0] == OKLab(lightness: 0, a: 0, b: 0))
        #expect(abs(curve[1].lightness - 1) < 1e-9 && abs(curve[1].a) + abs(curve[1].b) < 1e-9)
        let lightness = (0...100).map { curve[Double($0) / 100].lightness }
        #expect(zip(lightness, lightness.dropFirst()).allSatisfy { $0 <= $1 })
        for l in stride(from: 0, through: 1, by: 0.01) { #expect(Light(curve[l]).isShown) }
    }

    /// The middle four fifths: the darkest and the lightest tenth do not count, and cut bins count in part.
    @Test func theMiddleIsWithoutExtremes() {
        var sums = [Int64](repeating: 0, count: FSKCounts.all)
        func add(_ bin: Int, _ weight: Int64, _ a: Double) {
            let at = bin * FSKCounts.columns
            sums[at] += weight
            sums[at + 1] += weight * Int64(Double(bin) / 255 * 65_536)
            sums[at + 2] += weight * Int64(a * 65_536)
        }
        add(0, 10, 1)  // just the darkest tenth
        add(100, 40, 0.25)
        add(150, 40, 0.75)
        add(255, 10, -1)
        let mean = sums.withUnsafeBufferPointer { OKLab(middleOf: $0) }!
        #expect(abs(mean.lightness * 255 - 125) < 0.03)
        #expect(abs(mean.a - 0.5) < 1e-4 && mean.b == 0)
        add(255, 10, -1)
        let cut = sums.withUnsafeBufferPointer { OKLab(middleOf: $0) }!
        // Between 11 and 99: 39 of bin 100, 40 of 150 and 9 of 255.
        let weighted: Double = 39 * 100 + 40 * 150 + 9 * 255
        let lightness: Double = weighted / (88 * 255)
        #expect(abs(cut.lightness - lightness) < 1e-4)
        let nothing = [Int64](repeating: 0, count: FSKCounts.all)
        #expect(nothing.withUnsafeBufferPointer { OKLab(middleOf: $0) } == nil)
    }

    private static let violet = Tint(red: 0x8A, green: 0x2B, blue: 0xE2)

    /// A grey ramp, of which the right half is shown by alpha.
    private static func ramp(_ recoloring: Recoloring, _ tint: Tint = violet) throws -> [UInt8] {
        let gray = (0..<256 * 4).map { UInt8($0 % 256) }
        let alpha = (0..<256 * 4).map { Float($0 % 256 < 128 ? 0 : 1) }
        return try recoloring.picture(
            of: gray.span, width: 256, height: 4, format: .gray, alpha: alpha.span, tint: tint)
    }

    @Test func grayTakesOnColor() throws {
        let picture = try Self.ramp(Recoloring())
        for x in 0..<128 {
            #expect(Array(picture[3 * x..<3 * x + 3]) == [UInt8](repeating: UInt8(x), count: 3))
        }
        #expect(Array(picture[3 * 255..<3 * 256]) == [255, 255, 255])
        let middle = Array(picture[3 * 190..<3 * 190 + 3]).map(Int.init)  // near the middle of 128...255
        for (got, wanted) in zip(middle, [0x8A, 0x2B, 0xE2]) { #expect(abs(got - wanted) <= 12) }
        let green = (128..<256).map { picture[3 * $0 + 1] }
        #expect(zip(green, green.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func threadsAndStrength() throws {
        let one = try Self.ramp(Recoloring(threads: 1))
        #expect(try Self.ramp(Recoloring(threads: 3)) == one)
        var tint = Self.violet
        tint.strength = 0
        let none = try Self.ramp(Recoloring(), tint)
        let same = (0..<256 * 4 * 3).map { UInt8($0 / 3 % 256) }
        #expect(none == same)
    }

    /// In place, over its own result.
    @Test func inPlace() throws {
        var rgb = (0..<300).map { UInt8(($0 * 37) % 256) }
        let alpha = [Float](repeating: 1, count: 100), recoloring = try Recoloring()
        let picture = try recoloring.picture(
            of: rgb.span, width: 10, height: 10, alpha: alpha.span, tint: Self.violet)
        try rgb.withUnsafeMutableBufferPointer { rgb in
            let photo = try PixelView(
                pixels: rgb.baseAddress!, width: 10, height: 10, rowBytes: 30, format: .rgb)
            let out = try PlaneView(start: rgb.baseAddress!, rowBytes: 30, element: .byte)
            var mask = [UInt8](repeating: 255, count: 100)
            try mask.withUnsafeMutableBytes { mask in
                let alpha = try PlaneView(start: mask.baseAddress!, rowBytes: 10, element: .byte)
                try recoloring.recolor(photo, alpha: alpha, tint: Self.violet, into: out)
            }
        }
        #expect(rgb == picture)
    }

    @Test func strangeNumbersAreHeld() throws {
        let rgb = [UInt8](repeating: 90, count: 12)
        let picture = try Recoloring().picture(
            of: rgb.span, width: 4, height: 1, alpha: [.nan, -1, 7, .infinity].span, tint: Self.violet)
        #expect(Array(picture[..<6]) == [UInt8](repeating: 90, count: 6))
        #expect(Array(picture[6..<9]) == Array(picture[9...]) && picture[6] != 90)
        let one = try Recoloring().picture(
            of: [0, 0, 0].span, width: 1, height: 1, alpha: [1].span, tint: Self.violet)
        #expect(one.count == 3)
    }

    @Test func whatIsRefused() throws {
        let recoloring = try Recoloring(), rgb = [UInt8](repeating: 0, count: 12)
        for strength: Float in [-0.1, 1.1, .nan] {
            let tint = Tint(red: 0, green: 0, blue: 0, strength: strength)
            #expect(throws: FaceSegError.argument("strength \(strength) is not between 0 and 1")) {
                try recoloring.picture(
                    of: rgb.span, width: 2, height: 2, alpha: [1, 1, 1, 1].span, tint: tint)
            }
        }
        #expect(throws: FaceSegError.self) {
            try recoloring.picture(
                of: rgb.span, width: 2, height: 2, alpha: [1, 1, 1].span, tint: Self.violet)
        }
        #expect(throws: FaceSegError.argument("threads 0 is not between 1 and 1024")) {
            try Recoloring(threads: 0)
        }
    }
}

/// The kernel's layout of sums, told again.
private enum FSKCounts {
    static let columns = 4, all = 256 * 4
}
