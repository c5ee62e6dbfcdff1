// Message: one message as a value: what was read, or what is to be written. It knows its table and where it
// came from. Not a network: CaffeNetwork turns messages into layers, and knows Caffe's defaults.

/// Where a message was read, for errors that are noticed later.
enum MessagePlace: Sendable {
    case byte(path: String, byte: Int)
    case text(path: String, line: Int, column: Int)

    package func failure(_ reason: String) -> FaceSegError {
        switch self {
        case .byte(let path, let byte): .file(path: path, byte: byte, reason: reason)
        case .text(let path, let line, let column):
            .text(path: path, line: line, column: column, reason: reason)
        }
    }
}

/// The values of one field; only the list of its kind is used. Five lists rather than an enum, because they
/// grow in place.
struct MessageEntry: Sendable {
    let field: SchemaField
    /// Whole numbers, truth values (0, 1) and enumerations.
    var integers: [Int64] = []
    /// A `float` is widened, which loses nothing.
    var reals: [Double] = []
    var strings: [String] = []
    var messages: [Message] = []
    var blobs: [BlobHeader] = []

    var isEmpty: Bool {
        integers.isEmpty && reals.isEmpty && strings.isEmpty && messages.isEmpty && blobs.isEmpty
    }
}

/// Values by field name. A name that the table lacks, or a value of another kind, is a mistake of ours: trap.
///
/// A field that is absent gives `nil` or an empty list. The single form of a repeated field is its last
/// value.
package struct Message: Sendable {
    let type: SchemaMessage
    var place: MessagePlace?
    /// In the order in which the fields first came.
    private(set) var entries: [MessageEntry] = []

    package init(_ type: String) { self.init(Schema.message(type)) }

    init(_ type: SchemaMessage, place: MessagePlace? = nil) {
        self.type = type
        self.place = place
    }

    /// An error at the place of this message.
    package func failure(_ reason: String) -> FaceSegError {
        place?.failure(reason) ?? .network(layer: "", reason: reason)
    }
}

// Reading.
extension Message {
    package func has(_ name: String) -> Bool { entry(name).map { !$0.isEmpty } ?? false }

    package func string(_ name: String) -> String? { entry(name)?.strings.last }
    package func int(_ name: String) -> Int? { entry(name)?.integers.last.map { Int($0) } }
    package func float(_ name: String) -> Float? { entry(name)?.reals.last.map { Float($0) } }
    package func bool(_ name: String) -> Bool? { entry(name)?.integers.last.map { $0 != 0 } }
    package func message(_ name: String) -> Message? { entry(name)?.messages.last }

    /// The name of the value, or its digits where the table has no name for it.
    package func enumeration(_ name: String) -> String? { enumerations(name).last }

    package func strings(_ name: String) -> [String] { entry(name)?.strings ?? [] }
    package func ints(_ name: String) -> [Int] { entry(name)?.integers.map { Int($0) } ?? [] }
    package func floats(_ name: String) -> [Float] { entry(name)?.reals.map { Float($0) } ?? [] }
    package func bools(_ name: String) -> [Bool] { entry(name)?.integers.map { $0 != 0 } ?? [] }
    package func messages(_ name: String) -> [Message] { entry(name)?.messages ?? [] }
    package func blobs(_ name: String) -> [BlobHeader] { entry(name)?.blobs ?? [] }

    package func enumerations(_ name: String) -> [String] {
        guard let entry = entry(name), case .enumeration(let values) = entry.field.kind else { return [] }
        return entry.integers.map { values.name(Int($0)) ?? String($0) }
    }

    private func entry(_ name: String) -> MessageEntry? {
        let number = field(name).number
        return entries.first { $0.field.number == number }
    }

    private func field(_ name: String) -> SchemaField {
        guard let field = type.field(name) else { preconditionFailure("\(type.name) has no field \(name)") }
        return field
    }
}

// Building, by name. `set` replaces, `append` adds.
extension Message {
    package mutating func set(_ name: String, to value: String) { clear(name); append(name, value) }
    package mutating func set(_ name: String, to value: Int) { clear(name); append(name, value) }
    package mutating func set(_ name: String, to value: Float) { clear(name); append(name, value) }
    package mutating func set(_ name: String, to value: Bool) { clear(name); append(name, value) }
    package mutating func set(_ name: String, to value: Message) { clear(name); append(name, value) }

    /// By the value's name in Caffe, such as `MAX`.
    package mutating func set(_ name: String, enumeration value: String) {
        guard case .enumeration(let values) = field(name).kind, let number = values.numbers[value] else {
            preconditionFailure("\(type.name).\(name) has no value \(value)")
        }
        clear(name)
        put(field(name), integer: Int64(number))
    }

    package mutating func clear(_ name: String) {
        let number = field(name).number
        entries.removeAll { $0.field.number == number }
    }

    package mutating func append(_ name: String, _ value: String) {
        guard case .string = field(name).kind else { wrongKind(name) }
        put(field(name), string: value)
    }

    package mutating func append(_ name: String, _ value: Int) {
        switch field(name).kind {
        case .int32: put(field(name), integer: Int64(Int32(value)))
        case .uint32: put(field(name), integer: Int64(UInt32(value)))
        case .int64: put(field(name), integer: Int64(value))
        case .float: put(field(name), real: Double(Float(value)))
        case .double: put(field(name), real: Double(value))
        default: wrongKind(name)
        }
    }

    package mutating func append(_ name: String, _ value: Float) {
        switch field(name).kind {
        case .float, .double: put(field(name), real: Double(value))
        default: wrongKind(name)
        }
    }

    package mutating func append(_ name: String, _ value: Bool) {
        guard case .bool = field(name).kind else { wrongKind(name) }
        put(field(name), integer: value ? 1 : 0)
    }

    package mutating func append(_ name: String, _ value: Message) {
        guard case .message(let kind) = field(name).kind, kind == value.type.name else { wrongKind(name) }
        put(field(name), message: value)
    }

    private func wrongKind(_ name: String) -> Never {
        preconditionFailure("\(type.name).\(name) is of another kind")
    }
}

// Building, for the readers: they know the field and have checked the value. A single field keeps the last.
extension Message {
    mutating func put(_ field: SchemaField, integer: Int64) {
        let at = index(field)
        if !field.isRepeated { entries[at].integers.removeAll(keepingCapacity: true) }
        entries[at].integers.append(integer)
    }

    mutating func put(_ field: SchemaField, real: Double) {
        let at = index(field)
        if !field.isRepeated { entries[at].reals.removeAll(keepingCapacity: true) }
        entries[at].reals.append(real)
    }

    mutating func put(_ field: SchemaField, string: String) {
        let at = index(field)
        if !field.isRepeated { entries[at].strings.removeAll(keepingCapacity: true) }
        entries[at].strings.append(string)
    }

    mutating func put(_ field: SchemaField, message: Message) {
        let at = index(field)
        if !field.isRepeated { entries[at].messages.removeAll(keepingCapacity: true) }
        entries[at].messages.append(message)
    }

    mutating func put(_ field: SchemaField, blob: BlobHeader) {
        entries[index(field)].blobs.append(blob)
    }

    /// Takes out the nested message that later bytes are to be merged into.
    mutating func take(_ field: SchemaField) -> Message? { entries[index(field)].messages.popLast() }

    private mutating func index(_ field: SchemaField) -> Int {
        if let at = entries.firstIndex(where: { $0.field.number == field.number }) { return at }
        entries.append(MessageEntry(field: field))
        return entries.count - 1
    }
}
