// TextLexer: the words of protobuf's text format, with line and column. Numbers and strings are only cut out
// and checked for form here; what they are worth depends on the field (TextValue). No grammar.

/// One word. `bytes` are those of the file; a string still has its quotes and escapes.
struct TextToken {
    enum Kind { case name, integer, real, string, symbol, end }

    let kind: Kind
    let bytes: Range<Int>
    let line: Int, column: Int
}

struct TextLexer {
    let path: String
    /// The word to be taken next.
    private(set) var current = TextToken(kind: .end, bytes: 0..<0, line: 1, column: 1)
    private let source: [UInt8]
    private var at = 0, line = 1, column = 1

    init(_ text: [UInt8], path: String) throws(FaceSegError) {
        source = text
        self.path = path
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }  // a byte order mark of some editors
        try advance()
    }

    func failure(_ reason: String, at token: TextToken? = nil) -> FaceSegError {
        let token = token ?? current
        return .text(path: path, line: token.line, column: token.column, reason: reason)
    }

    func bytes(_ token: TextToken) -> ArraySlice<UInt8> { source[token.bytes] }

    /// For messages, and for names: short, and any bytes.
    func string(_ token: TextToken) -> String {
        token.kind == .end ? "the end" : decodeString(source[token.bytes].prefix(200))
    }

    func isSymbol(_ symbol: Character) -> Bool {
        current.kind == .symbol && symbol.asciiValue == source[current.bytes.lowerBound]
    }

    /// Takes the symbol if it is the next word.
    mutating func take(_ symbol: Character) throws(FaceSegError) -> Bool {
        guard isSymbol(symbol) else { return false }
        try advance()
        return true
    }

    /// Goes to the next word and gives the one before.
    @discardableResult
    mutating func advance() throws(FaceSegError) -> TextToken {
        let taken = current
        passSpace()
        let from = at, line = line, column = column
        let kind = try passWord()
        current = TextToken(kind: kind, bytes: from..<at, line: line, column: column)
        return taken
    }
}

// Cutting.
extension TextLexer {
    private var next: UInt8? { at < source.count ? source[at] : nil }
    private var here: TextToken { TextToken(kind: .symbol, bytes: at..<at, line: line, column: column) }

    /// Over one byte. Columns count characters, so the later bytes of one are free.
    private mutating func step() {
        let byte = source[at]
        at += 1
        if byte == UInt8(ascii: "\n") {
            line += 1
            column = 1
        } else if byte & 0xC0 != 0x80 {
            column += 1
        }
    }

    private mutating func pass(while test: (UInt8) -> Bool) {
        while let byte = next, test(byte) { step() }
    }

    private mutating func passSpace() {
        while let byte = next {
            if byte == UInt8(ascii: "#") {
                pass { $0 != UInt8(ascii: "\n") }
            } else if byte == UInt8(ascii: " ") || (9...13).contains(byte) {
                step()
            } else {
                return
            }
        }
    }

    private mutating func passWord() throws(FaceSegError) -> TextToken.Kind {
        guard let byte = next else { return .end }
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            pass(while: TextByte.isNamePart)
            return .name
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try passNumber()
        case UInt8(ascii: "."):
            return at + 1 < source.count && TextByte.isDigit(source[at + 1]) ? try passNumber() : symbol()
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            try passString(quote: byte)
            return .string
        case 0: throw failure("a NUL byte: this is not a text file", at: here)
        case 0x21...0x7E: return symbol()
        default: throw failure("a character that does not belong here", at: here)
        }
    }

    private mutating func symbol() -> TextToken.Kind {
        step()
        return .symbol
    }

    /// As protobuf: 0x1F, 017, 12, 1.5, .5, 1e-3, each of the last four with an f if wanted.
    private mutating func passNumber() throws(FaceSegError) -> TextToken.Kind {
        let start = here
        var isReal = false
        if next == UInt8(ascii: "0"), at + 1 < source.count, source[at + 1] | 0x20 == UInt8(ascii: "x") {
            step()
            step()
            let digits = at
            pass(while: TextByte.isHexDigit)
            if at == digits { throw failure("0x without digits", at: start) }
        } else {
            pass(while: TextByte.isDigit)
            if next == UInt8(ascii: ".") {
                isReal = true
                step()
                pass(while: TextByte.isDigit)
            }
            isReal = try passExponent(start) || isReal
            if let byte = next, byte | 0x20 == UInt8(ascii: "f") {
                isReal = true
                step()
            }
        }
        if let byte = next, TextByte.isNamePart(byte) || byte == UInt8(ascii: ".") {
            throw failure("a number that runs into other characters", at: start)
        }
        return isReal ? .real : .integer
    }

    private mutating func passExponent(_ start: TextToken) throws(FaceSegError) -> Bool {
        guard let byte = next, byte | 0x20 == UInt8(ascii: "e") else { return false }
        step()
        if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") { step() }
        let digits = at
        pass(while: TextByte.isDigit)
        if at == digits { throw failure("an exponent without digits", at: start) }
        return true
    }

    private mutating func passString(quote: UInt8) throws(FaceSegError) {
        let start = here
        step()
        while let byte = next, byte != UInt8(ascii: "\n") {
            if byte == 0 { throw failure("a NUL byte: this is not a text file", at: here) }
            step()
            if byte == quote { return }
            if byte == UInt8(ascii: "\\"), let escaped = next, escaped != UInt8(ascii: "\n") { step() }
        }
        throw failure("the string does not end on its line", at: start)
    }
}

/// Kinds of bytes in names and numbers.
enum TextByte {
    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isHexDigit(_ byte: UInt8) -> Bool { hexValue(byte) != nil }

    static func isNamePart(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// 0 to 15.
    static func hexValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
