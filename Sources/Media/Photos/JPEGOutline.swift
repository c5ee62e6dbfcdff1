// JPEGOutline: what libturbojpeg does not tell of a JPEG file. Segments are walked here, nothing is decoded.

/// A JPEG file's segments, up to the first scan.
struct JPEGOutline {
    /// The TIFF block of the first EXIF segment.
    private(set) var exif: ByteView?
    /// Whether an end of image follows the first scan: a file that was cut off has none.
    private(set) var isWhole = false

    init(_ file: ByteView) {
        var offset = 2
        while let marker = file.big(offset, 2) {
            switch marker {
            case 0xFFDA:
                isWhole = Self.hasEnd(file, after: offset)
                return
            case 0xFFD9:
                return  // an end before any scan
            case 0xFF01, 0xFFD0...0xFFD8:
                offset += 2  // markers that stand alone
            case 0xFF02...0xFFFE:
                guard let length = file.big(offset + 2, 2), length >= 2 else { return }
                if marker == 0xFFE1 && exif == nil { exif = Self.exif(file.part(offset + 4, length - 2)) }
                offset += 2 + length
            default:
                offset += 1  // fill bytes and rubbish, which decoders skip too
            }
        }
    }

    private static func exif(_ segment: ByteView?) -> ByteView? {
        guard let segment, segment.has("Exif\0") else { return nil }
        return segment.part(6, segment.count - 6)
    }

    /// Looks from the back, where the marker is in almost every file.
    private static func hasEnd(_ file: ByteView, after scan: Int) -> Bool {
        var offset = file.count - 2
        while offset > scan {
            if file.big(offset, 2) == 0xFFD9 { return true }
            offset -= 1
        }
        return false
    }
}
