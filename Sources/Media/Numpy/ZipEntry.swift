// ZipEntry: finding the files in a zip archive through its central directory, zip64 included. Only stored
// files can be had: nothing is decompressed.
// Source: PKWARE APPNOTE 6.3.10.

/// One file, as the central directory describes it.
struct ZipEntry {
    let name: String
    private let flags: Int, method: Int, checksum: Int
    private var packed: Int, size: Int, offset: Int

    /// The length of its own description.
    fileprivate let length: Int

    /// - Parameter record: the central directory from this entry on.
    fileprivate init?(_ record: ByteView) {
        guard record.has("PK\u{1}\u{2}"),
            let flags = record.little(8, 2), let method = record.little(10, 2),
            let checksum = record.little(16, 4), let packed = record.little(20, 4),
            let size = record.little(24, 4), let nameLength = record.little(28, 2),
            let extraLength = record.little(30, 2), let commentLength = record.little(32, 2),
            let offset = record.little(42, 4), let name = record.part(46, nameLength),
            let extra = record.part(46 + nameLength, extraLength)
        else { return nil }
        self.name = String(decoding: name.bytes, as: UTF8.self)
        (self.flags, self.method, self.checksum) = (flags, method, checksum)
        (self.packed, self.size, self.offset) = (packed, size, offset)
        length = 46 + nameLength + extraLength + commentLength
        guard widen(extra) else { return nil }
    }

    /// Sizes of 4 GiB and more, or those of a careful writer: all ones, and the number in the zip64 field.
    private mutating func widen(_ extra: ByteView) -> Bool {
        var field = 0
        while let id = extra.little(field, 2), let length = extra.little(field + 2, 2) {
            if id == 1 { return widen(zip64: extra.part(field + 4, length)) }
            field += 4 + length
        }
        return ![packed, size, offset].contains(0xFFFF_FFFF)
    }

    private mutating func widen(zip64 field: ByteView?) -> Bool {
        guard let field else { return false }
        var next = 0
        for number in [\ZipEntry.size, \ZipEntry.packed, \ZipEntry.offset]
        where self[keyPath: number] == 0xFFFF_FFFF {
            guard let wide = field.little(next, 8) else { return false }
            self[keyPath: number] = wide
            next += 8
        }
        return true
    }

    /// The file's bytes.
    ///
    /// - Parameter place: what to call it in messages.
    func data(_ archive: ByteView, place: String) throws(MediaError) -> ByteView {
        guard flags & 1 == 0 else { throw MediaError(path: place, reason: "is encrypted; save it without") }
        guard method == 0 else {
            throw MediaError(
                path: place, reason: "is compressed; save with numpy.savez, not savez_compressed")
        }
        guard packed == size, let local = archive.part(offset, 30), local.has("PK\u{3}\u{4}"),
            let nameLength = local.little(26, 2), let extraLength = local.little(28, 2),
            let data = archive.part(offset + 30 + nameLength + extraLength, size)
        else { throw MediaError(path: place, reason: "the zip's directory does not fit its contents") }
        guard crc32(data) == checksum else {
            throw MediaError(path: place, reason: "the checksum is wrong; copy the file again")
        }
        return data
    }
}

/// Everything in an archive, in the directory's order.
///
/// - Throws: ``MediaError`` when the bytes are no zip, cut off, or contradict themselves.
func zipEntries(_ file: ByteView, name: String) throws(MediaError) -> [ZipEntry] {
    guard file.has("PK") else {
        throw MediaError(path: name, reason: "not an .npz file; numpy.savez writes them")
    }
    guard let end = endRecord(file) else { throw cutOff(".npz file", name) }
    guard var directory = directory(file, end: end) else {
        throw MediaError(path: name, reason: "the zip's directory is damaged")
    }
    var entries: [ZipEntry] = []
    while directory.count > 0 {
        guard let entry = ZipEntry(directory),
            let rest = directory.part(entry.length, directory.count - entry.length)
        else {
            throw MediaError(
                path: name, reason: "the zip's directory is damaged after \(entries.count) files")
        }
        entries.append(entry)
        directory = rest
    }
    return entries
}

/// Where the record is that ends the file, behind which there may be a comment of up to 65535 bytes.
private func endRecord(_ file: ByteView) -> Int? {
    let last = file.count - 22
    return stride(from: last, through: max(last - 0xFFFF, 0), by: -1).first { offset in
        file.has("PK\u{5}\u{6}", at: offset) && file.little(offset + 20, 2) == last - offset
    }
}

private func directory(_ file: ByteView, end: Int) -> ByteView? {
    guard file.has("PK\u{6}\u{7}", at: end - 20) else {
        guard let size = file.little(end + 12, 4), let offset = file.little(end + 16, 4) else { return nil }
        return file.part(offset, size)
    }
    guard let wide = file.little(end - 12, 8), let record = file.part(wide, 56), record.has("PK\u{6}\u{6}"),
        let size = record.little(40, 8), let offset = record.little(48, 8)
    else { return nil }
    return file.part(offset, size)
}

/// The checksum of zip files (ISO 3309).
private func crc32(_ data: ByteView) -> Int {
    let sum = data.bytes.withUnsafeBufferPointer { bytes in
        bytes.reduce(~UInt32(0)) { sum, byte in
            sum >> 8 ^ crcTable[Int(UInt8(truncatingIfNeeded: sum) ^ byte)]
        }
    }
    return Int(~sum)
}

/// What a byte does to the checksum.
private let crcTable: [UInt32] = (0..<256).map { byte in
    var sum = UInt32(byte)
    for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xEDB8_8320) }
    return sum
}
