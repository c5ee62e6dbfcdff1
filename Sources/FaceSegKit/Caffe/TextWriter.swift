// TextWriter: a message into protobuf's text format, as Caffe prints it: fields by number, two spaces a
// level. Blobs and what only stands on the wire (our metadata) are left out.

/// The message as the content of a `.prototxt`.
func prototxt(of message: Message) -> String {
    var text = ""
    append(message, indent: "", to: &text)
    return text
}

private func append(_ message: Message, indent: String, to text: inout String) {
    for field in message.type.fields where !field.isHidden {
        guard let entry = message.entries.first(where: { $0.field.number == field.number }) else { continue }
        for value in values(of: entry) { text += "\(indent)\(field.name): \(value)\n" }
        for nested in entry.messages {
            text += "\(indent)\(field.name) {\n"
            append(nested, indent: indent + "  ", to: &text)
            text += "\(indent)}\n"
        }
    }
}

/// Those of one field, as they stand behind the colon.
private func values(of entry: MessageEntry) -> [String] {
    switch entry.field.kind {
    case .string: entry.strings.map(quoted)
    case .float: entry.reals.map { shortest(Float($0).description) }
    case .double: entry.reals.map { shortest($0.description) }
    case .bool: entry.integers.map { $0 == 0 ? "false" : "true" }
    // Caffe takes a number without a name as if it were not there, and no reader of text takes it.
    case .enumeration(let values): entry.integers.compactMap { values.name(Int($0)) }
    case .int32, .uint32, .int64: entry.integers.map { String($0) }
    case .message, .blob: []
    }
}

/// Swift prints the fewest digits that read back the same; protobuf has no `.0` behind whole ones.
private func shortest(_ digits: String) -> String {
    digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
}

/// Escapes as in C, and octal for all that is not printable ASCII, so that any reader of any age agrees.
private func quoted(_ string: String) -> String {
    var text = "\""
    for byte in string.utf8 {
        switch byte {
        case UInt8(ascii: "\n"): text += "\\n"
        case UInt8(ascii: "\r"): text += "\\r"
        case UInt8(ascii: "\t"): text += "\\t"
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"):
            text += "\\" + String(Unicode.Scalar(byte))
        case 0x20...0x7E: text += String(Unicode.Scalar(byte))
        default:
            let octal = String(byte, radix: 8)
            text += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
        }
    }
    return text + "\""
}
