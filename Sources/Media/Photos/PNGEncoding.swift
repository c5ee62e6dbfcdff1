// PNG out, by libpng's simplified interface: pictures and label pictures. Reading is in PNG.swift.

import CPNG

/// Grey, RGB or RGBA as a PNG.
///
/// - Parameters:
///   - width: 1 to 16384 pixels; `height` likewise.
///   - pixels: `UInt8 [height, width, channels]`; 1, 3 or 4 channels, alpha straight.
///   - fast: a fifth of the time (0.4 s instead of 2 s for 12 megapixels), up to three times the bytes.
/// - Throws: ``MediaError`` when a number is out of range or the pixels are not that many.
public func encodePNG(
    width: Int, height: Int, channels: Int, pixels: [UInt8], fast: Bool = false
) throws(MediaError) -> [UInt8] {
    try checkPixels(
        "PNG", width: width, height: height, channels: channels, allowed: [1, 3, 4], pixels: pixels)
    var image = pngImage(width, height, pngFormat(channels: channels))
    image.flags = fast ? png_uint_32(PNG_IMAGE_FLAG_FAST) : 0
    return try write(&image, pixels, colors: [], bytes: width * height * channels)
}

/// Labels as a PNG with a palette: programs that look at indices see the labels, eyes see colours.
///
/// - Parameters:
///   - width: 1 to 16384 pixels; `height` likewise.
///   - indices: `UInt8 [height, width]`, each below `palette.count`; stored as they are, 8 bits each.
///   - palette: 1 to 256 colours; black is added up to 17, as libpng packs fewer into less than 8 bits.
/// - Throws: ``MediaError`` when a number is out of range or the indices are not that many.
public func encodePalettePNG(
    width: Int, height: Int, indices: [UInt8], palette: [(r: UInt8, g: UInt8, b: UInt8)]
) throws(MediaError) -> [UInt8] {
    try checkPixels("PNG", width: width, height: height, channels: 1, allowed: [1], pixels: indices)
    guard (1...256).contains(palette.count) else {
        throw MediaError(
            path: "PNG", reason: "a palette of \(palette.count) colours; 1 to 256 can be written")
    }
    let highest = Int(indices.max() ?? 0)
    guard highest < palette.count else {
        throw MediaError(path: "PNG", reason: "index \(highest) has no colour among \(palette.count)")
    }
    let colors = palette.flatMap { [$0.r, $0.g, $0.b] }
    let filled = colors + [UInt8](repeating: 0, count: max(17 * 3 - colors.count, 0))
    var image = pngImage(width, height, pngFormat(channels: 3) | png_uint_32(PNG_FORMAT_FLAG_COLORMAP))
    image.colormap_entries = png_uint_32(filled.count / 3)
    return try write(&image, indices, colors: filled, bytes: width * height)
}

private func pngImage(_ width: Int, _ height: Int, _ format: png_uint_32) -> png_image {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    image.format = format
    return image
}

private func write(
    _ image: inout png_image, _ pixels: [UInt8], colors: [UInt8], bytes: Int
) throws(MediaError) -> [UInt8] {
    // PNG_IMAGE_PNG_SIZE_MAX, which is a macro that Swift does not see: pages that stay unused cost nothing.
    let raw = bytes + Int(image.height)
    let packed = raw + (raw + 7) / 8 + (raw + 63) / 64 + 11
    let most = packed + 12 * (packed / Int(PNG_ZBUF_SIZE)) + 2048
    var written = png_alloc_size_t(most)
    let file = [UInt8](unsafeUninitializedCapacity: most) { file, count in
        let done = png_image_write_to_memory(&image, file.baseAddress, &written, 0, pixels, 0, colors)
        count = done != 0 ? Int(written) : 0
    }
    guard !file.isEmpty else { throw MediaError(path: "PNG", reason: text(image.message)) }
    return file
}
