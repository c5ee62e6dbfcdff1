// WirePieces: a file of protobuf in the making: bytes in memory, and between them numbers that stay where they are until
// they are written, 256 KB at a time. Knows no message.

/// Bytes and blobs in the order of the file.
struct WirePieces {
    private enum Piece { case bytes([UInt8]), numbers(OutgoingBlob) }

    private static let chunk = 65_536

    private var list: [Piece] = []
    /// Bytes in all.
    private(set) var count = 0

    mutating func append(_ bytes: [UInt8]) {
        count += bytes.count
        guard case .bytes(var last)? = list.last else { return list.append(.bytes(bytes)) }
        list.removeLast()  // so that it grows in place
        last += bytes
        list.append(.bytes(last))
    }

    mutating func append(_ blob: OutgoingBlob) {
        count += blob.count * 4
        list.append(.numbers(blob))
    }

    mutating func append(_ other: WirePieces) {
        for piece in other.list {
            switch piece {
            case .bytes(let bytes): append(bytes)
            case .numbers(let blob): append(blob)
            }
        }
    }

    func write(to sink: any ByteSink) throws(FaceSegError) {
        let chunk = UnsafeMutableBufferPointer<Float>.allocate(capacity: Self.chunk)
        chunk.initialize(repeating: 0)
        defer { chunk.deallocate() }
        for piece in list {
            switch piece {
            case .bytes(let bytes):
                try bytes.withUnsafeBufferPointer { bytes throws(FaceSegError) in
                    try sink.write(UnsafeRawBufferPointer(bytes))
                }
            case .numbers(let blob): try write(blob, by: chunk, to: sink)
            }
        }
    }

    private func write(
        _ blob: OutgoingBlob, by chunk: UnsafeMutableBufferPointer<Float>, to sink: any ByteSink
    ) throws(FaceSegError) {
        var done = 0
        while done < blob.count {
            let end = min(done + chunk.count, blob.count)
            let part = UnsafeMutableBufferPointer(rebasing: chunk[..<(end - done)])
            try blob.read(done..<end, part)
            try sink.write(UnsafeRawBufferPointer(part))
            done = end
        }
    }
}

/// Seven bits a byte; negative numbers take all ten, whatever their kind.
func varint(_ value: some FixedWidthInteger) -> [UInt8] {
    var rest = UInt64(truncatingIfNeeded: value), bytes: [UInt8] = []
    while rest >= 0x80 {
        bytes.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
    }
    return bytes + [UInt8(rest)]
}
