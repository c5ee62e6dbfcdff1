// fsk_softmax against e^x in double.
import Foundation
import Kernels
import Testing

private func run(_ x: [Float], _ shape: ChannelShape, inPlace: Bool = false) -> [Float] {
    sameEverywhere(x.count, over: inPlace ? x : nil) { pool, y in
        x.withUnsafeBufferPointer {
            var s = fsk_softmax(
                x: inPlace ? UnsafePointer(y) : $0.baseAddress, y: y, outer: shape.outer,
                channels: shape.channels,
                inner: shape.inner)
            fsk_softmax_run(&s, pool)
        }
    }
}

/// The difference is rounded to float first, as in Caffe; the rest is in double.
private func reference(_ x: [Float], _ s: ChannelShape) -> [Double] {
    var y = [Double](repeating: 0, count: x.count)
    for outer in 0..<s.outer {
        for inner in 0..<s.inner {
            let column = (0..<s.channels).map { (outer * s.channels + $0) * s.inner + inner }
            let largest = column.map { x[$0] }.max()!
            let powers = column.map { exp(Double(x[$0] - largest)) }, sum = powers.reduce(0, +)
            for (i, power) in zip(column, powers) { y[i] = power / sum }
        }
    }
    return y
}

struct SoftmaxTests {
    @Test(arguments: [1, 2, 3, 21], lengths)
    func asTheFormula(channels: Int, inner: Int) {
        let shape = ChannelShape(outer: 2, channels: channels, inner: inner)
        var random = SplitMix(channels, inner)
        let x = random.floats(shape.count, in: -40...40), y = run(x, shape)
        expectClose(y, reference(x, shape), relative: 1e-6, absolute: 0x1p-149)
        #expect(bits(run(x, shape, inPlace: true)) == bits(y))
    }

    /// Several tasks, whose columns begin and end within an item.
    @Test(arguments: [
        ChannelShape(outer: 3, channels: 3, inner: 20_011),
        ChannelShape(outer: 30_011, channels: 2, inner: 1),
    ])
    func large(shape: ChannelShape) {
        var random = SplitMix(shape.count)
        let x = random.floats(shape.count)
        expectClose(run(x, shape), reference(x, shape), relative: 1e-6)
    }

    /// Beside a 0 the sum is 1 in float from e^-17 on, so what stands there is e^x itself.
    @Test func theExponential() {
        let n = 40_000, powers = (0..<n).map { -17.5 - Float($0) * (88 - 17.5) / Float(n) }
        let y = run([Float](repeating: 0, count: n) + powers, ChannelShape(outer: 1, channels: 2, inner: n))
        expectClose(Array(y[n...]), powers.map { exp(Double($0)) }, relative: 2 * 0x1p-23, absolute: 1e-45)
    }

    /// Below the normal numbers: one unit of the smallest.
    @Test func theExponentialBelow() {
        let powers = (0..<2000).map { -87 - Float($0) * 0.01 }, n = powers.count
        let y = run([Float](repeating: 0, count: n) + powers, ChannelShape(outer: 1, channels: 2, inner: n))
        expectClose(Array(y[n...]), powers.map { exp(Double($0)) }, relative: 0x1p-22, absolute: 0x1p-149)
        #expect(y.last == 0)
    }

    @Test func byHand() {
        let one = ChannelShape(outer: 1, channels: 2, inner: 1)
        #expect(run([5, 5], one) == [0.5, 0.5])
        #expect(run([1e30, -1e30], one) == [1, 0])
        #expect(run([-.infinity, 3], one) == [0, 1])
        #expect(run([7], ChannelShape(outer: 1, channels: 1, inner: 1)) == [1])
    }

    @Test func whatIsNoNumber() {
        let shape = ChannelShape(outer: 1, channels: 2, inner: 3)
        for odd in [[.nan, 1, 2], [1, .infinity, 2], [.nan, .infinity, 2]] as [[Float]] {
            for x in [odd + [0, 0, 0], [0, 0, 0] + odd] {
                let y = run(x, shape)
                for i in 0..<3 where !odd[i].isFinite { #expect(y[i].isNaN && y[3 + i].isNaN) }
                #expect(abs(y[2] + y[5] - 1) < 1e-6)
            }
        }
    }
}
