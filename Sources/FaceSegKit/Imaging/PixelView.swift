// PixelView, PlaneView: the caller's memory as pictures, by pointer. Borrowed: nothing here owns or copies pixels, and
// nothing can tell whether the memory is still there. Segmenter+Spans has the forms that cannot go wrong.

/// A photo of 8-bit pixels in memory that somebody else owns. Alpha is passed over.
///
/// For hosts that have a pointer; arrays and spans go to ``Segmenter`` without one.
///
///     let labels = try rgb.withUnsafeBufferPointer { pixels in
///         let view = try PixelView(
///             pixels: pixels.baseAddress!, width: width, height: height, rowBytes: width * 3, format: .rgb)
///         try segmenter.run(view)
///         return try segmenter.labels()
///     }
///     print(labels[0, 0])
///
/// The memory stays as it is until the segmenter's next run, or until it is freed: ``Segmenter/overlay(into:)`` reads
/// it again.
@unsafe public struct PixelView {
    /// The order of a pixel's channels.
    public typealias Format = PixelFormat

    /// The first pixel of the first row.
    public let pixels: UnsafePointer<UInt8>
    let layout: PixelLayout

    /// Pixels a row.
    public var width: Int { layout.width }
    /// Rows.
    public var height: Int { layout.height }
    /// Bytes from row to row.
    public var rowBytes: Int { layout.rowBytes }
    /// The order of a pixel's channels.
    public var format: PixelFormat { layout.format }

    /// A photo at `pixels`.
    ///
    /// - Parameters:
    ///   - pixels: The first pixel of the first row.
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - rowBytes: From row to row, at least `width` times the bytes of a pixel.
    ///   - format: The order of a pixel's channels.
    /// - Throws: ``FaceSegError/argument(_:)`` for sides out of range or rows that are too short.
    public init(
        pixels: UnsafePointer<UInt8>, width: Int, height: Int, rowBytes: Int, format: PixelFormat
    ) throws(FaceSegError) {
        self.init(
            pixels: pixels,
            layout: try PixelLayout(width: width, height: height, rowBytes: rowBytes, format: format))
    }

    init(pixels: UnsafePointer<UInt8>, layout: PixelLayout) { (self.pixels, self.layout) = (pixels, layout) }
}

/// Where a result goes: memory of somebody else, as wide and high as the photo. Bytes between rows stay.
///
/// For hosts that have a pointer; ``Segmenter`` writes into spans without one.
@unsafe public struct PlaneView {
    /// What a result is written as.
    public enum Element: Int32, Sendable {
        /// 0...255, or a label.
        case byte = 0
        /// 0...1
        case float = 1

        var bytes: Int { self == .byte ? 1 : 4 }
    }

    /// The first element of the first row.
    public let start: UnsafeMutableRawPointer
    /// Bytes from row to row.
    public let rowBytes: Int
    /// What is written.
    public let element: Element

    /// Memory at `start`.
    ///
    /// - Parameters:
    ///   - start: The first element of the first row; for floats aligned to 4 bytes.
    ///   - rowBytes: From row to row; for floats a multiple of 4.
    ///   - element: What is written.
    /// - Throws: ``FaceSegError/argument(_:)`` for floats that are not aligned.
    public init(start: UnsafeMutableRawPointer, rowBytes: Int, element: Element) throws(FaceSegError) {
        if element == .float {
            guard Int(bitPattern: start) % 4 == 0, rowBytes % 4 == 0 else {
                throw .argument(
                    "a float plane at \(start) with row_bytes \(rowBytes) is not aligned to 4 bytes")
            }
        }
        (self.start, self.rowBytes, self.element) = (start, rowBytes, element)
    }

    func check(width: Int, pixelBytes: Int = 1) throws(FaceSegError) {
        try checkRowBytes(rowBytes, width: width, pixelBytes: element.bytes * pixelBytes)
    }

    func bytes(_ row: Int) -> UnsafeMutablePointer<UInt8> {
        (start + row * rowBytes).assumingMemoryBound(to: UInt8.self)
    }

    func floats(_ row: Int) -> UnsafeMutablePointer<Float> {
        (start + row * rowBytes).assumingMemoryBound(to: Float.self)
    }
}
