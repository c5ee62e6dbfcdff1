// Schema: what a message of Caffe's formats is made of: names, field numbers, kinds. Four codecs (wire and
// text, reading and writing) work by these tables. Not the values (Message) and not Caffe's defaults: those
// belong to the layer that uses them.

/// How the values of a field are written down.
enum SchemaKind: Sendable {
    case int32, uint32, int64, float, double, bool, string
    case enumeration(SchemaEnumeration)
    /// A nested message, by the name of its type.
    case message(String)
    /// A BlobProto. It is read as a ``BlobHeader``: the numbers stay in the file.
    case blob
}

/// The names of an enumeration and their numbers.
final class SchemaEnumeration: Sendable {
    let numbers: [String: Int]
    private let names: [Int: String]

    init(_ numbers: [String: Int]) {
        self.numbers = numbers
        names = Dictionary(uniqueKeysWithValues: numbers.map { ($0.value, $0.key) })
    }

    /// Names that count up from `first`.
    convenience init(from first: Int = 0, _ names: String...) {
        self.init(Dictionary(uniqueKeysWithValues: zip(names, first...)))
    }

    func name(_ number: Int) -> String? { names[number] }
}

/// One field. A class, so that each stored value can point at its field.
final class SchemaField: Sendable {
    let name: String, number: Int, kind: SchemaKind
    let isRepeated: Bool
    /// One length for all values, where Caffe writes it so. Both forms are read everywhere.
    let isPacked: Bool
    /// On the wire only: Caffe's text reader stops at a name that it does not know.
    let isHidden: Bool

    init(
        _ name: String, _ number: Int, _ kind: SchemaKind,
        isRepeated: Bool = false, isPacked: Bool = false, isHidden: Bool = false
    ) {
        self.name = name
        self.number = number
        self.kind = kind
        self.isRepeated = isRepeated
        self.isPacked = isPacked
        self.isHidden = isHidden
    }
}

/// One type of message: its fields in the order of their numbers, which is the order of writing.
final class SchemaMessage: Sendable {
    let name: String
    let fields: [SchemaField]
    private let byName: [String: SchemaField], byNumber: [Int: SchemaField]

    init(_ name: String, _ fields: [SchemaField]) {
        self.name = name
        self.fields = fields.sorted { $0.number < $1.number }
        byName = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
        byNumber = Dictionary(uniqueKeysWithValues: fields.map { ($0.number, $0) })
    }

    func field(_ name: String) -> SchemaField? { byName[name] }
    func field(number: Int) -> SchemaField? { byNumber[number] }
}

/// All message types. To add one, write its table in a `Schema…` file and name it here.
enum Schema {
    private static let all = [
        net, layer, legacy, blob, connected, elementwise, normalizing, shaping, feeding, losses, solving,
    ]
    private static let byName = Dictionary(uniqueKeysWithValues: all.joined().map { ($0.name, $0) })

    /// The type called `name`, which must be one of the tables.
    static func message(_ name: String) -> SchemaMessage {
        guard let type = byName[name] else { preconditionFailure("no table for \(name)") }
        return type
    }
}

// How the tables are spelled: `.uint32("pad", 3).repeated`.
extension SchemaField {
    static func int32(_ name: String, _ number: Int) -> SchemaField { .init(name, number, .int32) }
    static func uint32(_ name: String, _ number: Int) -> SchemaField { .init(name, number, .uint32) }
    static func int64(_ name: String, _ number: Int) -> SchemaField { .init(name, number, .int64) }
    static func float(_ name: String, _ number: Int) -> SchemaField { .init(name, number, .float) }
    static func double(_ name: String, _ number: Int) -> SchemaField { .init(name, number, .double) }
    static func bool(_ name: String, _ number: Int) -> SchemaField { .init(name, number, .bool) }
    static func string(_ name: String, _ number: Int) -> SchemaField { .init(name, number, .string) }
    static func blob(_ name: String, _ number: Int) -> SchemaField { .init(name, number, .blob) }

    static func enumeration(_ name: String, _ number: Int, _ values: SchemaEnumeration) -> SchemaField {
        .init(name, number, .enumeration(values))
    }
    static func message(_ name: String, _ number: Int, _ type: String) -> SchemaField {
        .init(name, number, .message(type))
    }

    var repeated: SchemaField { .init(name, number, kind, isRepeated: true) }
    var packed: SchemaField { .init(name, number, kind, isRepeated: true, isPacked: true) }
    var hidden: SchemaField { .init(name, number, kind, isRepeated: isRepeated, isHidden: true) }
}
