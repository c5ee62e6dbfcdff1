// Steps on colors and pixels, by their formulas.
import FaceSegKit
import Glibc
import Media
import Testing

@testable import FaceSegTraining

@Suite struct LightTests {
    let sample = Sample.patterned()

    @Test func nothingByNothing() throws {
        var jitter = ColorJitter(), balance = WhiteBalance(), gamma = Gamma()
        (jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue) = (0, 0, 0, 0)
        (balance.strength, gamma.exponent) = (1, 1...1)
        for step in [jitter, balance, gamma] as [any AugmentationStep] {
            #expect(try sample.after(step) == sample)
        }
    }

    /// A third of the way round, red becomes green; without saturation, luma is left.
    @Test func huesAndSaturation() {
        let turn = ColorJitter.matrix(saturation: 1, hue: 2 * .pi / 3)
        #expect(near(turn, [0, 0, 1, 1, 0, 0, 0, 1, 0]))
        let grey = ColorJitter.matrix(saturation: 0, hue: 0)
        #expect(near(grey, [0.299, 0.587, 0.114, 0.299, 0.587, 0.114, 0.299, 0.587, 0.114]))
        let any = ColorJitter.matrix(saturation: 1.3, hue: 0.4)
        let sums = [0, 3, 6].map { row in any[row..<row + 3].reduce(0, +) }
        #expect(near(sums, [1, 1, 1]))
    }

    private func near(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 } }

    @Test func jitterKeepsGreyGrey() throws {
        let grey = Sample(name: "", width: 2, height: 2, color: Color(100, 100, 100))
        let levels = try (0..<30).map { seed -> UInt8 in
            let seen = try grey.after(ColorJitter(), seed: seed).color(1, 1)
            #expect(Set(seen).count == 1 || seen.max()! - seen.min()! == 1)
            return seen[0]
        }
        #expect(Set(levels).count > 15)
    }

    @Test func whiteBalanceHasAFactorForEachChannel() throws {
        let two = Sample(name: "", width: 2, height: 1, pixels: [50, 50, 50, 100, 100, 100], labels: [0, 0])
        for seed in 0..<20 {
            let seen = try two.after(WhiteBalance(), seed: seed).pixels
            #expect((0..<3).allSatisfy { abs(2 * Int(seen[$0]) - Int(seen[3 + $0])) <= 1 })
            #expect((38...66).contains(seen[0]) && (43...58).contains(seen[1]))
        }
    }

    /// 0.35 (100 / 255)^2.2 is .0447; (100 / 255)^2 is .1538.
    @Test func darknessAndGamma() throws {
        let grey = Sample(name: "", width: 1, height: 1, color: Color(100, 255, 0))
        var dark = Darkened(), gamma = Gamma()
        (dark.factor, dark.exponent, gamma.exponent) = (0.35...0.35, 2.2...2.2, 2...2)
        #expect(try grey.after(dark).pixels == [11, 89, 0] && grey.after(gamma).pixels == [39, 255, 0])
    }

    @Test func glareOnlyBrightens() throws {
        let grey = Sample(name: "", width: 32, height: 32, color: Color(50, 50, 50))
        for seed in 0..<10 {
            let seen = try grey.after(Glare(), seed: seed)
            #expect(
                seen.pixels.allSatisfy { $0 >= 50 } && seen.pixels.max()! > 70 && seen.labels == grey.labels)
        }
    }

    @Test func blurIsTheFilter() throws {
        var step = Blurred(), expected = sample.pixels
        step.deviation = 1.5...1.5
        blur(&expected, 19, 14, deviation: 1.5)
        #expect(try sample.after(step).pixels == expected)
    }

    @Test(arguments: [0, 1] as [Float])
    func noise(greyShare: Float) throws {
        var step = Noisy()
        (step.deviation, step.greyShare) = (20...20, greyShare)
        let grey = Sample(name: "", width: 64, height: 64, color: Color(128, 128, 128))
        let seen = try grey.after(step).pixels, moments = moments(seen.map { Float($0) })
        #expect(abs(moments.mean - 128) < 1.3 && abs(moments.deviation - 20) < 0.9)
        let same = (0..<4096).count { Set(seen[3 * $0..<3 * $0 + 3]).count == 1 }
        #expect(greyShare == 1 ? same == 4096 : same < 20)
    }

    @Test func compression() throws {
        var step = Compressed()
        step.quality = 40...40
        let file = try encodeJPEG(width: 19, height: 14, channels: 3, pixels: sample.pixels, quality: 40)
        #expect(try sample.after(step).pixels == Photo.decode(file, name: "").pixels)
    }
}
