// PNG in, by libpng's simplified interface: it needs no setjmp, and brings every PNG to 8 bits and sRGB.
// Writing is in PNGEncoding.swift.

import CPNG

/// A PNG's pixels: 1 channel from grey, 3 from colour and palette, 4 wherever there is transparency.
func decodePNG(_ file: ByteView, name: String) throws(MediaError) -> Photo {
    try withPNG(file, name: name, finish)
}

/// Begins to read and lets `body` go on.
func withPNG<Result>(
    _ file: ByteView, name: String,
    _ body: (UnsafeMutablePointer<png_image>, _ name: String) throws(MediaError) -> Result
) throws(MediaError) -> Result {
    // libpng keeps the address from call to call, so a local variable will not do.
    let image = UnsafeMutablePointer<png_image>.allocate(capacity: 1)
    image.initialize(to: png_image())
    defer { image.deallocate() }
    image.pointee.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(image) }
    return try file.bytes.withUnsafeBufferPointer { (bytes) throws(MediaError) -> Result in
        guard png_image_begin_read_from_memory(image, bytes.baseAddress, bytes.count) != 0 else {
            throw pngDamage(image.pointee, name)
        }
        return try body(image, name)
    }
}

/// Reads what was begun.
private func finish(_ image: UnsafeMutablePointer<png_image>, _ name: String) throws(MediaError) -> Photo {
    let (width, height) = (Int(image.pointee.width), Int(image.pointee.height))
    let channels = choose8Bit(&image.pointee)
    let size = try decodedSize(name, width, height, channels)
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
        let read = png_image_finish_read(image, nil, pixels.baseAddress, png_int_32(width * channels), nil)
        count = read != 0 ? size : 0
    }
    guard pixels.count == size else { throw pngDamage(image.pointee, name) }
    return Photo(width: width, height: height, channels: channels, pixels: pixels)
}

/// Asks for the 8-bit form that loses nothing else, and says how many channels it has.
private func choose8Bit(_ image: inout png_image) -> Int {
    let hasAlpha = image.format & PNG_FORMAT_FLAG_ALPHA != 0
    let hasColor = image.format & PNG_FORMAT_FLAG_COLOR != 0
    image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)  // as everyone means 16 bits that say nothing
    let channels = hasAlpha ? 4 : hasColor ? 3 : 1
    image.format = pngFormat(channels: channels)
    return channels
}

/// PNG_FORMAT_GRAY, _RGB or _RGBA, of which Swift sees only the parts.
func pngFormat(channels: Int) -> png_uint_32 {
    switch channels {
    case 4: png_uint_32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    case 3: png_uint_32(PNG_FORMAT_FLAG_COLOR)
    default: 0
    }
}

func pngDamage(_ image: png_image, _ name: String) -> MediaError {
    let message = text(image.message)
    if message.contains("read beyond end of data") { return cutOff("PNG", name) }
    return MediaError(path: name, reason: "the PNG cannot be decoded: \(message)")
}
