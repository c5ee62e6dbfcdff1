// Laying pictures over others, against a naive reference in doubles and by hand.
import Glibc
import Testing

@testable import FaceSegTraining

@Suite struct LayerTests {
    @Test func twoPixelsBecomeFour() {
        let two = Sample(name: "", width: 2, height: 1, pixels: [0, 40, 7, 100, 80, 7], labels: [1, 2])
        let four = two.resized(width: 4, height: 1)
        #expect(four.pixels == [0, 40, 7, 25, 50, 7, 75, 70, 7, 100, 80, 7] && four.labels == [1, 1, 2, 2])
    }

    /// A quarter of the sides: each pixel is the mean of 16.
    @Test func nothingIsLeftOutInShrinking() {
        let large = Sample.patterned(width: 16, height: 12), small = large.resized(width: 4, height: 3)
        for y in 0..<3 {
            for x in 0..<4 {
                let red = (0..<4).reduce(0) { $0 + Int(large.color(4 * x + $1, 0)[0]) }
                #expect(abs(Double(small.color(x, y)[0]) - Double(red) / 4) <= 1.01)
                #expect(small.label(x, y) == large.label(4 * x + 2, 4 * y + 2))
            }
        }
    }

    /// Turned, stretched, mirrored, moved off the canvas in part; scales at which nothing is halved.
    @Test(arguments: 0..<12)
    func sameAsNaive(seed: Int) {
        var random = SampleRandom(seed: UInt64(seed))
        let source = Sample.patterned()
        let placement = Placement(
            scale: (Double(random.number(in: 0.8...2)), Double(random.number(in: -2...(-0.8)))),
            angle: Double(random.number(in: -3...3)), from: (9, 7),
            to: (Double(random.number(in: 0...30)), Double(random.number(in: 0...20))))
        var seen = Sample(name: "", width: 30, height: 20, color: Color(1, 2, 3), label: 9)
        seen.draw(Layer(source), placement)
        for y in 0..<20 {
            for x in 0..<30 {
                let (u, v) = placement.inverse.apply(Double(x) + 0.5, Double(y) + 0.5)
                // On the line between two pixels either is right.
                if abs(u - u.rounded()) < 1e-6 || abs(v - v.rounded()) < 1e-6 { continue }
                let isInside = u > 0 && u < 19 && v > 0 && v < 14
                #expect(seen.label(x, y) == (isInside ? source.label(Int(u), Int(v)) : 9))
                let expected = isInside ? bilinear(source, u - 0.5, v - 0.5) : [1, 2, 3]
                #expect(
                    zip(seen.color(x, y), expected).allSatisfy { abs(Double($0) - $1) < 1.6 }, "\(x) \(y)")
            }
        }
    }

    private func bilinear(_ source: Sample, _ u: Double, _ v: Double) -> [Double] {
        let column = { (x: Double) in Int(min(max(x, 0), Double(source.width - 1))) }
        let row = { (y: Double) in Int(min(max(y, 0), Double(source.height - 1))) }
        let (left, top) = (floor(u), floor(v))
        return (0..<3).map { c in
            let value = { (x: Double, y: Double) in Double(source.color(column(x), row(y))[c]) }
            let upper = value(left, top) * (left + 1 - u) + value(left + 1, top) * (u - left)
            let lower = value(left, top + 1) * (left + 1 - u) + value(left + 1, top + 1) * (u - left)
            return upper * (top + 1 - v) + lower * (v - top)
        }
    }

    @Test func thereAndBack() {
        let placement = Placement(scale: (2, -0.5), angle: 0.7, from: (3, 4), to: (-5, 6))
        let there = placement.apply(10, 20), back = placement.inverse.apply(there.x, there.y)
        #expect(abs(back.x - 10) < 1e-9 && abs(back.y - 20) < 1e-9 && abs(placement.scale - 1) < 1e-12)
    }

    /// A third of white over black is 85; labels change from half on.
    @Test func alphaMixes() {
        let white = Sample(name: "", width: 3, height: 1, color: Color(255, 255, 255), label: 1)
        var black = Sample(name: "", width: 3, height: 1)
        black.draw(Layer(white, alpha: [85, 0, 128]), .stretched(from: (3, 1), to: (3, 1)))
        #expect(black.pixels == [85, 85, 85, 0, 0, 0, 128, 128, 128] && black.labels == [0, 0, 1])
    }

    @Test func limitsHold() {
        var canvas = Sample(name: "", width: 6, height: 6)
        let white = Sample(name: "", width: 6, height: 6, color: Color(255, 255, 255), label: 1)
        canvas.draw(
            Layer(white), .stretched(from: (6, 6), to: (6, 6)), within: Area(columns: 1..<3, rows: 4..<9))
        #expect((0..<36).allSatisfy { canvas.labels[$0] == ([25, 26, 31, 32].contains($0) ? 1 : 0) })
    }

    @Test func silhouettesAreCutWithAMargin() throws {
        let cut = try #require(Silhouette(headOf: .head()))
        #expect(cut.area == Area(columns: 7..<17, rows: 5..<19))
        // Of 9 pixels around each, 1, 4 and all.
        #expect([0, 11, 22].map { cut.alpha[$0] } == [28, 113, 255])
        #expect(Silhouette(headOf: Sample(name: "", width: 4, height: 4)) == nil)
        #expect(
            Silhouette(
                headOf: Sample(name: "", width: 1, height: 2, pixels: [0, 0, 0, 0, 0, 0], labels: [1, 255]))
                == nil)
    }

    @Test func polygonsByEvenAndOdd() {
        var count = 0
        let ring = Polygon(corners: [
            (1, 1), (5, 1), (5, 5), (1, 5), (1, 1), (2, 2), (4, 2), (4, 4), (2, 4), (2, 2),
        ])
        ring.forEachRun(width: 8, height: 8) { count += $1.count }
        #expect(count == 12)
        var rows: [Int: Range<Int>] = [:]
        Polygon(corners: [(-3, -1), (9, 9), (-3, 9)]).forEachRun(width: 4, height: 6) { rows[$0] = $1 }
        // The edge is at x = -3 + 1.2 (y + 1): columns end at its nearest centre.
        #expect(rows == [2: 0..<1, 3: 0..<2, 4: 0..<4, 5: 0..<4])
    }
}
