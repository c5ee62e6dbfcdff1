// Photo: a still picture in memory, upright, 8 bits a channel. Not a view, and no colour management.

/// A picture as it is looked at.
///
/// - Pixels: `UInt8 [height, width, channels]`, rows without padding.
/// - Channels: 1 grey, 3 RGB, 4 RGBA with straight (not premultiplied) alpha.
/// - Sides: 1 to ``maximumSide`` pixels.
public struct Photo: Equatable, Sendable {
    public let width: Int, height: Int, channels: Int
    public var pixels: [UInt8]

    /// The longest side that is read or written, in pixels.
    public static let maximumSide = 16_384

    /// - Precondition: `pixels` holds `height * width * channels` bytes.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height * channels, "pixels and sides disagree")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// A JPEG, PNG or WebP file, told by its first bytes, turned upright as its EXIF block asks.
    ///
    /// - Throws: ``MediaError`` when the file cannot be read, is of another kind, cut off, damaged, or larger
    ///   than ``maximumSide``. A picture with a part missing is never returned.
    public static func read(path: String) throws(MediaError) -> Photo {
        try decode(readFile(path), name: path)
    }

    /// The same from bytes; `name` stands in messages.
    public static func decode(_ bytes: [UInt8], name: String) throws(MediaError) -> Photo {
        let file = ByteView(bytes)
        switch PhotoFormat(file) {
        case .jpeg: return try decodeJPEG(file, name: name).upright(exifOrientation(jpeg: file))
        case .png: return try decodePNG(file, name: name).upright(exifOrientation(png: file))
        case .webp: return try decodeWebP(file, name: name).upright(exifOrientation(webp: file))
        case nil: throw MediaError(path: name, reason: "not a JPEG, PNG or WebP picture; convert it to one")
        }
    }
}

/// The kinds of file that are read.
enum PhotoFormat {
    case jpeg, png, webp

    /// Told by the first bytes: names lie.
    init?(_ file: ByteView) {
        if file.has([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if file.has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if file.has("RIFF"), file.has("WEBP", at: 8) {
            self = .webp
        } else {
            return nil
        }
    }
}
