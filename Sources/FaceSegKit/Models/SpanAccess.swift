// SpanAccess: between safe spans and the pointers of PixelView and PlaneView, which live no longer than a call. Every
// length is checked here, before a pointer is made.

extension RawSpan {
    /// These bytes as a photo, while `body` runs.
    ///
    /// - Throws: ``FaceSegError/argument(_:)`` if they are too few.
    func withPhoto<Result>(
        _ layout: PixelLayout, _ body: (PixelView) throws(FaceSegError) -> Result
    ) throws(FaceSegError) -> Result {
        try layout.check(count: byteCount)
        return try withUnsafeBytes { (bytes) throws(FaceSegError) in
            // A photo has a byte at least, so there is an address.
            let pixels = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
            return try body(PixelView(pixels: pixels, layout: layout))
        }
    }
}

/// R, G, B of each pixel, `[height, width, 3]`, as `fill` makes them of a photo and an alpha of its size.
func colors(
    of pixels: Span<UInt8>, _ layout: PixelLayout, alpha: Span<Float>,
    _ fill: (_ photo: PixelView, _ alpha: PlaneView, _ out: PlaneView) throws(FaceSegError) -> Void
) throws(FaceSegError) -> [UInt8] {
    let (width, height) = (layout.width, layout.height)
    try checkCount(4 * alpha.count, "alpha", rows: height, rowBytes: 4 * width, lastRow: 4 * width)
    var colors = try zeros(3 * width * height, of: UInt8.self)
    try pixels.bytes.withPhoto(layout) { (photo) throws(FaceSegError) in
        try colors.withPlane(rowBytes: 3 * width, .byte) { (out) throws(FaceSegError) in
            try alpha.withPlane(rowBytes: 4 * width, .float) { (alpha) throws(FaceSegError) in
                try fill(photo, alpha, out)
            }
        }
    }
    return colors
}

extension Array where Element: BitwiseCopyable {
    /// The array as a plane, while `body` runs. It has a row at least.
    mutating func withPlane(
        rowBytes: Int, _ element: PlaneView.Element, _ body: (PlaneView) throws(FaceSegError) -> Void
    ) throws(FaceSegError) {
        var span = mutableSpan
        try span.withUnsafeMutableBytes { (bytes) throws(FaceSegError) in
            try body(PlaneView(start: bytes.baseAddress!, rowBytes: rowBytes, element: element))
        }
    }
}

extension Span where Element: BitwiseCopyable {
    /// The numbers as a plane that is only read, while `body` runs.
    func withPlane(
        rowBytes: Int, _ element: PlaneView.Element, _ body: (PlaneView) throws(FaceSegError) -> Void
    ) throws(FaceSegError) {
        try withUnsafeBytes { (bytes) throws(FaceSegError) in
            try body(
                PlaneView(
                    start: UnsafeMutableRawPointer(mutating: bytes.baseAddress!), rowBytes: rowBytes,
                    element: element))
        }
    }
}

extension Segmenter {
    var lastLayout: PixelLayout {
        get throws(FaceSegError) {
            guard let result else { throw .noResult }
            return result.layout
        }
    }

    /// Lets `fill` write a result into a span, if it holds one.
    ///
    /// - rowBytes: nil: rows without a gap.
    func write<Number: BitwiseCopyable>(
        _ out: inout MutableSpan<Number>, _ rowBytes: Int?, _ element: PlaneView.Element, pixelBytes: Int = 1,
        _ fill: (PlaneView) throws(FaceSegError) -> Void
    ) throws(FaceSegError) {
        let layout = try lastLayout, row = layout.width * element.bytes * pixelBytes
        let rowBytes = rowBytes ?? row
        try checkRowBytes(rowBytes, width: layout.width, pixelBytes: element.bytes * pixelBytes)
        try out.withUnsafeMutableBytes { (bytes) throws(FaceSegError) in
            try checkCount(bytes.count, "out", rows: layout.height, rowBytes: rowBytes, lastRow: row)
            try fill(PlaneView(start: bytes.baseAddress!, rowBytes: rowBytes, element: element))
        }
    }

    /// A plane of the last photo's size that `fill` writes.
    func plane<Number: BitwiseCopyable & Numeric & Sendable>(
        _ fill: (inout MutableSpan<Number>) throws(FaceSegError) -> Void
    ) throws(FaceSegError) -> Plane<Number> {
        let layout = try lastLayout
        var pixels = try zeros(layout.width * layout.height, of: Number.self)
        var out = pixels.mutableSpan
        try fill(&out)
        return Plane(width: layout.width, height: layout.height, pixels: pixels)
    }
}

/// An array for a result. One that the system has no memory for would end the process, so that is asked first.
func zeros<Number: Numeric>(_ count: Int, of: Number.Type) throws(FaceSegError) -> [Number] {
    _ = try Buffer(count: count * MemoryLayout<Number>.stride / MemoryLayout<Float>.stride + 1)
    return [Number](repeating: 0, count: count)
}
