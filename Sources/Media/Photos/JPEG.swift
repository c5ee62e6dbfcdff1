// JPEG in and out, by libturbojpeg. Orientation is not applied here.

import CTurboJPEG

/// A JPEG's pixels as stored: 1 channel from grey, 3 from colour and from CMYK.
func decodeJPEG(_ file: ByteView, name: String) throws(MediaError) -> Photo {
    guard JPEGOutline(file).isWhole else { throw cutOff("JPEG", name) }
    guard let turbo = tjInitDecompress() else { throw MediaError(path: name, reason: "no memory for a JPEG") }
    defer { tjDestroy(turbo) }
    let (width, height, space) = try readHeader(turbo, file, name)
    let (format, channels) = layout(space)
    var failure: MediaError?
    let size = try decodedSize(name, width, height, channels)
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { pixels, count in
        let result = file.bytes.withUnsafeBufferPointer {
            tjDecompress2(
                turbo, $0.baseAddress, UInt($0.count), pixels.baseAddress, Int32(width),
                Int32(width * channels), Int32(height), Int32(format.rawValue), TJFLAG_LIMITSCANS)
        }
        failure = result == 0 ? nil : damage(turbo, name)
        count = failure == nil ? size : 0
    }
    if let failure { throw failure }
    return Photo(
        width: width, height: height, channels: min(channels, 3),
        pixels: channels == 4 ? rgb(fromCMYK: pixels) : pixels)
}

/// RGB or grey as a JPEG.
///
/// - Parameters:
///   - width: 1 to 16384 pixels; `height` likewise.
///   - pixels: `UInt8 [height, width, channels]`; 1 or 3 channels, as JPEG has no alpha.
///   - quality: 1 (small) to 100 (good). From 90 on, colours keep the full resolution.
/// - Throws: ``MediaError`` when a number is out of range or the pixels are not that many.
public func encodeJPEG(
    width: Int, height: Int, channels: Int, pixels: [UInt8], quality: Int = 92
) throws(MediaError) -> [UInt8] {
    try checkPixels(
        "JPEG", width: width, height: height, channels: channels, allowed: [1, 3], pixels: pixels)
    guard (1...100).contains(quality) else {
        throw MediaError(path: "JPEG", reason: "quality \(quality) is not from 1 to 100")
    }
    guard let turbo = tjInitCompress() else {
        throw MediaError(path: "JPEG", reason: "no memory for an encoder")
    }
    defer { tjDestroy(turbo) }
    var buffer: UnsafeMutablePointer<UInt8>?, size: UInt = 0
    defer { tjFree(buffer) }
    let sampling = channels == 1 ? TJSAMP_GRAY : quality < 90 ? TJSAMP_420 : TJSAMP_444
    let format = channels == 1 ? TJPF_GRAY : TJPF_RGB
    let result = tjCompress2(
        turbo, pixels, Int32(width), 0, Int32(height), Int32(format.rawValue), &buffer, &size,
        Int32(sampling.rawValue), Int32(quality), 0)
    guard result == 0 else { throw MediaError(path: "JPEG", reason: String(cString: tjGetErrorStr2(turbo))) }
    return Array(UnsafeBufferPointer(start: buffer, count: Int(size)))
}

private func readHeader(
    _ turbo: tjhandle, _ file: ByteView, _ name: String
) throws(MediaError) -> (width: Int, height: Int, space: TJCS) {
    var width: Int32 = -1, height: Int32 = -1, sampling: Int32 = -1, space: Int32 = -1
    let result = file.bytes.withUnsafeBufferPointer {
        tjDecompressHeader3(turbo, $0.baseAddress, UInt($0.count), &width, &height, &sampling, &space)
    }
    // It fails on samplings that have no name, which the decoder takes all the same, and succeeds where there
    // are tables and no picture: what was found counts.
    guard width > 0, height > 0, space >= 0 else {
        throw (result == 0 ? nil : damage(turbo, name))
            ?? MediaError(path: name, reason: "the JPEG has no picture")
    }
    return (Int(width), Int(height), TJCS(rawValue: TJCS.RawValue(space)))
}

private func layout(_ space: TJCS) -> (format: TJPF, channels: Int) {
    switch space {
    case TJCS_GRAY: (TJPF_GRAY, 1)
    case TJCS_CMYK, TJCS_YCCK: (TJPF_CMYK, 4)
    default: (TJPF_RGB, 3)
    }
}

/// What the last call complained of; nil for warnings that leave every pixel as it was meant.
private func damage(_ turbo: tjhandle, _ name: String) -> MediaError? {
    let message = String(cString: tjGetErrorStr2(turbo))
    if tjGetErrorCode(turbo) == Int32(TJERR_WARNING.rawValue) {
        if message.lowercased().contains("premature end") { return cutOff("JPEG", name) }
        // Cameras leave bytes between segments; the decoder steps over them.
        if !message.hasPrefix("Corrupt JPEG data") || message.contains("extraneous") { return nil }
    }
    return MediaError(path: name, reason: "the JPEG cannot be decoded: \(message)")
}

/// Inks are stored inverted, as Adobe's programs do, so that a colour is the product of ink and black.
private func rgb(fromCMYK inks: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: inks.count / 4 * 3) { rgb, count in
        for pixel in stride(from: 0, to: inks.count, by: 4) {
            let black = Int(inks[pixel + 3])
            for c in 0..<3 { rgb[count + c] = UInt8((Int(inks[pixel + c]) * black + 127) / 255) }
            count += 3
        }
    }
}
