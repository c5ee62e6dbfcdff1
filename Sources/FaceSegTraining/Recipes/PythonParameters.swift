// PythonParameters: the `param_str` of FCN's Python data layers: a dict of literals, read without Python. No expressions,
// no names but True, False and None.
import FaceSegKit

/// A literal.
package enum PythonValue: Equatable, Sendable {
    case string(String), number(Double), bool(Bool), none
    case list([PythonValue])
    case table([String: PythonValue])
}

/// What a data layer is told, by name.
package struct PythonParameters: Sendable {
    package private(set) var values: [String: PythonValue] = [:]

    /// - Throws: if the text is not a dict of literals: `{'split': 'train', 'mean': (104.0, 116.7, 122.7)}` or
    ///   `dict(split='train')`. The message says at which character.
    package init(_ text: String) throws(FaceSegError) {
        var reader = PythonReader(text)
        values = try reader.dictionary()
    }

    package func string(_ name: String) -> String? {
        if case .string(let text) = values[name] { text } else { nil }
    }

    /// A number; nil where there is none of the name, or it is None.
    ///
    /// - Throws: if it is anything else, or not in the range.
    package func number(_ name: String, in range: ClosedRange<Double>) throws(FaceSegError) -> Double? {
        guard let value = values[name], value != .none else { return nil }
        guard case .number(let number) = value, range.contains(number) else {
            throw .argument(
                "param_str: \(name) is not a number of \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package func bool(_ name: String) -> Bool? {
        switch values[name] {
        case .bool(let value): value
        case .number(let number): number != 0
        default: nil
        }
    }

    /// A list of so many numbers; nil where there is none of the name, or it is None.
    ///
    /// - Throws: if it is anything else.
    package func numbers(_ name: String, count: Int) throws(FaceSegError) -> [Double]? {
        guard let value = values[name], value != .none else { return nil }
        guard let numbers = value.numbers, numbers.count == count else {
            throw .argument("param_str: \(name) is not a list of \(count) numbers")
        }
        return numbers
    }

    /// Lists of numbers in a list; nil where there is none of the name.
    ///
    /// - Throws: if it is anything else.
    package func rows(_ name: String) throws(FaceSegError) -> [[Double]]? {
        guard let value = values[name] else { return nil }
        guard case .list(let list) = value, case let rows = list.compactMap(\.numbers),
            rows.count == list.count
        else {
            throw .argument("param_str: \(name) is not a list of lists of numbers, as ((300, 128, 64),) is")
        }
        return rows
    }

    /// A dict of numbers; nil where there is none of the name.
    ///
    /// - Throws: if it is anything else.
    package func table(_ name: String) throws(FaceSegError) -> [String: Double]? {
        guard let value = values[name] else { return nil }
        guard case .table(let table) = value,
            case let numbers = table.compactMapValues({
                if case .number(let number) = $0 { number } else { nil }
            }),
            numbers.count == table.count
        else { throw .argument("param_str: \(name) is not a dict of numbers, as {'lfw': 1} is") }
        return numbers
    }

    /// The folder of the data: the value whose name ends in `_dir` (FCN's `voc_dir`, `sbdd_dir`, TextFCN's `dir`).
    package var folder: String? {
        values.keys.sorted().first { $0.hasSuffix("_dir") || $0 == "dir" }.flatMap { string($0) }
    }
}

extension PythonValue {
    fileprivate var numbers: [Double]? {
        guard case .list(let list) = self else { return nil }
        let numbers = list.compactMap { if case .number(let number) = $0 { number } else { nil } }
        return numbers.count == list.count ? numbers : nil
    }
}

private struct PythonReader {
    private let characters: [Character]
    private var at = 0
    private static let deepest = 16

    init(_ text: String) { characters = Array(text) }

    private func failure(_ wanted: String) -> FaceSegError {
        let found = at < characters.count ? "\"\(characters[at])\"" : "the end"
        return .argument(
            "param_str \"\(String(characters))\": \(wanted) expected at character \(at + 1), found \(found)")
    }

    private mutating func skipSpace() { while at < characters.count, characters[at].isWhitespace { at += 1 } }

    private mutating func takes(_ text: String) -> Bool {
        skipSpace()
        guard characters[at...].starts(with: Array(text)) else { return false }
        at += text.count
        return true
    }

    private mutating func expect(_ text: String) throws(FaceSegError) {
        guard takes(text) else { throw failure("\"\(text)\"") }
    }

    /// `{'name': value, ...}` or `dict(name=value, ...)`, and nothing behind it.
    mutating func dictionary() throws(FaceSegError) -> [String: PythonValue] {
        let values = try table(depth: 0)
        skipSpace()
        guard at == characters.count else { throw failure("the end") }
        return values
    }

    private mutating func table(depth: Int) throws(FaceSegError) -> [String: PythonValue] {
        let isCall = takes("dict")
        try expect(isCall ? "(" : "{")
        let end = isCall ? ")" : "}"
        var values: [String: PythonValue] = [:]
        while !takes(end) {
            let name = isCall ? try word() : try string()
            try expect(isCall ? "=" : ":")
            values[name] = try value(depth: depth)
            if !takes(",") {
                try expect(end)
                break
            }
        }
        return values
    }

    private mutating func value(depth: Int) throws(FaceSegError) -> PythonValue {
        skipSpace()
        guard at < characters.count, depth < Self.deepest else { throw failure("a value") }
        switch characters[at] {
        case "'", "\"": return .string(try string())
        case "{": return .table(try table(depth: depth + 1))
        case "(", "[":
            let end = characters[at] == "(" ? ")" : "]"
            at += 1
            var list: [PythonValue] = []
            while !takes(end) {
                list.append(try value(depth: depth + 1))
                if !takes(",") {
                    try expect(end)
                    break
                }
            }
            return .list(list)
        default: return try plain()
        }
    }

    /// A number, or True, False, None.
    private mutating func plain() throws(FaceSegError) -> PythonValue {
        let start = at, text = try word()
        switch text {
        case "True": return .bool(true)
        case "False": return .bool(false)
        case "None": return .none
        default:
            guard let number = Double(text), number.isFinite else {
                at = start
                throw failure("a literal")
            }
            return .number(number)
        }
    }

    private mutating func word() throws(FaceSegError) -> String {
        skipSpace()
        let start = at
        while at < characters.count,
            characters[at].isLetter || characters[at].isNumber || "_+-.".contains(characters[at])
        {
            at += 1
        }
        guard at > start else { throw failure("a name or number") }
        return String(characters[start..<at])
    }

    private mutating func string() throws(FaceSegError) -> String {
        skipSpace()
        guard at < characters.count, characters[at] == "'" || characters[at] == "\"" else {
            throw failure("a string")
        }
        let quote = characters[at]
        var text = ""
        at += 1
        while at < characters.count, characters[at] != quote {
            if characters[at] == "\\", at + 1 < characters.count { at += 1 }
            text.append(characters[at])
            at += 1
        }
        guard at < characters.count else { throw failure("the string's end") }
        at += 1
        return text
    }
}
