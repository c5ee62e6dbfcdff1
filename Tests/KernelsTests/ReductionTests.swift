// fsk_reduction and fsk_argmax: what a whole row or column comes to.
import Kernels
import Testing

private func reduce(_ kind: Int, _ x: [Float], outer: Int, coefficient: Float = 1) -> [Float] {
    sameEverywhere(outer) { pool, y in
        x.withUnsafeBufferPointer {
            var r = fsk_reduction(
                x: $0.baseAddress, y: y, outer: outer, tail: outer == 0 ? 0 : x.count / outer,
                kind: Int32(kind),
                coefficient: coefficient)
            fsk_reduction_run(&r, pool)
        }
    }
}

private func argmax(_ output: Int, _ x: [Float], _ s: ChannelShape, top: Int = 1) -> [Float] {
    let results = output == FSK_ARGMAX_BOTH ? 2 * top : top
    return sameEverywhere(s.outer * s.inner * results) { pool, y in
        x.withUnsafeBufferPointer {
            var a = fsk_argmax(
                x: $0.baseAddress, y: y, outer: s.outer, channels: s.channels, inner: s.inner, top_k: top,
                output: Int32(output))
            fsk_argmax_run(&a, pool)
        }
    }
}

/// Index and value of the top of a column, by sorting the pairs as Caffe does.
private func sorted(_ x: [Float], _ s: ChannelShape, outer: Int, inner: Int) -> [(value: Float, index: Int)] {
    let column = (0..<s.channels).map { (x[(outer * s.channels + $0) * s.inner + inner], $0) }
    return column.sorted { $0.0 == $1.0 ? $0.1 > $1.1 : $0.0 > $1.0 }
}

struct ReductionTests {
    @Test(arguments: lengths.dropFirst() + [severalSlices], [1, 3])
    func sums(tail: Int, outer: Int) {
        var random = SplitMix(tail, outer)
        let x = random.floats(outer * tail), c: Float = -0.5
        let rows = (0..<outer).map { x[$0 * tail..<($0 + 1) * tail].map { Double($0) } }
        func check(_ kind: Int, _ of: ([Double]) -> Double) {
            let got = reduce(kind, x, outer: outer, coefficient: c)
            expectClose(got, rows.map { of($0) * Double(c) }, relative: 3e-7, absolute: 1e-9)
        }
        check(FSK_REDUCTION_SUM) { $0.reduce(0, +) }
        check(FSK_REDUCTION_ASUM) { $0.reduce(0) { $0 + abs($1) } }
        check(FSK_REDUCTION_SUMSQ) { $0.reduce(0) { $0 + $1 * $1 } }
        check(FSK_REDUCTION_MEAN) { $0.reduce(0, +) / Double(tail) }
    }

    @Test func sumsByHand() {
        let x: [Float] = [1, -2, 3, 4, 5, -9]
        #expect(reduce(FSK_REDUCTION_SUM, x, outer: 2) == [2, 0])
        #expect(reduce(FSK_REDUCTION_ASUM, x, outer: 2, coefficient: 2) == [12, 36])
        #expect(reduce(FSK_REDUCTION_SUMSQ, x, outer: 1) == [136])
        #expect(reduce(FSK_REDUCTION_MEAN, x, outer: 3) == [-0.5, 3.5, -2])
    }

    @Test(
        arguments: [
            ChannelShape(outer: 2, channels: 5, inner: 7), ChannelShape(outer: 3, channels: 21, inner: 1),
            ChannelShape(outer: 1, channels: 3, inner: 70_001), ChannelShape(outer: 0, channels: 3, inner: 2),
        ], [1, 3])
    func top(shape: ChannelShape, k: Int) {
        var random = SplitMix(shape.count, k)
        let x = random.floats(shape.count).map { $0.rounded() }  // with many equal values
        var indices = [Float](repeating: 0, count: shape.outer * k * shape.inner), values = indices
        for outer in 0..<shape.outer {
            for inner in 0..<shape.inner {
                for (j, pair) in sorted(x, shape, outer: outer, inner: inner).prefix(k).enumerated() {
                    let at = (outer * k + j) * shape.inner + inner
                    (indices[at], values[at]) = (Float(pair.index), pair.value)
                }
            }
        }
        #expect(argmax(FSK_ARGMAX_INDEX, x, shape, top: k) == indices)
        #expect(argmax(FSK_ARGMAX_VALUE, x, shape, top: k) == values)
    }

    /// Of equal values the later comes first; NaN is the last.
    @Test func topByHand() {
        let row = ChannelShape(outer: 1, channels: 4, inner: 1),
            two = ChannelShape(outer: 2, channels: 3, inner: 1)
        #expect(argmax(FSK_ARGMAX_INDEX, [5, 7, 7, 1], row) == [2])
        #expect(argmax(FSK_ARGMAX_INDEX, [0, -0.0, .nan, -.infinity], row, top: 4) == [1, 0, 3, 2])
        #expect(argmax(FSK_ARGMAX_INDEX, [.nan, .nan, .nan, .nan], row, top: 2) == [3, 2])
        #expect(argmax(FSK_ARGMAX_BOTH, [1, 3, 2, 9, 8, 7], two, top: 2) == [1, 2, 3, 2, 0, 1, 9, 8])
        let planes = ChannelShape(outer: 1, channels: 2, inner: 3)
        #expect(argmax(FSK_ARGMAX_INDEX, [1, 5, 2, 4, 5, 0], planes) == [1, 1, 0])
        #expect(argmax(FSK_ARGMAX_VALUE, [1, 5, 2, 4, 5, 0], planes, top: 2) == [4, 5, 2, 1, 5, 0])
    }
}
