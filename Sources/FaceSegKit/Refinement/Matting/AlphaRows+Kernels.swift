// AlphaRows: rows of alpha at the photo's size from alpha at the size that it was solved at: the same, or told from the
// photo's colours by linear functions of the smaller picture's windows, as in guided refinement (Kernels/guided).
import Kernels

final class AlphaRows {
    private let alpha: Buffer, width: Int
    private let enlarging: Enlarging?

    /// Of a photo that was reduced.
    private struct Enlarging {
        /// Of the colours' linear functions, whose coefficients are maps.
        let coefficients: Buffer, stage: ResultStage
        /// Of each worker: a row of what alpha leaves and of alpha.
        let rows: Buffer
    }

    /// Windows of five pixels, and an epsilon by the variance of the guide: as fine as the smaller picture can tell.
    private static let radius = 2, smoothness: Float = 1e-4

    /// - colors: the guide, `[3, height, width]` of the problem's size.
    init(
        _ alpha: Buffer, _ colors: Buffer, of problem: MattingProblem, width: Int, height: Int,
        _ workers: Workers
    ) throws(FaceSegError) {
        (self.alpha, self.width) = (alpha, width)
        let small = (width: problem.width, height: problem.height)
        guard small != (width, height) else { enlarging = nil; return }
        let maps = MapPlace(
            channels: 4, width: small.width, height: small.height,
            place: (0, 0, Double(small.width), Double(small.height)), outside: 0)
        let coefficients = try Buffer(count: maps.channels * small.width * small.height)
        let scratch = try Buffer(
            count: fsk_guided_scratch(small.height, small.width, Self.radius, workers.threads))
        var arguments = fsk_guided(
            guide: colors.start, maps: alpha.start, channels: 1, height: small.height, width: small.width,
            radius: Self.radius, smoothness: Self.smoothness, coefficients: coefficients.start,
            scratch: scratch.start)
        workers.withPool { fsk_guided_run(&arguments, $0) }
        let stage = try ResultStage(
            Frame(wholeOf: width, height), width: width, height: height, maps, workers: workers)
        stage.begin()
        enlarging = Enlarging(
            coefficients: coefficients, stage: stage, rows: try Buffer(count: workers.threads * 2 * width))
    }

    /// Row `row` of `photo`, 0...1. Several threads, each a worker of its own.
    func row(
        _ row: Int, of photo: PixelView, worker: Int, _ cpu: UInt32
    ) -> UnsafeMutablePointer<Float> {
        guard let enlarging else { return alpha.start + row * width }
        // Every row of the whole photo sees the maps.
        var pair = enlarging.stage.pair(row, enlarging.coefficients.start, worker: worker, cpu)!
        let values = enlarging.rows.start + worker * 2 * width
        var photo = photo.borrowed
        fsk_guided_row(&photo, row, 0, width, &pair.lines, 1, values, width, cpu)
        return values + width
    }
}
