// WireWriter: a message into protobuf's binary form, as Caffe's own writer lays it out: fields by number,
// blobs packed and with a BlobShape. Lengths stand in front in protobuf, so the headers are made first, in
// memory; the numbers of the blobs go from their source to the sink in one pass, 256 KB at a time.

/// Where bytes go.
package protocol ByteSink: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws(FaceSegError)
}

extension AtomicFile: ByteSink {}

/// A blob to be written: its sides, and a way to any range of its numbers.
package struct OutgoingBlob {
    package typealias Read = (Range<Int>, UnsafeMutableBufferPointer<Float>) throws(FaceSegError) -> Void

    let shape: [Int]
    let read: Read
    var count: Int { shape.reduce(1, *) }

    package init(shape: [Int], read: @escaping Read) {
        self.shape = shape
        self.read = read
    }

    /// The numbers of a blob that was read, copied from file to file. Its shape is kept, old or new.
    init(_ header: BlobHeader, from source: any ByteSource) {
        self.init(shape: header.shape) { range, destination throws(FaceSegError) in
            try header.read(range, into: destination, from: source)
        }
    }

    init(shape: [Int], values: [Float]) {
        precondition(values.count == shape.reduce(1, *))
        self.init(shape: shape) { range, destination throws(FaceSegError) in
            _ = destination.update(fromContentsOf: values[range])
        }
    }
}

/// Writes a network.
///
/// - blobs: one list a layer, in the order of `layers` (V1) and then `layer`; empty when no layer has any.
///   Headers in the message itself are not written: they say where numbers lie in another file.
/// - Throws: ``FaceSegError/argument(_:)`` at 2 GiB and above, which protobuf cannot read; what the sources
///   and the sink throw.
package func writeNetParameter(
    _ net: Message, blobs: [[OutgoingBlob]], to sink: any ByteSink
) throws(FaceSegError) {
    try writeMessage(net, blobs: blobs, to: sink)
}

/// Writes a message of any type, with one list of blobs for each message in it that has some.
package func writeMessage(
    _ message: Message, blobs: [[OutgoingBlob]], to sink: any ByteSink
) throws(FaceSegError) {
    var writer = WireWriter(blobs)
    let pieces = writer.encode(message)
    precondition(blobs.isEmpty || writer.listsTaken == blobs.count, "one list of blobs a layer")
    guard pieces.count <= Int32.max else {
        throw .argument("the file would take \(pieces.count) bytes; a Caffe file must be below 2 GiB")
    }
    try pieces.write(to: sink)
}

private struct WireWriter {
    private let blobs: [[OutgoingBlob]]
    private(set) var listsTaken = 0

    init(_ blobs: [[OutgoingBlob]]) { self.blobs = blobs }

    mutating func encode(_ message: Message) -> WirePieces {
        var pieces = WirePieces()
        for field in message.type.fields {
            if case .blob = field.kind {
                for blob in nextBlobs() { encode(blob, field, into: &pieces) }
            } else if let entry = message.entries.first(where: { $0.field.number == field.number }) {
                encode(entry, into: &pieces)
            }
        }
        return pieces
    }

    /// Those of the layer that is being written.
    private mutating func nextBlobs() -> [OutgoingBlob] {
        defer { listsTaken += 1 }
        return listsTaken < blobs.count ? blobs[listsTaken] : []
    }

    private mutating func encode(_ entry: MessageEntry, into pieces: inout WirePieces) {
        let field = entry.field
        for message in entry.messages { append(field, encode(message), to: &pieces) }
        for string in entry.strings {
            let bytes = Array(string.utf8)
            pieces.append(tag(field, WireTag.sized) + varint(bytes.count) + bytes)
        }
        if field.isPacked {
            let bytes = entry.integers.flatMap(varint) + entry.reals.flatMap { real($0, field.kind) }
            if !bytes.isEmpty { pieces.append(tag(field, WireTag.sized) + varint(bytes.count) + bytes) }
        } else {
            for value in entry.integers { pieces.append(tag(field, WireTag.varint) + varint(value)) }
            for value in entry.reals {
                pieces.append(tag(field, field.kind.isDouble ? WireTag.fixed64 : WireTag.fixed32))
                pieces.append(real(value, field.kind))
            }
        }
    }

    /// `data` (5) and `shape` (7), each only if it holds something.
    private func encode(_ blob: OutgoingBlob, _ field: SchemaField, into pieces: inout WirePieces) {
        var proto = WirePieces()
        if blob.count > 0 {
            proto.append([5 << 3 | 2] + varint(blob.count * 4))
            proto.append(blob)
        }
        if !blob.shape.isEmpty {
            let sides = blob.shape.flatMap { varint($0) }
            let dim = [1 << 3 | 2] + varint(sides.count) + sides
            proto.append([7 << 3 | 2] + varint(dim.count) + dim)
        }
        append(field, proto, to: &pieces)
    }

    private func append(_ field: SchemaField, _ nested: WirePieces, to pieces: inout WirePieces) {
        pieces.append(tag(field, WireTag.sized) + varint(nested.count))
        pieces.append(nested)
    }

    private func tag(_ field: SchemaField, _ layout: Int) -> [UInt8] { varint(field.number << 3 | layout) }

    private func real(_ value: Double, _ kind: SchemaKind) -> [UInt8] {
        kind.isDouble
            ? withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
            : withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { Array($0) }
    }
}

extension SchemaKind {
    fileprivate var isDouble: Bool { if case .double = self { true } else { false } }
}
