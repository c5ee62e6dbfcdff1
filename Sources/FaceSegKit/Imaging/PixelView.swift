// PixelView, PlaneView: the caller's memory as pictures. Borrowed: nothing here owns or copies pixels.

/// A photo of 8-bit pixels in memory that somebody else owns. Alpha is passed over.
public struct PixelView {
    public enum Format: Int32, Sendable, CaseIterable {
        case rgb = 0, bgr, rgba, bgra, gray

        /// Bytes from pixel to pixel.
        public var bytes: Int {
            switch self {
            case .rgb, .bgr: 3
            case .rgba, .bgra: 4
            case .gray: 1
            }
        }
        /// Places of blue, green and red within a pixel.
        var channels: (blue: Int, green: Int, red: Int) {
            switch self {
            case .rgb, .rgba: (2, 1, 0)
            case .bgr, .bgra: (0, 1, 2)
            case .gray: (0, 0, 0)
            }
        }
    }

    public let pixels: UnsafePointer<UInt8>
    public let width: Int, height: Int, rowBytes: Int, format: Format

    public static let mostSide = 16_384

    /// - rowBytes: from row to row, at least `width` times the bytes of a pixel.
    /// - Throws: ``FaceSegError/argument(_:)`` for sides outside 1...16384 or rows that are too short.
    public init(
        pixels: UnsafePointer<UInt8>, width: Int, height: Int, rowBytes: Int, format: Format
    ) throws(FaceSegError) {
        for (what, side) in [("width", width), ("height", height)] {
            guard (1...PixelView.mostSide).contains(side) else {
                throw .argument("\(what) \(side) is not between 1 and \(PixelView.mostSide)")
            }
        }
        try checkRowBytes(rowBytes, width: width, pixelBytes: format.bytes)
        (self.pixels, self.width, self.height) = (pixels, width, height)
        (self.rowBytes, self.format) = (rowBytes, format)
    }
}

/// Where a result goes: memory of somebody else, as wide and high as the photo. Bytes between rows stay.
public struct PlaneView {
    public enum Element: Int32, Sendable {
        /// 0...255, or a label.
        case byte = 0
        /// 0...1
        case float = 1

        var bytes: Int { self == .byte ? 1 : 4 }
    }

    public let start: UnsafeMutableRawPointer
    public let rowBytes: Int, element: Element

    /// - start: for floats, aligned to 4 bytes, as is `rowBytes`.
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

private let mostRowBytes = 1 << 40

private func checkRowBytes(_ rowBytes: Int, width: Int, pixelBytes: Int) throws(FaceSegError) {
    let least = width * pixelBytes
    guard rowBytes >= least else {
        let product = pixelBytes == 1 ? "width" : "\(pixelBytes) * width"
        throw .argument("row_bytes \(rowBytes) is below \(product) = \(least)")
    }
    guard rowBytes <= mostRowBytes else { throw .argument("row_bytes \(rowBytes) is above \(mostRowBytes)") }
}
