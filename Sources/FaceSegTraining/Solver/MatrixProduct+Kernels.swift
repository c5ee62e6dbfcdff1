// MatrixProduct: C = A B, as the convolution of one row of pixels that it is to the kernels: each row of B a plane.
import FaceSegKit
import Kernels

/// Of matrices of up to so many numbers.
final class MatrixProduct {
    private let variant = fsk_convolution_choose(Processor.bits)!
    private let packed: Buffer, scratch: Buffer

    /// - rows, columns: of the largest left matrix.
    init(rows: Int, columns: Int, threads: Int) throws(FaceSegError) {
        packed = try Buffer(count: fsk_convolution_packed_size(variant, rows, columns))
        scratch = try Buffer(count: fsk_convolution_scratch_size(variant) * threads)
    }

    /// c `[rows, columns]` = a `[rows, inner]` times b `[inner, columns]`.
    func run(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to c: UnsafeMutablePointer<Float>, rows: Int,
        inner: Int,
        columns: Int, _ workers: Workers
    ) {
        var filters = fsk_filters(
            source: a, channels: inner, height: 1, width: 1, filter_step: inner, channel_step: 1, row_step: 1,
            column_step: 1, gain: nil)
        fsk_convolution_pack(variant, &filters, rows, 0, rows, packed.start)
        var arguments = fsk_convolution(
            x: b, y: c, weights: UnsafePointer(packed.start), bias: nil, batch: 1, groups: 1, channels: inner,
            height: 1, width: columns, filters: rows, out_height: 1, out_width: columns, kernel_height: 1,
            kernel_width: 1, stride_height: 1, stride_width: 1, pad_height: 0, pad_width: 0,
            dilation_height: 1,
            dilation_width: 1, batch_step: rows * columns, plane_step: columns, row_step: columns,
            column_step: 1,
            relu: 0, slope: 0)
        workers.withPool { fsk_convolution_run(variant, &arguments, scratch.start, $0) }
    }
}
