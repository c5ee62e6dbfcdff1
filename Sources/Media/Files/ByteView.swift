// ByteView: checked reading of bytes that nobody vouches for. It knows no format.

/// Part of a file. Offsets count from the part's own start; what lies outside reads as nil.
struct ByteView {
    let bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }
    private init(slice: ArraySlice<UInt8>) { bytes = slice }

    var count: Int { bytes.count }

    /// `length` bytes from `offset` on.
    func part(_ offset: Int, _ length: Int) -> ByteView? {
        guard offset >= 0, length >= 0, length <= count, offset <= count - length else { return nil }
        let start = bytes.startIndex + offset
        return ByteView(slice: bytes[start..<start + length])
    }

    /// The number in `size` bytes (1 to 8), lowest first; nil too where it is above `Int.max`.
    func little(_ offset: Int, _ size: Int) -> Int? {
        guard let digits = part(offset, size) else { return nil }
        return Int(exactly: digits.bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// The number in `size` bytes (1 to 8), highest first; nil too where it is above `Int.max`.
    func big(_ offset: Int, _ size: Int) -> Int? {
        guard let digits = part(offset, size) else { return nil }
        return Int(exactly: digits.bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    func has(_ signature: [UInt8], at offset: Int = 0) -> Bool {
        part(offset, signature.count)?.bytes.elementsEqual(signature) ?? false
    }

    func has(_ signature: String, at offset: Int = 0) -> Bool { has(Array(signature.utf8), at: offset) }
}
