// Conditions by hand: darkness pixel by pixel, the small photo where it was laid, and always the same.
import Glibc
import Testing

@testable import FaceSegTraining

@Suite struct ConditionTests {
    /// A grey per pixel.
    private func sample(_ width: Int, _ height: Int, _ grey: (Int, Int) -> UInt8, label: (Int, Int) -> UInt8)
        -> Sample
    {
        let places = (0..<width * height).map { ($0 % width, $0 / width) }
        return Sample(
            name: "a", width: width, height: height,
            pixels: places.flatMap { x, y in [grey(x, y), grey(x, y), grey(x, y)] },
            labels: places.map { x, y in label(x, y) })
    }

    @Test func darkness() throws {
        let plain = sample(256, 1, { x, _ in UInt8(x) }, label: { x, _ in UInt8(x % 3) })
        let dark = try Condition.dark.applied(to: plain, index: 0)
        #expect(dark.labels == plain.labels && dark.name == "a")
        for x in [0, 1, 64, 128, 200, 255] {
            let wanted = 255 * 0.35 * pow(Double(x) / 255, 2.2)
            #expect(abs(Double(dark.pixels[3 * x]) - wanted) <= 0.5)
        }
        #expect(dark.pixels[3 * 255] == 89)
    }

    /// 10 x 5, of which 4 x 2 are left: each of those covers 2.5 x 2.5 pixels. Columns are 0, 10, 20 ..., so
    /// that the small ones are means of 0, 10 and half of 20, and so on: 8, 32 (half of 20, 30, 40), 58 and
    /// 82.
    @Test func smallOnItsOwnMeanColour() throws {
        let plain = sample(10, 5, { x, _ in UInt8(10 * x) }, label: { x, _ in x < 5 ? 1 : 2 })
        let small = try Condition.small.applied(to: plain, index: 3)
        #expect((small.width, small.height) == (10, 5))
        let first = try #require(small.labels.firstIndex { $0 != 0 })
        let (left, top) = (first % 10, first / 10)
        for y in 0..<5 {
            for x in 0..<10 {
                let isInside = (left..<left + 4).contains(x) && (top..<top + 2).contains(y)
                #expect(small.pixels[3 * (10 * y + x)] == (isInside ? [8, 32, 58, 82][x - left] : 45))
                #expect(small.labels[10 * y + x] == (isInside ? [1, 1, 2, 2][x - left] : 0))
            }
        }
    }

    @Test func placesAreRandomAndAlwaysTheSame() throws {
        let plain = sample(50, 50, { x, y in UInt8(x + y) }, label: { _, _ in 2 })
        func place(_ index: Int) throws -> Int? {
            try Condition.small.applied(to: plain, index: index).labels.firstIndex(of: 2)
        }
        #expect(try (0..<9).map(place) == (0..<9).map(place))
        #expect(try Set((0..<9).map(place)).count > 5)
    }

    /// Around a photo of which only one class is known, no more is known.
    @Test func theCanvasOfHair() throws {
        let plain = sample(10, 10, { _, _ in 9 }, label: { x, _ in x < 5 ? Sample.not(2) : 2 })
        let labels = try Condition.small.applied(to: plain, index: 0).labels
        #expect(labels.count { $0 == 2 } == 8 && labels.count { $0 == Sample.not(2) } == 92)
    }

    @Test func corruptionsLeaveLabels() throws {
        let plain = sample(16, 16, { x, y in UInt8(8 * (x + y)) }, label: { x, _ in UInt8(x % 3) })
        for corruption in Corruption.allCases {
            let condition = Condition.corrupted(corruption, severity: 5)
            let damaged = try condition.applied(to: plain, index: 1)
            #expect(damaged.labels == plain.labels && damaged.pixels != plain.pixels)
            #expect(try condition.applied(to: plain, index: 1) == damaged)
        }
    }
}
