// Mask: a picture whose numbers are labels, as data sets keep them. Photo would make colours of them.

import CPNG

/// A label for each pixel.
package struct Mask: Equatable, Sendable {
    package let width: Int, height: Int
    /// `[height, width]`.
    package let labels: [UInt8]

    /// - Precondition: `labels` holds `height * width` bytes.
    package init(width: Int, height: Int, labels: [UInt8]) {
        precondition(labels.count == width * height, "labels and sides disagree")
        (self.width, self.height, self.labels) = (width, height, labels)
    }

    /// A PNG with a palette, whose indices are taken, or a grey one of up to 8 bits, whose values are, as
    /// stored.
    ///
    /// - Throws: ``MediaError`` when the file cannot be read, is no PNG, cut off, damaged, or has colours.
    package static func read(path: String) throws(MediaError) -> Mask {
        try decode(readFile(path), name: path)
    }

    /// The same from bytes; `name` stands in messages.
    package static func decode(_ bytes: [UInt8], name: String) throws(MediaError) -> Mask {
        let file = ByteView(bytes)
        guard PhotoFormat(file) == .png else {
            throw MediaError(path: name, reason: "not a PNG; masks are PNGs with a palette or grey ones")
        }
        return try withPNG(file, name: name, finish)
    }

    private static func finish(
        _ image: UnsafeMutablePointer<png_image>, _ name: String
    ) throws(MediaError) -> Mask {
        let (width, height) = (Int(image.pointee.width), Int(image.pointee.height))
        guard hasIndices(image.pointee.format) else {
            throw MediaError(
                path: name, reason: "has colours, not labels; masks are PNGs with a palette or grey ones")
        }
        // What is asked for as indices comes as stored, fewer bits too: libpng makes a palette of grey ones.
        image.pointee.format = pngFormat(channels: 4) | png_uint_32(PNG_FORMAT_FLAG_COLORMAP)
        let size = try decodedSize(name, width, height, 1)
        var colors = [UInt8](repeating: 0, count: 4 * 256)
        let labels = [UInt8](unsafeUninitializedCapacity: size) { labels, count in
            let read = png_image_finish_read(image, nil, labels.baseAddress, png_int_32(width), &colors)
            count = read != 0 ? size : 0
        }
        guard labels.count == size else { throw pngDamage(image.pointee, name) }
        return Mask(width: width, height: height, labels: labels)
    }

    /// A palette, or grey of up to 8 bits without alpha.
    private static func hasIndices(_ format: png_uint_32) -> Bool {
        let others =
            UInt32(PNG_FORMAT_FLAG_ALPHA) | UInt32(PNG_FORMAT_FLAG_COLOR) | UInt32(PNG_FORMAT_FLAG_LINEAR)
        return format & UInt32(PNG_FORMAT_FLAG_COLORMAP) != 0 || format & others == 0
    }
}
