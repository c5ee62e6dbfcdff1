// AlphaRows: rows of alpha at the photo's size from alpha at the size that it was solved at: the same, or told from the
// photo's colours by linear functions of the smaller picture's windows, as in guided refinement (Kernels/guided).
import Kernels

final class AlphaRows {
    private let alpha: Buffer, width: Int
    private let enlarging: Enlarging?

    /// Of a photo that was reduced.
    private struct Enlarging {
        let small: (width: Int, height: Int)
        let coefficients: Buffer, vertical: ResamplingTable, horizontal: ResamplingTable
        /// Of each worker: lines of the coefficients, a row of them, a row of two maps, a sum.
        let lines: Buffer, kept: UnsafeMutableBufferPointer<fsk_map_lines>, stride: Int
    }

    /// Windows of five pixels, and an epsilon by the variance of the guide: as fine as the smaller picture can tell.
    private static let radius = 2, smoothness: Float = 1e-4
    private static let maps = 4

    /// - colors: the guide, `[3, height, width]` of the problem's size.
    init(
        _ alpha: Buffer, _ colors: Buffer, of problem: MattingProblem, width: Int, height: Int,
        _ workers: Workers
    ) throws(FaceSegError) {
        (self.alpha, self.width) = (alpha, width)
        let small = (width: problem.width, height: problem.height), pixels = small.width * small.height
        guard small != (width, height) else { enlarging = nil; return }
        let coefficients = try Buffer(count: Self.maps * pixels)
        let scratch = try Buffer(
            count: fsk_guided_scratch(small.height, small.width, Self.radius, workers.threads))
        var arguments = fsk_guided(
            guide: colors.start, maps: alpha.start, channels: 1, height: small.height, width: small.width,
            radius: Self.radius, smoothness: Self.smoothness, coefficients: coefficients.start,
            scratch: scratch.start)
        workers.withPool { fsk_guided_run(&arguments, $0) }
        let stride = (3 * Self.maps + 2) * width + small.width
        let lines = try Buffer(count: workers.threads * stride)
        let kept = UnsafeMutableBufferPointer<fsk_map_lines>.allocate(capacity: workers.threads)
        for worker in kept.indices {
            let wide = lines.start + worker * stride
            kept.initializeElement(
                at: worker,
                to: fsk_map_lines(
                    lines: (-1, -1), wide: wide, sum: wide + (3 * Self.maps + 2) * width))
        }
        enlarging = Enlarging(
            small: small, coefficients: coefficients,
            vertical: ResamplingTable(length: small.height, span: Double(small.height), count: height),
            horizontal: ResamplingTable(length: small.width, span: Double(small.width), count: width),
            lines: lines, kept: kept, stride: stride)
    }

    deinit { enlarging?.kept.deallocate() }

    /// Row `row` of `photo`, 0...1. Several threads, each a worker of its own.
    func row(
        _ row: Int, of photo: PixelView, worker: Int, _ cpu: UInt32
    ) -> UnsafeMutablePointer<Float> {
        guard let enlarging else { return alpha.start + row * width }
        let out = enlarging.lines.start + worker * enlarging.stride + 2 * Self.maps * width
        let values = out + Self.maps * width
        var photo = photo.borrowed
        var pair = enlarging.vertical.withTable { vertical in
            enlarging.horizontal.withTable { horizontal in
                var arguments = fsk_map_rows(
                    maps: enlarging.coefficients.start, channels: Self.maps,
                    height: enlarging.small.height, width: enlarging.small.width, vertical: vertical,
                    horizontal: horizontal, step: width)
                return fsk_map_row_pair(
                    &arguments, row, enlarging.kept.baseAddress! + worker, out, cpu)
            }
        }
        fsk_guided_row(&photo, row, 0, width, &pair, 1, values, width, cpu)
        return values + width
    }
}
