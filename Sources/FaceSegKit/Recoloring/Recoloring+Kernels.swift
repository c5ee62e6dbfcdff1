// Recoloring: hair, skin, or whatever an alpha shows, in another colour. Curves are TintCurve's, the pixels' arithmetic
// the kernels'.
import Kernels

/// A colour that something takes on.
public struct Tint: Sendable, Hashable {
    /// sRGB, 0...255.
    public var red: UInt8, green: UInt8, blue: UInt8
    /// How much of it is mixed in, 0...1.
    public var strength: Float

    /// - Parameters:
    ///   - red: sRGB, 0...255.
    ///   - green: sRGB, 0...255.
    ///   - blue: sRGB, 0...255.
    ///   - strength: How much of the colour is mixed in, 0...1.
    public init(red: UInt8, green: UInt8, blue: UInt8, strength: Float = 1) {
        (self.red, self.green, self.blue, self.strength) = (red, green, blue, strength)
    }

    var lab: OKLab {
        OKLab(Light(red: Light.of(byte: red), green: Light.of(byte: green), blue: Light.of(byte: blue)))
    }
}

/// Gives hair, skin, or whatever an alpha shows, another colour that keeps shading, highlights and strands.
///
///     try segmenter.run(rgb.span, width: width, height: height)
///     let alpha = try segmenter.alpha(of: .hair)
///     let recoloring = try Recoloring()
///     let violet = Tint(red: 0x8a, green: 0x2b, blue: 0xe2)
///     let picture = try recoloring.picture(
///         of: rgb.span, width: width, height: height, alpha: alpha.pixels.span, tint: violet)
///     print(picture[0], picture[1], picture[2])
///
/// In OKLab the middle lightness of what alpha shows becomes the tint's, darker and lighter pixels follow on a curve that
/// leaves black black and white white, and the tint's colour fades towards both; so black hair can become blond. Half of
/// each pixel's own difference in hue stays. Old and new are mixed as light.
///
/// One call at a time; ``cancellation`` alone may be used from other threads. Results have the same bits whatever the
/// number of threads.
///
/// - Source: Ottosson, "A perceptual color space for image processing", 2020. The curves are this project's own.
public final class Recoloring {
    private let workers: Workers

    /// Makes threads ready.
    ///
    /// - Parameter threads: 1 to 1024; nil: one a processor.
    /// - Throws: ``FaceSegError/argument(_:)`` for other numbers of threads.
    public convenience init(threads: Int? = nil) throws(FaceSegError) {
        self.init(Workers(threads: try Workers.checked(threads: threads)))
    }

    package init(_ workers: Workers) { self.workers = workers }

    /// Makes a call that is under way end with ``FaceSegError/cancelled``, from any thread.
    public var cancellation: Cancellation { workers.cancellation }

    /// A photo in which something has another colour.
    ///
    /// - Parameters:
    ///   - pixels: The photo, row after row; lent for this call.
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - rowBytes: From row to row, at least `width` times the bytes of a pixel; nil: just as many.
    ///   - format: The order of a pixel's channels.
    ///   - alpha: What is recoloured: `width * height` numbers of 0...1; others are held within, and NaN is 0.
    ///   - tint: Its new colour.
    /// - Returns: R, G, B of each pixel: `[height, width, 3]`; the photo's own where alpha is 0.
    /// - Throws: ``FaceSegError/argument(_:)`` for sides out of range, too few bytes or numbers or a strength out of
    ///   range, ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func picture(
        of pixels: Span<UInt8>, width: Int, height: Int, rowBytes: Int? = nil, format: PixelFormat = .rgb,
        alpha: Span<Float>, tint: Tint
    ) throws(FaceSegError) -> [UInt8] {
        let layout = try PixelLayout(width: width, height: height, rowBytes: rowBytes, format: format)
        return try colors(of: pixels, layout, alpha: alpha) {
            (photo, alpha, out) throws(FaceSegError) in
            try recolor(photo, alpha: alpha, tint: tint, into: out)
        }
    }
}

// MARK: By pointer

extension Recoloring {
    /// The same into `out`: R, G, B of each pixel, bytes.
    ///
    /// - Parameters:
    ///   - photo: Only read.
    ///   - alpha: Only read: 0...1, or 0...255 as bytes, as wide and high as the photo.
    ///   - tint: The new colour.
    ///   - out: As high as the photo and three times as wide; the photo's own memory if that is of three bytes a pixel
    ///     and its rows are as far apart, or other memory.
    /// - Throws: ``FaceSegError/argument(_:)`` for an `out` of floats, rows that are too short or a strength out of range,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func recolor(
        _ photo: PixelView, alpha: PlaneView, tint: Tint, into out: PlaneView
    ) throws(FaceSegError) {
        guard out.element == .byte else { throw .argument("colours are bytes: out's type must be U8") }
        do throws(FaceSegError) { try alpha.check(width: photo.width) } catch .argument(let message) {
            throw .argument("alpha: " + message)
        }
        try out.check(width: photo.width, pixelBytes: 3)
        guard 0...1 ~= tint.strength else {
            throw .argument("strength \(tint.strength) is not between 0 and 1")
        }
        workers.allow()
        if workers.isCancelled { throw .cancelled }
        let sums = try Buffer(bytes: 8 * Int(FSK_LIGHTNESSES * FSK_LAB_SUMS) * fsk_lab_bands(photo.height))
        Light.table.withUnsafeBufferPointer { light in
            let masked = fsk_masked(
                photo: photo.borrowed, alpha: alpha.start, alpha_row_bytes: alpha.rowBytes,
                alpha_is_float: alpha.element == .float, linear: light.baseAddress)
            run(masked, sums, tint, out)
        }
        if workers.isCancelled { throw .cancelled }
    }

    private func run(_ masked: fsk_masked, _ memory: Buffer, _ tint: Tint, _ out: PlaneView) {
        let count = Int(FSK_LIGHTNESSES * FSK_LAB_SUMS)
        let sums = memory.numbers(of: Int64.self)
        var counting = fsk_lab_sums(masked: masked, sums: sums)
        workers.lead {
            workers.withPool { fsk_lab_sums_run(&counting, $0) }
            // Where nothing counts, alpha is 0 or nearly so.
            let usual = OKLab(middleOf: UnsafeBufferPointer(start: sums, count: count)) ?? tint.lab
            let curve = TintCurve(from: usual, to: tint.lab)
            curve.table.withUnsafeBufferPointer { table in
                var arguments = fsk_recolor(
                    masked: masked, tint: table.baseAddress, usual: (Float(usual.a), Float(usual.b)),
                    kept: TintCurve.keptHue, strength: tint.strength, out: out.bytes(0),
                    out_row_bytes: out.rowBytes)
                workers.withPool { fsk_recolor_run(&arguments, $0) }
            }
        }
    }
}
