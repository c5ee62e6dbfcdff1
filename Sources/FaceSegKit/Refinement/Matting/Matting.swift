// Matting: alpha of what a trimap leaves open, and the foreground's own colours, for any photo and any caller's trimap,
// and for segmenters that refine so. What is solved at which size, and its rows, stand beside this: MattingProblem and
// AlphaRows.

/// Alpha and colours of a foreground, exact to single hairs where the photo shows them.
///
///     var trimap = [UInt8](repeating: 128, count: width * height)  // unknown
///     trimap[0] = 0
///     trimap[width * height - 1] = 255
///     let matting = try Matting()
///     let alpha = try matting.alpha(of: rgb.span, width: width, height: height, trimap: trimap.span)
///     let colors = try matting.foreground(
///         of: rgb.span, width: width, height: height, alpha: alpha.pixels.span)
///     print(alpha[0, 0], colors[0])
///
/// Alpha is the minimum of the matting Laplacian, whose windows are of 3 x 3 pixels and whose epsilon is 1e-7, with what
/// the trimap knows kept as it is. It is solved at 2,097,152 pixels and 300,000 unknown ones at most; photos with more
/// are reduced for it, and alpha enlarged along the photo's own edges. It takes up to 0.6 GB meanwhile.
///
/// One call at a time; ``cancellation`` alone may be used from other threads. Results have the same bits whatever the
/// number of threads.
///
/// - Source: Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", PAMI 2008; Germer, Uelwer,
///   Conrad and Harmeling, "Fast multi-level foreground estimation", 2020.
public final class Matting {
    let workers: Workers
    /// Whether a call is one of its own, and not part of another one that may have been cancelled already.
    private let isAlone: Bool

    /// Makes threads ready.
    ///
    /// - Parameter threads: 1 to 1024; nil: one a processor.
    /// - Throws: ``FaceSegError/argument(_:)`` for other numbers of threads.
    public convenience init(threads: Int? = nil) throws(FaceSegError) {
        self.init(Workers(threads: try Workers.checked(threads: threads)))
    }

    package convenience init(_ workers: Workers) { self.init(workers, isAlone: true) }

    init(_ workers: Workers, isAlone: Bool) { (self.workers, self.isAlone) = (workers, isAlone) }

    /// Makes a call that is under way end with ``FaceSegError/cancelled``, from any thread.
    public var cancellation: Cancellation { workers.cancellation }

    /// Alpha of a photo, 0...1, from a trimap.
    ///
    /// - Parameters:
    ///   - pixels: The photo, row after row; lent for this call.
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - rowBytes: From row to row, at least `width` times the bytes of a pixel; nil: just as many.
    ///   - format: The order of a pixel's channels.
    ///   - trimap: `width * height` bytes: 0 background, 255 foreground, all others unknown.
    /// - Returns: As wide and high as the photo. Pixels that nothing known reaches, in pictures of fewer than 3 pixels
    ///   a side, keep the trimap's number.
    /// - Throws: ``FaceSegError/argument(_:)`` for sides out of range, too few bytes or a trimap in which nothing is
    ///   known, ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func alpha(
        of pixels: Span<UInt8>, width: Int, height: Int, rowBytes: Int? = nil, format: PixelFormat = .rgb,
        trimap: Span<UInt8>
    ) throws(FaceSegError) -> Plane<Float> {
        let layout = try PixelLayout(width: width, height: height, rowBytes: rowBytes, format: format)
        try checkCount(trimap.count, "the trimap", rows: height, rowBytes: width, lastRow: width)
        var alpha = try zeros(width * height, of: Float.self)
        try pixels.bytes.withPhoto(layout) { (photo) throws(FaceSegError) in
            try alpha.withPlane(rowBytes: 4 * width, .float) { (out) throws(FaceSegError) in
                try trimap.withPlane(rowBytes: width, .byte) { (trimap) throws(FaceSegError) in
                    try self.alpha(of: photo, trimap: trimap, into: out)
                }
            }
        }
        return Plane(width: width, height: height, pixels: alpha)
    }

    /// Colours of the foreground alone: at soft edges without what lies behind, so that a cut-out has no halo.
    ///
    /// - Parameters:
    ///   - pixels: The photo, row after row; lent for this call.
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - rowBytes: From row to row, at least `width` times the bytes of a pixel; nil: just as many.
    ///   - format: The order of a pixel's channels.
    ///   - alpha: `width * height` numbers of 0...1; others are held within, and NaN is 0.
    /// - Returns: R, G, B of each pixel: `[height, width, 3]`; where alpha is 0 some colour near by.
    /// - Throws: ``FaceSegError/argument(_:)`` for sides out of range or too few bytes or numbers,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func foreground(
        of pixels: Span<UInt8>, width: Int, height: Int, rowBytes: Int? = nil, format: PixelFormat = .rgb,
        alpha: Span<Float>
    ) throws(FaceSegError) -> [UInt8] {
        let layout = try PixelLayout(width: width, height: height, rowBytes: rowBytes, format: format)
        return try FaceSegKit.colors(of: pixels, layout, alpha: alpha) {
            (photo, alpha, out) throws(FaceSegError) in
            try foreground(of: photo, alpha: alpha, into: out)
        }
    }

    /// Before a call's work.
    func begin() throws(FaceSegError) {
        if isAlone { workers.allow() }
        try checkFinished()
    }

    func checkFinished() throws(FaceSegError) {
        if workers.isCancelled { throw .cancelled }
    }
}
