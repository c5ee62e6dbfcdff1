// Checks that every decoder and encoder shares. They run before anything is allocated.

/// Bytes that a decoder has to make room for.
///
/// - Throws: ``MediaError`` when a side is not 1 to ``Photo/maximumSide``.
func decodedSize(
    _ name: String, _ width: Int, _ height: Int, _ channels: Int
) throws(MediaError) -> Int {
    let sides = 1...Photo.maximumSide
    guard sides.contains(width), sides.contains(height) else {
        throw MediaError(
            path: name, reason: "\(width) x \(height) pixels; sides of 1 to \(Photo.maximumSide) are read")
    }
    return width * height * channels
}

/// What every encoder asks of its caller; `format` stands in messages.
func checkPixels(
    _ format: String, width: Int, height: Int, channels: Int, allowed: [Int],
    longest: Int = Photo.maximumSide,
    pixels: [UInt8]
) throws(MediaError) {
    guard (1...longest).contains(width), (1...longest).contains(height) else {
        throw MediaError(
            path: format, reason: "\(width) x \(height) pixels; sides of 1 to \(longest) can be written")
    }
    guard allowed.contains(channels) else {
        let list = allowed.map(String.init).joined(separator: ", ")
        throw MediaError(path: format, reason: "\(channels) channels; this format is written with \(list)")
    }
    guard pixels.count == width * height * channels else {
        let product =
            "width \(width) * height \(height) * channels \(channels) = \(width * height * channels)"
        throw MediaError(path: format, reason: "\(pixels.count) bytes of pixels are not \(product)")
    }
}

/// What is said of every file that ends too early.
func cutOff(_ format: String, _ name: String) -> MediaError {
    MediaError(path: name, reason: "the \(format) is cut off; copy the file again")
}

/// The text in a C library's buffer of characters, whose end is not always marked.
func text<Characters>(_ buffer: Characters) -> String {
    withUnsafeBytes(of: buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
