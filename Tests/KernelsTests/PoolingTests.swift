// fsk_pooling against Caffe's loops, with the output sizes that Caffe computes.
import Kernels
import Testing

/// A pooling of [planes, height, width]; pairs are (rows, columns).
struct PoolingShape: Sendable {
    var planes = 2
    let height: Int, width: Int
    var kernel = (2, 2), stride = (2, 2), pad = (0, 0)

    var out: (Int, Int)? = nil  // instead of Caffe's

    var outHeight: Int { out?.0 ?? Self.steps(height, kernel.0, stride.0, pad.0, isPadded) }
    var outWidth: Int { out?.1 ?? Self.steps(width, kernel.1, stride.1, pad.1, isPadded) }
    private var isPadded: Bool { pad != (0, 0) }

    /// Rounded up; with padding, a last window that would begin in it is dropped.
    private static func steps(_ n: Int, _ kernel: Int, _ stride: Int, _ pad: Int, _ isPadded: Bool) -> Int {
        let room = n + 2 * pad - kernel
        let out = (room >= 0 ? (room + stride - 1) / stride : -(-room / stride)) + 1
        return isPadded && (out - 1) * stride >= n + pad ? out - 1 : max(out, 0)
    }

    /// The common shape around the vector widths, the last row and column hanging over.
    static let common = lengths.dropFirst().flatMap { width in
        [1, 2, 3, 4].map { PoolingShape(height: $0, width: width) }
    }

    static let others = [
        PoolingShape(height: 9, width: 11, kernel: (3, 3), stride: (2, 2)),
        PoolingShape(height: 9, width: 11, kernel: (3, 3), stride: (2, 2), pad: (1, 1)),
        PoolingShape(height: 7, width: 8, kernel: (3, 3), stride: (1, 1), pad: (1, 1)),
        PoolingShape(height: 10, width: 7, kernel: (2, 3), stride: (3, 1), pad: (1, 0)),
        PoolingShape(height: 6, width: 6, kernel: (2, 2), stride: (2, 2), pad: (1, 1)),
        PoolingShape(height: 5, width: 6, kernel: (5, 6), stride: (1, 1)),
        PoolingShape(height: 13, width: 12, kernel: (1, 1), stride: (4, 5)),
        PoolingShape(height: 8, width: 9, kernel: (2, 2), stride: (5, 7)),
        PoolingShape(planes: 5, height: 120, width: 131, kernel: (3, 3), stride: (2, 2)),
        PoolingShape(planes: 7, height: 191, width: 201),
        PoolingShape(planes: 0, height: 4, width: 4),
        PoolingShape(height: 4, width: 6, out: (4, 5)), PoolingShape(height: 5, width: 9, out: (1, 3)),
    ]
}

private func run(_ kind: Int, _ x: [Float], _ shape: PoolingShape) -> [Float] {
    sameEverywhere(shape.planes * shape.outHeight * shape.outWidth) { pool, y in
        x.withUnsafeBufferPointer {
            var p = fsk_pooling(
                x: $0.baseAddress, y: y, planes: shape.planes, height: shape.height, width: shape.width,
                out_height: shape.outHeight, out_width: shape.outWidth, kernel_h: shape.kernel.0,
                kernel_w: shape.kernel.1, stride_h: shape.stride.0, stride_w: shape.stride.1,
                pad_h: shape.pad.0, pad_w: shape.pad.1, kind: Int32(kind))
            fsk_pooling_run(&p, pool)
        }
    }
}

/// Caffe's, in double.
private func reference(_ kind: Int, _ x: [Float], _ s: PoolingShape) -> [Double] {
    var y: [Double] = []
    for plane in 0..<s.planes {
        for row in 0..<s.outHeight {
            for column in 0..<s.outWidth {
                let top = row * s.stride.0 - s.pad.0, left = column * s.stride.1 - s.pad.1
                let bottom = min(top + s.kernel.0, s.height + s.pad.0)
                let right = min(left + s.kernel.1, s.width + s.pad.1)
                var sum = 0.0, largest = -Double(Float.greatestFiniteMagnitude)
                for r in stride(from: max(top, 0), to: min(bottom, s.height), by: 1) {
                    for c in stride(from: max(left, 0), to: min(right, s.width), by: 1) {
                        let v = Double(x[(plane * s.height + r) * s.width + c])
                        sum += v
                        if v > largest { largest = v }
                    }
                }
                y.append(kind == FSK_POOLING_MAX ? largest : sum / Double((bottom - top) * (right - left)))
            }
        }
    }
    return y
}

struct PoolingTests {
    @Test(arguments: PoolingShape.common + PoolingShape.others)
    func largest(shape: PoolingShape) {
        var random = SplitMix(shape.height, shape.width, shape.planes)
        let x = random.oddFloats(shape.planes * shape.height * shape.width)
        expectClose(run(FSK_POOLING_MAX, x, shape), reference(FSK_POOLING_MAX, x, shape))
    }

    @Test(arguments: PoolingShape.others + [PoolingShape(height: 5, width: 33)])
    func mean(shape: PoolingShape) {
        var random = SplitMix(shape.height, shape.width, shape.planes)
        let x = random.floats(shape.planes * shape.height * shape.width)
        expectClose(run(FSK_POOLING_AVE, x, shape), reference(FSK_POOLING_AVE, x, shape), absolute: 1e-5)
    }

    @Test func byHand() {
        let x: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, -9]
        let shape = PoolingShape(planes: 1, height: 3, width: 3)
        #expect(run(FSK_POOLING_MAX, x, shape) == [5, 6, 8, -9])
        #expect(run(FSK_POOLING_AVE, x, shape) == [3, 4.5, 7.5, -9])
        let padded = PoolingShape(planes: 1, height: 3, width: 3, pad: (1, 1))
        #expect(run(FSK_POOLING_MAX, x, padded) == [1, 3, 7, 8])
        #expect(run(FSK_POOLING_AVE, x, padded) == [0.25, 1.25, 2.75, 2.5])
    }

    /// Four rows by steps of three: the second window begins where the plane ends.
    @Test func windowsOutside() {
        let shape = PoolingShape(planes: 1, height: 3, width: 1, kernel: (1, 1), stride: (3, 1))
        #expect(shape.outHeight == 2)
        #expect(run(FSK_POOLING_MAX, [1, 2, 3], shape) == [1, -Float.greatestFiniteMagnitude])
        #expect(run(FSK_POOLING_AVE, [1, 2, 3], shape)[1].isNaN)
    }

    @Test func whatIsNoNumber() {
        let shape = PoolingShape(planes: 1, height: 2, width: 4)
        let x: [Float] = [.nan, 1, .nan, .nan, 2, .nan, .nan, -.infinity]
        #expect(run(FSK_POOLING_MAX, x, shape) == [2, -Float.greatestFiniteMagnitude])
    }
}
