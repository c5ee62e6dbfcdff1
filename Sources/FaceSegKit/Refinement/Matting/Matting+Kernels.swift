// Matting+Kernels: the work of Matting on views, and trimaps of probabilities.
import Kernels

extension Matting {
    /// Alpha of a photo into `out`, 0...1, or 0...255 as bytes.
    ///
    /// - Parameters:
    ///   - photo: Only read.
    ///   - trimap: Only read: bytes, as wide and high as the photo; 0 background, 255 foreground, all others unknown.
    ///   - out: As wide and high as the photo; memory of its own.
    /// - Throws: ``FaceSegError/argument(_:)`` for a trimap of floats or in which nothing is known, or rows that are too
    ///   short, ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func alpha(of photo: PixelView, trimap: PlaneView, into out: PlaneView) throws(FaceSegError) {
        try alpha(of: photo, trimap: trimap, prior: nil, into: out)
    }

    /// - prior: how likely the foreground is, a grey picture of the photo's size.
    func alpha(
        of photo: PixelView, trimap: PlaneView, prior: PixelView?, into out: PlaneView
    ) throws(FaceSegError) {
        guard trimap.element == .byte else {
            throw .argument("trimaps are bytes: the plane's type must be U8")
        }
        try checkRows("the trimap: ") { () throws(FaceSegError) in try trimap.check(width: photo.width) }
        try out.check(width: photo.width)
        try begin()
        try checkKnown(trimap, photo)
        let problem = try MattingProblem(trimap, width: photo.width, height: photo.height, workers)
        let colors = try colors(of: photo, width: problem.width, height: problem.height)
        let prior = try prior.map { (prior) throws(FaceSegError) in
            try self.colors(of: prior, width: problem.width, height: problem.height)
        }
        let alpha = try problem.solve(colors, prior: prior, workers)
        let rows = try AlphaRows(
            alpha, colors, of: problem, width: photo.width, height: photo.height, workers)
        try checkFinished()
        write(rows, photo, trimap, out)
        try checkFinished()
    }

    private func checkKnown(_ trimap: PlaneView, _ photo: PixelView) throws(FaceSegError) {
        for row in 0..<photo.height where fsk_matting_unknown(trimap.bytes(row), photo.width) < photo.width {
            return
        }
        throw .argument("the trimap has neither 0 nor 255 anywhere: nothing is known")
    }

    /// Planes B, G, R, 0...255.
    private func colors(of photo: PixelView, width: Int, height: Int) throws(FaceSegError) -> Buffer {
        let planes = try Buffer(count: 3 * width * height)
        let scratch = try Buffer(count: workers.threads * (photo.width * photo.format.bytes + 1))
        let vertical = ResamplingTable(
            length: photo.height, span: Double(photo.height), count: height)
        let horizontal = ResamplingTable(length: photo.width, span: Double(photo.width), count: width)
        photo.resample(vertical, horizontal, to: planes.start, scratch: scratch.start, workers)
        return planes
    }

    /// What is known stays as it is.
    private func write(_ rows: AlphaRows, _ photo: PixelView, _ trimap: PlaneView, _ out: PlaneView) {
        nonisolated(unsafe) let photo = photo, trimap = trimap, out = out, rows = rows
        let cpu = workers.cpu, width = photo.width
        workers.forEachWorker(photo.height) { row, worker in
            let values = rows.row(row, of: photo, worker: worker, cpu), known = trimap.bytes(row)
            for x in 0..<width {
                if known[x] == 0 { values[x] = 0 }
                if known[x] == 255 { values[x] = 1 }
            }
            if out.element == .float {
                out.floats(row).update(from: values, count: width)
            } else {
                byteRow(values, width, out.bytes(row), cpu)
            }
        }
    }

    /// Colours of the foreground alone into `out`: R, G, B of each pixel, bytes.
    ///
    /// - Parameters:
    ///   - photo: Only read.
    ///   - alpha: Only read: 0...1, or 0...255 as bytes, as wide and high as the photo.
    ///   - out: As high as the photo and three times as wide; memory of its own.
    /// - Throws: ``FaceSegError/argument(_:)`` for an `out` of floats or rows that are too short,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func foreground(
        of photo: PixelView, alpha: PlaneView, into out: PlaneView
    ) throws(FaceSegError) {
        guard out.element == .byte else { throw .argument("colours are bytes: out's type must be U8") }
        try checkRows("alpha: ") { () throws(FaceSegError) in try alpha.check(width: photo.width) }
        try out.check(width: photo.width, pixelBytes: 3)
        try begin()
        let most = 1 << 21
        let scratch = try Buffer(count: fsk_foreground_scratch(photo.height, photo.width, most))
        var arguments = fsk_foreground(
            photo: photo.borrowed, alpha: alpha.start, alpha_row_bytes: alpha.rowBytes,
            alpha_is_float: alpha.element == .float, most: most, scratch: scratch.start, out: out.bytes(0),
            out_row_bytes: out.rowBytes)
        workers.lead { workers.withPool { fsk_foreground_run(&arguments, $0) } }
        try checkFinished()
    }

    /// Says whose rows are too short.
    private func checkRows(
        _ whose: String, _ body: () throws(FaceSegError) -> Void
    ) throws(FaceSegError) {
        do throws(FaceSegError) { try body() } catch .argument(let message) {
            throw .argument(whose + message)
        }
    }

    /// A trimap of how likely the foreground is: unknown is what lies between 10 and 90 %, and about it a band that
    /// grows with the photo, so that soft edges, as of hair, are wide and crisp ones narrow.
    ///
    /// - likelihood: `[height, width]` bytes; is not there any more afterwards.
    /// - Returns: `[height, width]` bytes; nil: nowhere is the foreground sure, or nothing is unknown.
    func trimap(_ likelihood: Buffer, width: Int, height: Int) throws(FaceSegError) -> Buffer? {
        let scratch = try Buffer(count: likelihood.count), out = try Buffer(count: likelihood.count)
        var arguments = fsk_trimap(
            pixels: likelihood.bytes, scratch: scratch.bytes, trimap: out.bytes, height: height,
            width: width, radius: min(max(Int(Double(max(width, height)) * Self.band), 2), 250),
            low: 25, high: 230)
        workers.withPool { fsk_trimap_run(&arguments, $0) }
        try checkFinished()
        let pixels = UnsafeBufferPointer(start: out.bytes, count: width * height)
        guard pixels.contains(255), fsk_matting_unknown(out.bytes, width * height) > 0 else { return nil }
        return out
    }

    /// The band's radius by the photo's longest side.
    private static let band = 0.006
}
