// fsk_affine and fsk_prelu: a number for each channel.
import Kernels
import Testing

/// [outer, channels, inner]. The last has slices that end within a row and rows that end within a slice.
struct ChannelShape: Sendable {
    let outer: Int, channels: Int, inner: Int

    var count: Int { outer * channels * inner }

    static let all =
        lengths.map { ChannelShape(outer: 2, channels: 3, inner: $0) } + [
            ChannelShape(outer: 0, channels: 3, inner: 4), ChannelShape(outer: 5, channels: 7, inner: 1),
            ChannelShape(outer: 3, channels: 17, inner: 2039),
            ChannelShape(outer: 1, channels: 2, inner: 70001),
        ]
}

private func affine(
    _ x: [Float], _ shape: ChannelShape, gain: [Float]?, shift: [Float]?, slope: Float? = nil,
    inPlace: Bool = false
) -> [Float] {
    sameEverywhere(x.count, over: inPlace ? x : nil) { pool, y in
        withArrays(x, gain ?? [], shift ?? []) { x, g, s in
            var a = fsk_affine(
                x: inPlace ? UnsafePointer(y) : x, y: y, outer: shape.outer, channels: shape.channels,
                inner: shape.inner, gain: gain == nil ? nil : g, shift: shift == nil ? nil : s,
                relu: slope != nil, negative_slope: slope ?? 0)
            fsk_affine_run(&a, pool)
        }
    }
}

func withArrays<Result>(
    _ a: [Float], _ b: [Float], _ c: [Float] = [],
    _ body: (UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?) -> Result
) -> Result {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            c.withUnsafeBufferPointer { body(a.baseAddress, b.baseAddress, $0.baseAddress) }
        }
    }
}

struct ChannelwiseTests {
    @Test(arguments: ChannelShape.all, [nil, 0, 0.2] as [Float?])
    func affineAsTheFormula(shape: ChannelShape, slope: Float?) {
        var random = SplitMix(shape.count, shape.inner)
        let x = random.floats(shape.count)
        let gain = random.floats(shape.channels), shift = random.floats(shape.channels)
        let want = x.indices.map { i in
            let c = i / shape.inner % shape.channels
            let v = Double(x[i]) * Double(gain[c]) + Double(shift[c])
            return v < 0 ? v * Double(slope ?? 1) : v
        }
        let got = affine(x, shape, gain: gain, shift: shift, slope: slope)
        expectClose(got, want, relative: 1e-6, absolute: 1e-5)
        let inPlace = affine(x, shape, gain: gain, shift: shift, slope: slope, inPlace: true)
        #expect(bits(inPlace) == bits(got))
    }

    /// Without gain and shift every bit stays, that of -0 too.
    @Test func nothingToDo() {
        var random = SplitMix(5)
        let shape = ChannelShape(outer: 1, channels: 2, inner: 50), x = random.oddFloats(100)
        #expect(bits(affine(x, shape, gain: nil, shift: nil)) == bits(x))
        #expect(bits(affine(x, shape, gain: [1, 1], shift: nil, slope: 1)) == bits(x))
    }

    @Test func affineByHand() {
        let shape = ChannelShape(outer: 1, channels: 2, inner: 2), x: [Float] = [1, -2, 3, .nan]
        #expect(affine(x, shape, gain: [2, 3], shift: [1, -10])[..<3] == [3, -3, -1])
        #expect(affine(x, shape, gain: nil, shift: [1, -10], slope: 0)[..<3] == [2, 0, 0])
        #expect(affine(x, shape, gain: [2, 3], shift: nil, slope: 0.5)[..<3] == [2, -2, 9])
        #expect(affine(x, shape, gain: [2, 3], shift: nil, slope: 0)[3].isNaN)
    }

    @Test(arguments: ChannelShape.all, [0, 1])
    func prelu(shape: ChannelShape, stride: Int) {
        var random = SplitMix(shape.count, shape.inner, stride)
        let x = random.oddFloats(shape.count), slope = random.floats(shape.channels, in: -1...1)
        let want = x.indices.map { i in
            let a = slope[i / shape.inner % shape.channels * stride]
            return x[i] < 0 ? a * x[i] : x[i]
        }
        let got = sameEverywhere(x.count) { pool, y in
            withArrays(x, slope) { x, s, _ in
                var p = fsk_prelu(
                    x: x, y: y, outer: shape.outer, channels: shape.channels, inner: shape.inner, slope: s,
                    slope_stride: stride)
                fsk_prelu_run(&p, pool)
            }
        }
        #expect(bits(got) == bits(want))
    }
}
