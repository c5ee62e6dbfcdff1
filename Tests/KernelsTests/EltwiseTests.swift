// fsk_eltwise: several arrays of one shape.
import Kernels
import Testing

/// `inPlace`: the input that y is, if any.
private func run(
    _ kind: Int, _ x: [[Float]], coefficients: [Float]? = nil, slope: Float? = nil, inPlace: Int? = nil
) -> [Float] {
    let n = x[0].count, flat = x.flatMap { $0 }
    return sameEverywhere(n, over: inPlace.map { x[$0] }) { pool, y in
        withArrays(flat, coefficients ?? []) { base, c, _ in
            let pointers = x.indices.map { i -> UnsafePointer<Float>? in
                i == inPlace ? UnsafePointer(y) : base.map { $0 + i * n }
            }
            pointers.withUnsafeBufferPointer {
                var e = fsk_eltwise(
                    x: $0.baseAddress, inputs: x.count, y: y, count: n, kind: Int32(kind),
                    coefficients: coefficients == nil ? nil : c, relu: slope != nil,
                    negative_slope: slope ?? 0)
                fsk_eltwise_run(&e, pool)
            }
        }
    }
}

private func inputs(_ count: Int, _ n: Int, odd: Bool = false) -> [[Float]] {
    var random = SplitMix(count, n)
    return (0..<count).map { _ in odd ? random.oddFloats(n) : random.floats(n) }
}

struct EltwiseTests {
    @Test(arguments: [1, 2, 3, 5], lengths + [severalSlices])
    func sum(count: Int, n: Int) {
        let x = inputs(count, n), c = (0..<count).map { Float($0) * 0.75 - 1 }
        let want = (0..<n).map { i in zip(x, c).map { Double($0[i]) * Double($1) }.reduce(0, +) }
        expectClose(run(FSK_ELTWISE_SUM, x, coefficients: c), want, absolute: 1e-5)
        let rectified = run(FSK_ELTWISE_SUM, x, coefficients: c, slope: 0.1)
        expectClose(rectified, want.map { $0 < 0 ? 0.1 * $0 : $0 }, absolute: 1e-5)
        let plain = (0..<n).map { i in x.map { Double($0[i]) }.reduce(0, +) }
        expectClose(run(FSK_ELTWISE_SUM, x, slope: 0), plain.map { max($0, 0) }, absolute: 1e-5)
    }

    @Test(arguments: [1, 2, 3, 5], lengths)
    func product(count: Int, n: Int) {
        let x = inputs(count, n)
        let want = (0..<n).map { i in x.map { Double($0[i]) }.reduce(1, *) }
        expectClose(run(FSK_ELTWISE_PROD, x), want, relative: 1e-6)
    }

    /// Caffe asks a > b of the first two, then b > a of each that follows: NaN goes by that.
    @Test(arguments: [1, 2, 3, 5], lengths)
    func largest(count: Int, n: Int) {
        let x = inputs(count, n, odd: true)
        let want = (0..<n).map { i in
            var v = count > 1 ? (x[0][i] > x[1][i] ? x[0][i] : x[1][i]) : x[0][i]
            for j in x.indices.dropFirst(2) { v = x[j][i] > v ? x[j][i] : v }
            return v
        }
        #expect(bits(run(FSK_ELTWISE_MAX, x)) == bits(want))
    }

    @Test func byHand() {
        let x: [[Float]] = [[1, -2, .nan], [4, 5, 6], [-1, -1, -1]]
        #expect(run(FSK_ELTWISE_SUM, x, coefficients: [1, -1, 2])[..<2] == [-5, -9])
        #expect(run(FSK_ELTWISE_PROD, x)[..<2] == [-4, 10])
        #expect(run(FSK_ELTWISE_MAX, x) == [4, 5, 6])
        #expect(run(FSK_ELTWISE_MAX, [x[1], x[0]])[2].isNaN)
        #expect(run(FSK_ELTWISE_SUM, x, slope: 0)[..<2] == [4, 2])
    }

    @Test(arguments: [FSK_ELTWISE_SUM, FSK_ELTWISE_PROD, FSK_ELTWISE_MAX], 0..<3)
    func inPlace(kind: Int, which: Int) {
        let x = inputs(3, severalSlices, odd: true)
        #expect(bits(run(kind, x, inPlace: which)) == bits(run(kind, x)))
    }
}
