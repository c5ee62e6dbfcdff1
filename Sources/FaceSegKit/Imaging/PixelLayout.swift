// PixelLayout: how a photo lies in memory, and whether so many bytes hold it. Says nothing of where that memory is.

/// The order of the 8-bit channels of a pixel. Alpha is passed over.
public enum PixelFormat: Int32, Sendable, CaseIterable {
    /// Red, green, blue: 3 bytes.
    case rgb = 0
    /// Blue, green, red: 3 bytes.
    case bgr
    /// Red, green, blue, alpha: 4 bytes.
    case rgba
    /// Blue, green, red, alpha: 4 bytes.
    case bgra
    /// One byte of brightness.
    case gray

    /// Bytes from pixel to pixel: 1, 3 or 4.
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

/// Sides, row stride and format of a photo, checked: products of them fit an `Int`.
struct PixelLayout: Equatable {
    let width: Int, height: Int, rowBytes: Int, format: PixelFormat

    static let mostSide = 16_384

    /// - rowBytes: from row to row; nil: rows without a gap.
    init(width: Int, height: Int, rowBytes: Int? = nil, format: PixelFormat) throws(FaceSegError) {
        for (what, side) in [("width", width), ("height", height)] {
            guard (1...PixelLayout.mostSide).contains(side) else {
                throw .argument("\(what) \(side) is not between 1 and \(PixelLayout.mostSide)")
            }
        }
        let rowBytes = rowBytes ?? width * format.bytes
        try checkRowBytes(rowBytes, width: width, pixelBytes: format.bytes)
        (self.width, self.height, self.rowBytes, self.format) = (width, height, rowBytes, format)
    }

    /// Checks that `count` bytes hold the photo. The last row needs no gap after it.
    func check(count: Int) throws(FaceSegError) {
        try checkCount(
            count, "the photo", rows: height, rowBytes: rowBytes, lastRow: width * format.bytes)
    }
}

private let mostRowBytes = 1 << 40

func checkRowBytes(_ rowBytes: Int, width: Int, pixelBytes: Int) throws(FaceSegError) {
    let least = width * pixelBytes
    guard rowBytes >= least else {
        let product = pixelBytes == 1 ? "width" : "\(pixelBytes) * width"
        throw .argument("row_bytes \(rowBytes) is below \(product) = \(least)")
    }
    guard rowBytes <= mostRowBytes else { throw .argument("row_bytes \(rowBytes) is above \(mostRowBytes)") }
}

/// Checks that `count` bytes hold `rows` rows, each `rowBytes` after the one before, the last of `lastRow` bytes.
func checkCount(_ count: Int, _ what: String, rows: Int, rowBytes: Int, lastRow: Int) throws(FaceSegError) {
    let least = (rows - 1) * rowBytes + lastRow
    guard count >= least else {
        throw .argument("\(what) has \(count) bytes, \(rows) rows of row_bytes \(rowBytes) need \(least)")
    }
}
