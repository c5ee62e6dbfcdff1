// fsk_lrn and fsk_mvn against their formulas in double.
import Foundation
import Kernels
import Testing

struct LRNShape: Sendable {
    var outer = 2
    let channels: Int, height: Int, width: Int, size: Int
    var beta: Float = 0.75

    var count: Int { outer * channels * height * width }

    static let all = [
        LRNShape(channels: 7, height: 3, width: 5, size: 5),
        LRNShape(channels: 2, height: 4, width: 3, size: 5),
        LRNShape(channels: 4, height: 6, width: 7, size: 3, beta: 0.5),
        LRNShape(channels: 3, height: 1, width: 1, size: 1),
        LRNShape(channels: 3, height: 9, width: 8, size: 7, beta: 1.25),
        LRNShape(outer: 1, channels: 32, height: 41, width: 50, size: 5),
        LRNShape(channels: 0, height: 3, width: 3, size: 3),
    ]
}

private let alpha: Float = 0.3, k: Float = 1.5

private func lrn(_ x: [Float], _ s: LRNShape, within: Bool) -> [Float] {
    sameEverywhere(x.count) { pool, y in
        x.withUnsafeBufferPointer {
            var l = fsk_lrn(
                x: $0.baseAddress, y: y, outer: s.outer, channels: s.channels, height: s.height,
                width: s.width,
                size: s.size, alpha: alpha, beta: s.beta, k: k, within_channel: within)
            fsk_lrn_run(&l, pool)
        }
    }
}

private func near(_ i: Int, _ size: Int, _ n: Int) -> Range<Int> {
    max(i - (size - 1) / 2, 0)..<min(i + (size - 1) / 2 + 1, n)
}

private func reference(_ x: [Float], _ s: LRNShape, within: Bool) -> [Double] {
    let plane = s.height * s.width
    return x.indices.map { i in
        let n = i / plane / s.channels, c = i / plane % s.channels, row = i / s.width % s.height,
            column = i % s.width
        var sum = 0.0
        for d in within ? c..<c + 1 : near(c, s.size, s.channels) {
            for r in within ? near(row, s.size, s.height) : row..<row + 1 {
                for q in within ? near(column, s.size, s.width) : column..<column + 1 {
                    let v = Double(x[((n * s.channels + d) * s.height + r) * s.width + q])
                    sum += v * v
                }
            }
        }
        let share = Double(alpha) / Double(within ? s.size * s.size : s.size)
        return Double(x[i]) * pow((within ? 1 : Double(k)) + share * sum, -Double(s.beta))
    }
}

private func mvn(
    _ x: [Float], outer: Int, inner: Int, variance: Bool, eps: Float = 1e-9, inPlace: Bool = false
) -> [Float] {
    sameEverywhere(x.count, over: inPlace ? x : nil) { pool, y in
        x.withUnsafeBufferPointer {
            var m = fsk_mvn(
                x: inPlace ? UnsafePointer(y) : $0.baseAddress, y: y, outer: outer, inner: inner,
                normalize_variance: variance, eps: eps)
            fsk_mvn_run(&m, pool)
        }
    }
}

struct NormalizationTests {
    @Test(arguments: LRNShape.all, [false, true])
    func lrnAsTheFormula(shape: LRNShape, within: Bool) {
        var random = SplitMix(shape.count, shape.size)
        let x = random.floats(shape.count)
        expectClose(lrn(x, shape, within: within), reference(x, shape, within: within), relative: 2e-6)
    }

    @Test func lrnByHand() {
        let shape = LRNShape(outer: 1, channels: 2, height: 1, width: 1, size: 3, beta: 1)
        expectClose(
            lrn([1, 2], shape, within: false), [1 / (1.5 + 0.1 * 5), 2 / (1.5 + 0.1 * 5)], relative: 1e-6)
        expectClose(lrn([3, 6], shape, within: true), [3 / 1.3, 6 / 2.2], relative: 1e-6)
    }

    @Test(arguments: lengths.dropFirst() + [severalSlices], [false, true])
    func mvnAsTheFormula(inner: Int, variance: Bool) {
        var random = SplitMix(inner)
        let outer = 3, eps: Float = 0.01, x = random.floats(outer * inner, in: 90...100)
        let want = (0..<outer).flatMap { g in
            let group = x[g * inner..<(g + 1) * inner].map { Double($0) }
            let mean = group.reduce(0, +) / Double(inner)
            let square = group.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(inner)
            return group.map { ($0 - mean) / (variance ? square.squareRoot() + Double(eps) : 1) }
        }
        let got = mvn(x, outer: outer, inner: inner, variance: variance, eps: eps)
        expectClose(got, want, absolute: 1e-5)
        let inPlace = mvn(x, outer: outer, inner: inner, variance: variance, eps: eps, inPlace: true)
        #expect(bits(inPlace) == bits(got))
    }

    @Test func mvnByHand() {
        #expect(mvn([1, 3, 5, 5], outer: 2, inner: 2, variance: false) == [-1, 1, 0, 0])
        #expect(mvn([1, 5], outer: 1, inner: 2, variance: true, eps: 2) == [-0.5, 0.5])
        #expect(mvn([], outer: 3, inner: 0, variance: true) == [])
    }
}
