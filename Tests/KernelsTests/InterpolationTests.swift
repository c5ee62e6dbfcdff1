// fsk_interp and fsk_upsample: planes made larger or smaller.
import Kernels
import Testing

/// [planes, height, width] to [planes, outHeight, outWidth].
struct InterpShape: Sendable {
    let height: Int, width: Int, outHeight: Int, outWidth: Int
    var planes = 2, begin = 0, end = 0

    static let all =
        lengths.dropFirst().map { InterpShape(height: 3, width: 5, outHeight: 4, outWidth: $0) }
        + lengths.dropFirst().map { InterpShape(height: 3, width: $0, outHeight: 5, outWidth: 9) } + [
            InterpShape(height: 1, width: 1, outHeight: 4, outWidth: 3),
            InterpShape(height: 7, width: 6, outHeight: 1, outWidth: 1),
            InterpShape(height: 7, width: 6, outHeight: 9, outWidth: 11, begin: -1, end: -2),
            InterpShape(height: 7, width: 6, outHeight: 4, outWidth: 3, begin: -1, end: -2),
            InterpShape(height: 60, width: 60, outHeight: 473, outWidth: 473, planes: 1),
        ]
}

private func interp(_ x: [Float], _ s: InterpShape) -> [Float] {
    sameEverywhere(s.planes * s.outHeight * s.outWidth) { pool, y in
        x.withUnsafeBufferPointer {
            var p = fsk_interp(
                x: $0.baseAddress, y: y, planes: s.planes, height: s.height, width: s.width,
                out_height: s.outHeight, out_width: s.outWidth, pad_begin: s.begin, pad_end: s.end)
            fsk_interp_run(&p, pool)
        }
    }
}

/// Corners on corners, in double.
private func reference(_ x: [Float], _ s: InterpShape) -> [Double] {
    let height = s.height + s.begin + s.end, width = s.width + s.begin + s.end
    func position(_ i: Int, _ n: Int, _ out: Int) -> (low: Int, high: Int, far: Double) {
        let exact = out > 1 ? Double(i) * Double(n - 1) / Double(out - 1) : 0
        let low = min(Int(exact), n - 1)
        return (low, min(low + 1, n - 1), exact - Double(low))
    }
    return (0..<s.planes * s.outHeight * s.outWidth).map { i in
        let v = position(i / s.outWidth % s.outHeight, height, s.outHeight)
        let h = position(i % s.outWidth, width, s.outWidth), plane = i / s.outWidth / s.outHeight
        func at(_ row: Int, _ column: Int) -> Double {
            Double(x[(plane * s.height + row - s.begin) * s.width + column - s.begin])
        }
        let upper = at(v.low, h.low) * (1 - h.far) + at(v.low, h.high) * h.far
        let lower = at(v.high, h.low) * (1 - h.far) + at(v.high, h.high) * h.far
        return upper * (1 - v.far) + lower * v.far
    }
}

private func upsample(_ x: [Float], planes: Int, height: Int, width: Int, factor: Int) -> [Float] {
    sameEverywhere(x.count * factor * factor) { pool, y in
        x.withUnsafeBufferPointer {
            var u = fsk_upsample(
                x: $0.baseAddress, y: y, planes: planes, height: height, width: width, factor: factor)
            fsk_upsample_run(&u, pool)
        }
    }
}

struct InterpolationTests {
    /// Positions are in float, as in the layer: their error grows with the side.
    @Test(arguments: InterpShape.all)
    func interpAsTheFormula(shape: InterpShape) {
        var random = SplitMix(shape.width, shape.outWidth)
        let x = random.floats(shape.planes * shape.height * shape.width)
        let side = Double(max(shape.width, shape.height))
        expectClose(interp(x, shape), reference(x, shape), absolute: 4e-6 + side * 4e-6)
    }

    @Test func interpByHand() {
        let x: [Float] = [0, 4, 8, 12]
        let double = InterpShape(height: 2, width: 2, outHeight: 3, outWidth: 3, planes: 1)
        #expect(interp(x, double) == [0, 2, 4, 4, 6, 8, 8, 10, 12])
        let one = InterpShape(height: 2, width: 2, outHeight: 1, outWidth: 1, planes: 1)
        #expect(interp(x, one) == [0])
        let cropped = InterpShape(height: 2, width: 2, outHeight: 2, outWidth: 2, planes: 1, begin: -1)
        #expect(interp(x, cropped) == [12, 12, 12, 12])
    }

    /// Without a change of size it is a copy, and infinity stays.
    @Test func sameSize() {
        var random = SplitMix(3)
        let shape = InterpShape(height: 5, width: 7, outHeight: 5, outWidth: 7), x = random.oddFloats(70)
        #expect(bits(interp(x, shape)) == bits(x))
    }

    @Test(arguments: lengths, [1, 2, 3])
    func upsampled(width: Int, factor: Int) {
        var random = SplitMix(width, factor)
        let planes = 2, height = 3, x = random.oddFloats(planes * height * width)
        let want = (0..<x.count * factor * factor).map { i in
            let column = i % (width * factor) / factor, row = i / (width * factor) / factor
            return x[row * width + column]
        }
        let got = upsample(x, planes: planes, height: height, width: width, factor: factor)
        #expect(bits(got) == bits(want))
    }

    @Test func upsampledByHand() {
        let got = upsample([1, 2], planes: 1, height: 1, width: 2, factor: 2)
        #expect(got == [1, 1, 2, 2, 1, 1, 2, 2])
    }
}
