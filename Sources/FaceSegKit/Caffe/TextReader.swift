// TextReader: a message out of protobuf's text format, by the tables of Schema: `name: value`, `name { }`,
// lists, comments. As strict as Caffe, which stops at unknown names, save that a layer may carry the
// parameters of a fork's own (`my_param { … }`). Nothing here knows what a layer means.

/// The network in a `.prototxt`.
///
/// - name: the file's path, for errors.
/// - Throws: ``FaceSegError/text(path:line:column:reason:)`` at the first mistake.
package func readNetParameter(text: [UInt8], name: String) throws(FaceSegError) -> Message {
    try readMessage("NetParameter", text: text, name: name)
}

/// A text that is one message of the given type.
package func readMessage(_ type: String, text: [UInt8], name: String) throws(FaceSegError) -> Message {
    guard text.count <= ReadingBudget.textBytes else {
        throw .file(path: name, byte: nil, reason: "\(text.count) bytes of text; at most 64 MB are read")
    }
    var reader = try TextReader(text, path: name)
    return try reader.read(Schema.message(type))
}

private struct TextReader {
    private var lexer: TextLexer
    private var budget = ReadingBudget()
    private var depth = 0

    init(_ text: [UInt8], path: String) throws(FaceSegError) { lexer = try TextLexer(text, path: path) }

    mutating func read(_ type: SchemaMessage) throws(FaceSegError) -> Message {
        var message = Message(type, place: place)
        while lexer.current.kind != .end { try readField(of: &message) }
        return message
    }

    private var place: MessagePlace {
        .text(path: lexer.path, line: lexer.current.line, column: lexer.current.column)
    }

    /// `name: value` or `name { … }`, with a comma or semicolon behind it or without.
    private mutating func readField(of message: inout Message) throws(FaceSegError) {
        guard lexer.current.kind == .name else {
            throw lexer.failure("the name of a field was expected, not \(lexer.string(lexer.current))")
        }
        let name = try lexer.advance()
        if let field = message.type.field(lexer.string(name)), !field.isHidden {
            if !field.isRepeated, message.has(field.name) {
                throw lexer.failure("\(field.name) is there already; \(message.type.name) has one", at: name)
            }
            try readValues(field, name, into: &message)
        } else {
            try passUnknown(name, of: message.type)
        }
        if try !lexer.take(",") { _ = try lexer.take(";") }
    }

    private mutating func readValues(
        _ field: SchemaField, _ name: TextToken, into message: inout Message
    ) throws(FaceSegError) {
        let hasColon = try lexer.take(":")
        guard hasColon || field.kind.isNested else {
            throw lexer.failure("\(field.name) wants a colon and a value, not \(lexer.string(lexer.current))")
        }
        guard field.isRepeated, try lexer.take("[") else { return try readValue(field, name, into: &message) }
        if try lexer.take("]") { return }
        repeat { try readValue(field, name, into: &message) } while try lexer.take(",")
        guard try lexer.take("]") else {
            throw lexer.failure(
                "the list of \(field.name) wants a comma or ], not \(lexer.string(lexer.current))")
        }
    }

    private mutating func readValue(
        _ field: SchemaField, _ name: TextToken, into message: inout Message
    ) throws(FaceSegError) {
        switch field.kind {
        case .message(let type):
            return message.put(field, message: try readNested(Schema.message(type), name))
        case .blob: return message.put(field, blob: try readBlob(name))
        case .string:
            let start = lexer.current
            let string = try lexer.takeString()
            try check(budget.takeString(string.utf8.count), at: start)
            return message.put(field, string: string)
        default: break
        }
        // The numbers of a blob are bounded by the size of the text alone.
        if message.type.name != "BlobProto" { try check(budget.takeValue(), at: lexer.current) }
        switch field.kind {
        case .float: message.put(field, real: Double(Float(try lexer.takeReal())))
        case .double: message.put(field, real: try lexer.takeReal())
        case .bool: message.put(field, integer: try lexer.takeBool())
        case .enumeration(let values): message.put(field, integer: try lexer.takeEnumeration(values))
        case .uint32: message.put(field, integer: try lexer.takeInteger(0...Int64(UInt32.max)))
        case .int64: message.put(field, integer: try lexer.takeInteger(.min ... .max))
        default: message.put(field, integer: try lexer.takeInteger(Int64(Int32.min)...Int64(Int32.max)))
        }
    }

    private mutating func readNested(_ type: SchemaMessage, _ name: TextToken) throws(FaceSegError) -> Message
    {
        try check(budget.takeMessage(type), at: name)
        var message = Message(
            type, place: .text(path: lexer.path, line: name.line, column: name.column))
        let brace = try openBrace(of: type.name)
        while try !closed(brace) { try readField(of: &message) }
        try checkBlobs(of: message)
        return message
    }

    private mutating func readBlob(_ name: TextToken) throws(FaceSegError) -> BlobHeader {
        let proto = try readNested(Schema.message("BlobProto"), name)
        let legacy = ["num", "channels", "height", "width"]
        var header = BlobHeader(isLegacyShape: legacy.contains { proto.has($0) }, place: proto.place)
        header.shape =
            header.isLegacyShape
            ? legacy.map { proto.int($0) ?? 0 } : proto.message("shape")?.ints("dim") ?? []
        header.inline = proto.floats(proto.has("double_data") ? "double_data" : "data")
        return header
    }

    private func check(_ excess: String?, at token: TextToken) throws(FaceSegError) {
        if let excess { throw lexer.failure("the text holds \(excess)", at: token) }
    }
}

extension SchemaKind {
    /// Between braces, so that the colon may be left out.
    fileprivate var isNested: Bool {
        switch self {
        case .message, .blob: true
        default: false
        }
    }
}

// Braces.
extension TextReader {
    private mutating func openBrace(of type: String) throws(FaceSegError) -> TextToken {
        guard lexer.isSymbol("{") || lexer.isSymbol("<") else {
            throw lexer.failure("\(type) wants a {, not \(lexer.string(lexer.current))")
        }
        depth += 1
        if depth > ReadingBudget.depth { throw lexer.failure("messages are nested over 100 deep") }
        return try lexer.advance()
    }

    /// Takes the brace that ends what `brace` began, if it is next.
    private mutating func closed(_ brace: TextToken) throws(FaceSegError) -> Bool {
        let end: Character = lexer.string(brace) == "{" ? "}" : ">"
        if try lexer.take(end) {
            depth -= 1
            return true
        }
        if lexer.current.kind == .end || lexer.isSymbol("}") || lexer.isSymbol(">") {
            let opened = "\(lexer.string(brace)) was opened at line \(brace.line), column \(brace.column)"
            throw lexer.failure("\(end) is missing: \(opened)")
        }
        return false
    }
}

// What a fork adds.
extension TextReader {
    /// Messages with unknown names are passed over in layers; nothing else unknown is.
    private mutating func passUnknown(_ name: TextToken, of type: SchemaMessage) throws(FaceSegError) {
        let isLayer = type.name == "LayerParameter" || type.name == "V1LayerParameter"
        _ = try lexer.take(":")
        guard isLayer, lexer.isSymbol("{") || lexer.isSymbol("<") else {
            throw lexer.failure("\(type.name) has no field \(lexer.string(name))", at: name)
        }
        try passNested()
    }

    private mutating func passNested() throws(FaceSegError) {
        let brace = try openBrace(of: "the field")
        while try !closed(brace) {
            guard lexer.current.kind == .name else {
                throw lexer.failure("the name of a field was expected, not \(lexer.string(lexer.current))")
            }
            try lexer.advance()
            let hasColon = try lexer.take(":")
            try passValues(hasColon)
            if try !lexer.take(",") { _ = try lexer.take(";") }
        }
    }

    private mutating func passValues(_ hasColon: Bool) throws(FaceSegError) {
        guard try lexer.take("[") else { return try passValue(hasColon) }
        if try lexer.take("]") { return }
        repeat { try passValue(hasColon) } while try lexer.take(",")
        guard try lexer.take("]") else { throw lexer.failure("the list wants a comma or ]") }
    }

    private mutating func passValue(_ hasColon: Bool) throws(FaceSegError) {
        if lexer.isSymbol("{") || lexer.isSymbol("<") { return try passNested() }
        guard hasColon else {
            throw lexer.failure("a colon or { was expected, not \(lexer.string(lexer.current))")
        }
        if lexer.current.kind == .string {
            _ = try lexer.takeString()
            return
        }
        _ = try lexer.take("-")
        guard [.name, .integer, .real].contains(lexer.current.kind) else {
            throw lexer.failure("a value was expected, not \(lexer.string(lexer.current))")
        }
        try lexer.advance()
    }
}
