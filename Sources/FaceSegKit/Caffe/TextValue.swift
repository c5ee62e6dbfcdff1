// TextValue: what the words of protobuf's text format are worth: numbers with their signs and limits, truth
// values, enumerations, strings with their escapes. Which fields there are is TextReader's matter.

extension TextLexer {
    /// A whole number between the limits, in decimal, octal (0…) or hexadecimal (0x…).
    mutating func takeInteger(_ limits: ClosedRange<Int64>) throws(FaceSegError) -> Int64 {
        let start = current
        let isNegative = try takeMinus(if: limits.lowerBound < 0)
        guard current.kind == .integer else {
            throw failure("a whole number was expected, not \(string(current))")
        }
        let word = bytes(current)
        guard let value = magnitude(word, isNegative), limits.contains(value) else {
            throw failure("\(string(current)) is out of range or no number", at: start)
        }
        try advance()
        return value
    }

    /// With its sign, because the smallest number has no positive twin. `nil` for 089, and beyond 64 bits.
    private func magnitude(_ word: ArraySlice<UInt8>, _ isNegative: Bool) -> Int64? {
        let text = String(decoding: word, as: UTF8.self), sign = isNegative ? "-" : ""
        guard isOctalOrHex(text) else { return Int64(sign + text) }
        let isHex = text.contains { $0 == "x" || $0 == "X" }
        return Int64(sign + text.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 8)
    }

    private func isOctalOrHex(_ text: String) -> Bool {
        text.hasPrefix("0") && text.dropFirst().first.map { $0.isNumber || $0 == "x" || $0 == "X" } ?? false
    }

    /// A number, `inf` or `nan`. As in protobuf, hexadecimal and octal are for whole numbers only, and what
    /// is too large is infinite.
    mutating func takeReal() throws(FaceSegError) -> Double {
        let isNegative = try takeMinus(if: true)
        guard let value = current.kind == .name ? namedReal() : writtenReal() else {
            throw failure("a decimal number was expected, not \(string(current))")
        }
        try advance()
        return isNegative ? -value : value
    }

    private func namedReal() -> Double? {
        switch string(current).lowercased() {
        case "inf", "infinity": .infinity
        case "nan": .nan
        default: nil
        }
    }

    private func writtenReal() -> Double? {
        guard current.kind == .integer || current.kind == .real else { return nil }
        var text = String(decoding: bytes(current), as: UTF8.self)
        if isOctalOrHex(text) { return nil }
        if text.last == "f" || text.last == "F" { text.removeLast() }
        return Double(padded(text))
    }

    /// A point may stand first or last in protobuf, not in Swift.
    private func padded(_ text: String) -> String {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return text }
        let rest = parts[1].first?.isNumber ?? false ? parts[1] : "0" + parts[1]
        return (parts[0].isEmpty ? "0" : parts[0]) + "." + rest
    }

    private mutating func takeMinus(if allowed: Bool) throws(FaceSegError) -> Bool {
        allowed ? try take("-") : false
    }

    mutating func takeBool() throws(FaceSegError) -> Int64 {
        if current.kind == .integer { return try takeInteger(0...1) }
        let isTrue = ["true", "True", "t"].contains(string(current))
        guard current.kind == .name, isTrue || ["false", "False", "f"].contains(string(current)) else {
            throw failure("true or false was expected, not \(string(current))")
        }
        try advance()
        return isTrue ? 1 : 0
    }

    /// By name, or by a number that has a name.
    mutating func takeEnumeration(_ values: SchemaEnumeration) throws(FaceSegError) -> Int64 {
        let start = current
        if current.kind == .integer || isSymbol("-") {
            let number = try takeInteger(Int64(Int32.min)...Int64(Int32.max))
            guard values.name(Int(number)) != nil else {
                throw failure(unknown("\(number)", values), at: start)
            }
            return number
        }
        let word = string(current)
        guard let number = values.numbers[word] else { throw failure(unknown(word, values)) }
        try advance()
        return Int64(number)
    }

    private func unknown(_ word: String, _ values: SchemaEnumeration) -> String {
        let known = values.numbers.sorted { $0.value < $1.value }.map(\.key).joined(separator: ", ")
        return "unknown value \(word); there are \(known)"
    }

    /// One string, or several that stand next to each other.
    mutating func takeString() throws(FaceSegError) -> String {
        guard current.kind == .string else { throw failure("a string was expected, not \(string(current))") }
        var all: [UInt8] = []
        while current.kind == .string {
            try unescape(current, into: &all)
            try advance()
        }
        return decodeString(all)
    }

    private func unescape(_ token: TextToken, into all: inout [UInt8]) throws(FaceSegError) {
        var rest = bytes(token).dropFirst().dropLast()
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "\\") {
                all.append(byte)
            } else if !TextEscape.take(from: &rest, into: &all) {
                throw failure("the string has an escape sequence that protobuf does not have", at: token)
            }
        }
    }
}

/// What may follow a backslash.
private enum TextEscape {
    private static let single: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
        UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 92,
        UInt8(ascii: "'"): 39, UInt8(ascii: "\""): 34, UInt8(ascii: "?"): 63,
    ]

    static func take(from rest: inout ArraySlice<UInt8>, into all: inout [UInt8]) -> Bool {
        guard let byte = rest.first else { return false }
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            // Three octal digits may say more than a byte holds; protobuf keeps the low eight bits.
            all.append(UInt8(truncatingIfNeeded: number(from: &rest, radix: 8, most: 3)?.value ?? 0))
            return true
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            rest.removeFirst()
            guard let number = number(from: &rest, radix: 16, most: 2) else { return false }
            all.append(UInt8(truncatingIfNeeded: number.value))
            return true
        case UInt8(ascii: "u"), UInt8(ascii: "U"): return takeScalar(from: &rest, into: &all)
        default:
            rest.removeFirst()
            guard let value = single[byte] else { return false }
            all.append(value)
            return true
        }
    }

    /// `\uXXXX` or `\UXXXXXXXX`; two halves of a UTF-16 pair make one character.
    private static func takeScalar(from rest: inout ArraySlice<UInt8>, into all: inout [UInt8]) -> Bool {
        guard var code = code(from: &rest) else { return false }
        if 0xD800...0xDBFF ~= code, rest.popFirst() == UInt8(ascii: "\\") {
            guard let low = Self.code(from: &rest), 0xDC00...0xDFFF ~= low else { return false }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { return false }
        all += Array(String(Character(scalar)).utf8)
        return true
    }

    private static func code(from rest: inout ArraySlice<UInt8>) -> UInt32? {
        guard let kind = rest.popFirst(), kind | 0x20 == UInt8(ascii: "u") else { return nil }
        let digits = kind == UInt8(ascii: "u") ? 4 : 8
        guard let number = number(from: &rest, radix: 16, most: digits), number.digits == digits else {
            return nil
        }
        return number.value
    }

    private static func number(
        from rest: inout ArraySlice<UInt8>, radix: UInt32, most: Int
    ) -> (value: UInt32, digits: Int)? {
        var value: UInt32 = 0, digits = 0
        while digits < most, let byte = rest.first, let digit = TextByte.hexValue(byte), digit < radix {
            value = value &* radix &+ digit
            digits += 1
            rest.removeFirst()
        }
        return digits > 0 ? (value, digits) : nil
    }
}
