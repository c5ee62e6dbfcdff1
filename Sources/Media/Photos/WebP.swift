// WebP in and out, by libwebp: lossy, lossless, alpha; no animations. Orientation is not applied here.

import CWebP

/// A WebP's pixels: 3 channels, or 4 where it has alpha.
func decodeWebP(_ file: ByteView, name: String) throws(MediaError) -> Photo {
    guard let length = file.little(4, 4), length <= file.count - 8 else { throw cutOff("WebP", name) }
    let features = try readFeatures(file, name)
    let (width, height) = (Int(features.width), Int(features.height))
    let channels = features.has_alpha != 0 ? 4 : 3
    let size = try decodedSize(name, width, height, channels)
    let decode = channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
        let done = file.bytes.withUnsafeBufferPointer {
            decode($0.baseAddress, $0.count, pixels.baseAddress, size, Int32(width * channels))
        }
        count = done != nil ? size : 0
    }
    guard pixels.count == size else { throw MediaError(path: name, reason: "the WebP is damaged") }
    return Photo(width: width, height: height, channels: channels, pixels: pixels)
}

private func readFeatures(_ file: ByteView, _ name: String) throws(MediaError) -> WebPBitstreamFeatures {
    var features = WebPBitstreamFeatures()
    let status = file.bytes.withUnsafeBufferPointer { WebPGetFeatures($0.baseAddress, $0.count, &features) }
    guard status == VP8_STATUS_OK else {
        throw MediaError(path: name, reason: "the WebP is damaged")
    }
    guard features.has_animation == 0 else {
        throw MediaError(path: name, reason: "an animated WebP; save one of its pictures by itself")
    }
    return features
}

/// RGB or RGBA as a WebP.
///
/// - Parameters:
///   - width: 1 to 16383 pixels, WebP's own limit; `height` likewise.
///   - pixels: `UInt8 [height, width, channels]`; 3 or 4 channels, alpha straight.
///   - quality: 0 (small) to 100 (good); nil keeps every value, those under transparent pixels too.
/// - Throws: ``MediaError`` when a number is out of range or the pixels are not that many.
public func encodeWebP(
    width: Int, height: Int, channels: Int, pixels: [UInt8], quality: Int? = nil
) throws(MediaError) -> [UInt8] {
    try checkPixels(
        "WebP", width: width, height: height, channels: channels, allowed: [3, 4],
        longest: Int(WEBP_MAX_DIMENSION), pixels: pixels)
    var config = try settings(quality)
    var picture = WebPPicture()
    guard WebPPictureInit(&picture) != 0 else { throw MediaError(path: "WebP", reason: "another libwebp") }
    defer { WebPPictureFree(&picture) }
    picture.use_argb = config.lossless
    picture.width = Int32(width)
    picture.height = Int32(height)
    let load = channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB
    guard load(&picture, pixels, Int32(width * channels)) != 0 else {
        throw MediaError(path: "WebP", reason: "no memory for \(width) x \(height) pixels")
    }
    return try encode(&picture, &config)
}

private func settings(_ quality: Int?) throws(MediaError) -> WebPConfig {
    guard (0...100).contains(quality ?? 0) else {
        throw MediaError(path: "WebP", reason: "quality \(quality ?? 0) is not from 0 to 100")
    }
    var config = WebPConfig()
    guard WebPConfigInit(&config) != 0 else { throw MediaError(path: "WebP", reason: "another libwebp") }
    if let quality {
        config.quality = Float(quality)
    } else {
        config.lossless = 1
        config.exact = 1
    }
    return config
}

private func encode(_ picture: inout WebPPicture, _ config: inout WebPConfig) throws(MediaError) -> [UInt8] {
    var output = WebPMemoryWriter()
    WebPMemoryWriterInit(&output)
    defer { WebPMemoryWriterClear(&output) }
    let done = withUnsafeMutablePointer(to: &output) { output in
        picture.writer = WebPMemoryWrite
        picture.custom_ptr = UnsafeMutableRawPointer(output)
        return WebPEncode(&config, &picture)
    }
    guard done != 0 else {
        throw MediaError(path: "WebP", reason: "libwebp's error \(picture.error_code.rawValue)")
    }
    return Array(UnsafeBufferPointer(start: output.mem, count: output.size))
}
