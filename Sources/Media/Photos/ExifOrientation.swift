// EXIF, as far as a picture's orientation: where each format keeps the block, and the one tag in it. No other
// tag is read. Whatever is missing, damaged or out of range means upright.
// Source: Exif 2.32 (CIPA DC-008), TIFF 6.0; PNG's eXIf chunk; WebP's EXIF chunk.

/// 1 to 8, as TIFF counts them; 1 is upright.
func exifOrientation(jpeg file: ByteView) -> Int {
    JPEGOutline(file).exif.map(orientation(tiff:)) ?? 1
}

/// Chunks of a PNG: length (big-endian), name, bytes, checksum.
func exifOrientation(png file: ByteView) -> Int {
    var offset = 8
    while let length = file.big(offset, 4), let chunk = file.part(offset + 8, length) {
        if file.has("eXIf", at: offset + 4) { return orientation(tiff: chunk) }
        offset += 12 + length
    }
    return 1
}

/// Chunks of a WebP: name, length (little-endian), bytes, filled up to an even length.
func exifOrientation(webp file: ByteView) -> Int {
    var offset = 12
    while let length = file.little(offset + 4, 4), let chunk = file.part(offset + 8, length) {
        if file.has("EXIF", at: offset) { return orientation(tiff: chunk) }
        offset += 8 + length + length % 2
    }
    return 1
}

/// Tag 0x0112 of a TIFF block's first directory.
func orientation(tiff block: ByteView) -> Int {
    let isBig = block.has("MM\0*")
    guard isBig || block.has("II*\0") else { return 1 }
    func number(_ offset: Int, _ size: Int) -> Int? {
        isBig ? block.big(offset, size) : block.little(offset, size)
    }
    guard let directory = number(4, 4), let entries = number(directory, 2) else { return 1 }
    for entry in 0..<entries {
        let offset = directory + 2 + 12 * entry
        guard let tag = number(offset, 2), let type = number(offset + 2, 2) else { return 1 }
        guard tag == 0x0112 else { continue }
        let size = type == 4 ? 4 : 2  // SHORT by the standard; some programs write LONG
        guard let value = number(offset + 8, size), (1...8).contains(value) else { return 1 }
        return value
    }
    return 1
}
