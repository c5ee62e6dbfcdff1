// WireWindow: a source as protobuf's wire sees it: varints, tags, fixed numbers, lengths, read through a
// small window, with a limit for the message that is being read. Passing over bytes reads nothing. No message
// here.

/// A field's number and how its bytes are laid out.
struct WireTag {
    let number: Int, layout: Int

    static let varint = 0, fixed64 = 1, sized = 2, groupStart = 3, groupEnd = 4, fixed32 = 5
}

/// Goes forward only.
final class WireWindow {
    /// Small, because after each blob that is passed over a new one is filled.
    private static let size = 16_384

    let source: any ByteSource
    /// Of the next byte.
    private(set) var offset = 0
    /// Where the message that is being read ends.
    private(set) var end: Int
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    private var start = 0, filled = 0

    init(_ source: any ByteSource) {
        self.source = source
        end = source.count
    }

    deinit { buffer.deallocate() }

    var remaining: Int { end - offset }

    func failure(_ reason: String, at byte: Int? = nil) -> FaceSegError {
        source.failure(reason, at: byte ?? offset)
    }

    func byte() throws(FaceSegError) -> UInt8 {
        guard offset < end else { throw truncated() }
        if offset >= start + filled { try fill() }
        defer { offset += 1 }
        return buffer[offset - start]
    }

    /// 64 bits, as everywhere in protobuf; the caller keeps as many as its kind has.
    func varint() throws(FaceSegError) -> UInt64 {
        let first = offset
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try byte()
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw failure("a number is longer than 64 bits", at: first)
    }

    func fixed32() throws(FaceSegError) -> UInt32 {
        var value: UInt32 = 0
        for shift in stride(from: UInt32(0), to: 32, by: 8) { value |= UInt32(try byte()) << shift }
        return value
    }

    func fixed64() throws(FaceSegError) -> UInt64 {
        let low = UInt64(try fixed32())
        return low | UInt64(try fixed32()) << 32
    }

    func tag() throws(FaceSegError) -> WireTag {
        let first = offset
        let value = try varint()
        guard value <= UInt64(UInt32.max), value >> 3 >= 1 else {
            throw failure("not a field of a protobuf message", at: first)
        }
        let tag = WireTag(number: Int(value >> 3), layout: Int(value & 7))
        guard tag.layout <= WireTag.fixed32 else {
            throw failure("field \(tag.number) has the unknown wire type \(tag.layout)", at: first)
        }
        return tag
    }

    /// The length in front of bytes, which must lie within the message.
    func length() throws(FaceSegError) -> Int {
        let first = offset
        let value = try varint()
        guard let length = Int(exactly: value), length <= remaining else {
            throw failure("\(value) bytes are announced, but only \(remaining) are left", at: first)
        }
        return length
    }

    /// `count` bytes as they are; the caller has bounded it.
    func bytes(_ count: Int) throws(FaceSegError) -> [UInt8] {
        guard count <= remaining else { throw truncated() }
        var bytes = [UInt8](repeating: 0, count: count)
        if offset + count <= start + filled, offset >= start {
            for i in 0..<count { bytes[i] = buffer[offset - start + i] }
        } else {
            try readThrough(&bytes)
        }
        offset += count
        return bytes
    }

    /// Passes over `count` bytes unread.
    func skip(_ count: Int) throws(FaceSegError) {
        guard count <= remaining else { throw truncated() }
        offset += count
    }

    /// Passes over records of the one-byte tag `tag` and `size` bytes each, while the next follows at once.
    func skipRecords(tag: UInt8, size: Int) throws(FaceSegError) -> Int {
        var count = 0
        while remaining > size {
            if offset >= start + filled { try fill() }
            guard buffer[offset - start] == tag else { break }
            offset += 1 + size
            count += 1
        }
        return count
    }

    /// Goes into a nested message; the result goes to ``leave(_:)`` at its end.
    func enter() throws(FaceSegError) -> Int {
        let length = try length(), outer = end
        end = offset + length
        return outer
    }

    func leave(_ outer: Int) { end = outer }

    private func truncated() -> FaceSegError {
        failure(end == source.count ? "the file ends too early" : "a value runs past the end of its message")
    }

    private func fill() throws(FaceSegError) {
        let count = min(Self.size, source.count - offset)
        try source.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
        start = offset
        filled = count
    }

    private func readThrough(_ bytes: inout [UInt8]) throws(FaceSegError) {
        try bytes.withUnsafeMutableBufferPointer { bytes throws(FaceSegError) in
            try source.read(at: offset, into: UnsafeMutableRawBufferPointer(bytes))
        }
    }
}
