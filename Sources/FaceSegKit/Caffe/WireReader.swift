// WireReader: a message out of protobuf's binary form, by the tables of Schema. Blobs become headers: their
// numbers are passed over, so a file of 537 MB opens in a few milliseconds. As in protobuf, unknown fields
// and known ones in an unexpected layout are passed over, packed and unpacked are the same, the last of
// several single values holds and single messages merge. Nothing here knows what a layer means.

/// The network in a `.caffemodel`, without the numbers of its blobs.
func readNetParameter(from source: any ByteSource) throws(FaceSegError) -> Message {
    try readMessage("NetParameter", from: source)
}

/// A file that is one message of the given type.
package func readMessage(_ type: String, from source: any ByteSource) throws(FaceSegError) -> Message {
    var reader = WireReader(source)
    return try reader.read(Schema.message(type))
}

private struct WireReader {
    private let window: WireWindow
    private var budget = ReadingBudget()
    private var depth = 0

    init(_ source: any ByteSource) { window = WireWindow(source) }

    mutating func read(_ type: SchemaMessage) throws(FaceSegError) -> Message {
        var message = Message(type, place: place)
        try readFields(into: &message)
        return message
    }

    private var place: MessagePlace { .byte(path: window.source.name, byte: window.offset) }

    /// Until the end of the message.
    private mutating func readFields(into message: inout Message) throws(FaceSegError) {
        while window.remaining > 0 {
            let tag = try window.tag()
            guard let field = message.type.field(number: tag.number) else {
                try skip(tag)
                continue
            }
            try read(field, tag, into: &message)
        }
    }

    private mutating func read(
        _ field: SchemaField, _ tag: WireTag, into message: inout Message
    ) throws(FaceSegError) {
        let layout = field.kind.layout
        if tag.layout == layout {
            try readValue(field, into: &message)
        } else if tag.layout == WireTag.sized, field.isRepeated, layout != WireTag.sized {
            let outer = try window.enter()
            while window.remaining > 0 { try readValue(field, into: &message) }
            window.leave(outer)
        } else {
            try skip(tag)
        }
    }

    private mutating func readValue(_ field: SchemaField, into message: inout Message) throws(FaceSegError) {
        switch field.kind {
        case .message(let type): return try readNested(field, Schema.message(type), into: &message)
        case .blob: return message.put(field, blob: try readBlob())
        case .string: return message.put(field, string: try readString())
        default: try check(budget.takeValue())
        }
        switch field.kind {
        case .float: message.put(field, real: Double(Float(bitPattern: try window.fixed32())))
        case .double: message.put(field, real: Double(bitPattern: try window.fixed64()))
        case .bool: message.put(field, integer: try window.varint() == 0 ? 0 : 1)
        case .uint32: message.put(field, integer: Int64(UInt32(truncatingIfNeeded: try window.varint())))
        case .int64: message.put(field, integer: Int64(bitPattern: try window.varint()))
        default: message.put(field, integer: Int64(Int32(truncatingIfNeeded: try window.varint())))
        }
    }

    private mutating func readString() throws(FaceSegError) -> String {
        let length = try window.length()
        try check(budget.takeString(length))
        return decodeString(try window.bytes(length))
    }

    private mutating func readNested(
        _ field: SchemaField, _ type: SchemaMessage, into message: inout Message
    ) throws(FaceSegError) {
        try check(budget.takeMessage(type))
        let place = place
        var nested = (field.isRepeated ? nil : message.take(field)) ?? Message(type, place: place)
        try readNested(into: &nested)
        try checkBlobs(of: nested)
        message.put(field, message: nested)
    }

    private mutating func readNested(into message: inout Message) throws(FaceSegError) {
        let outer = try window.enter()
        try deeper()
        try readFields(into: &message)
        depth -= 1
        window.leave(outer)
    }

    private mutating func deeper() throws(FaceSegError) {
        depth += 1
        if depth > ReadingBudget.depth { throw window.failure("messages are nested over 100 deep") }
    }

    private func check(_ excess: String?) throws(FaceSegError) {
        if let excess { throw window.failure("the file holds \(excess)") }
    }
}

extension SchemaKind {
    /// How one value of this kind stands on the wire.
    fileprivate var layout: Int {
        switch self {
        case .string, .message, .blob: WireTag.sized
        case .float: WireTag.fixed32
        case .double: WireTag.fixed64
        case .int32, .uint32, .int64, .bool, .enumeration: WireTag.varint
        }
    }
}

// Unknown fields.
extension WireReader {
    private mutating func skip(_ tag: WireTag) throws(FaceSegError) {
        switch tag.layout {
        case WireTag.varint: _ = try window.varint()
        case WireTag.fixed64: try window.skip(8)
        case WireTag.sized: try window.skip(try window.length())
        case WireTag.fixed32: try window.skip(4)
        case WireTag.groupStart: try skipGroup(tag.number)
        default: throw window.failure("a group ends that did not begin (field \(tag.number))")
        }
    }

    /// A group, protobuf's old way to nest: to the end tag of the same number.
    private mutating func skipGroup(_ number: Int) throws(FaceSegError) {
        let first = window.offset
        try deeper()
        while true {
            guard window.remaining > 0 else { throw window.failure("the group has no end", at: first) }
            let tag = try window.tag()
            if tag.layout == WireTag.groupEnd, tag.number == number { break }
            try skip(tag)
        }
        depth -= 1
    }
}

// Blobs.
extension WireReader {
    private mutating func readBlob() throws(FaceSegError) -> BlobHeader {
        try check(budget.takeValue())
        var header = BlobHeader(place: place)
        let outer = try window.enter()
        var shape = Message("BlobShape"), legacy = [0, 0, 0, 0]
        var floats = BlobSegments(), doubles = BlobSegments()
        while window.remaining > 0 {
            let tag = try window.tag()
            switch (tag.number, tag.layout) {
            case (1...4, WireTag.varint):
                legacy[tag.number - 1] = Int(Int32(truncatingIfNeeded: try window.varint()))
                header.isLegacyShape = true
            case (5, WireTag.sized): try passPacked(&floats, size: 4)
            case (5, WireTag.fixed32): try passUnpacked(&floats, tag: 5 << 3 | 5, size: 4)
            case (6, WireTag.fixed32): try passDiff(tag: 6 << 3 | 5, size: 4)
            case (7, WireTag.sized): try readNested(into: &shape)
            case (8, WireTag.sized): try passPacked(&doubles, size: 8)
            case (8, WireTag.fixed64): try passUnpacked(&doubles, tag: 8 << 3 | 1, size: 8)
            case (9, WireTag.fixed64): try passDiff(tag: 9 << 3 | 1, size: 8)
            default:
                header.hasRawData = header.hasRawData || tag.number == 12
                try skip(tag)
            }
        }
        window.leave(outer)
        header.shape = header.isLegacyShape ? legacy : shape.ints("dim")
        header.segments = doubles.count > 0 ? doubles : floats
        return header
    }

    private mutating func passPacked(_ segments: inout BlobSegments, size: Int) throws(FaceSegError) {
        try check(budget.takeSegment())
        let first = window.offset
        let length = try window.length()
        guard length.isMultiple(of: size) else {
            throw window.failure("\(length) bytes of numbers of \(size) bytes each", at: first)
        }
        segments.append(offset: window.offset, count: length / size, byteStride: size)
        try window.skip(length)
    }

    /// After the first tag: its number, and all that follow at once with the same tag.
    private mutating func passUnpacked(
        _ segments: inout BlobSegments, tag: UInt8, size: Int
    ) throws(FaceSegError) {
        try check(budget.takeSegment())
        let first = window.offset
        try window.skip(size)
        let more = try window.skipRecords(tag: tag, size: size)
        segments.append(offset: first, count: 1 + more, byteStride: 1 + size)
    }

    private func passDiff(tag: UInt8, size: Int) throws(FaceSegError) {
        try window.skip(size)
        _ = try window.skipRecords(tag: tag, size: size)
    }
}
