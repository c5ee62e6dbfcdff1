// JSON: values as text for other programs, in one line. Writing only.

enum JSON {
    case text(String)
    case integer(Int)
    /// Anything that is not finite becomes null.
    case number(Double)
    case truth(Bool)
    case null
    case list([JSON])
    case object([(String, JSON)])

    var line: String {
        switch self {
        case .text(let text): quoted(text)
        case .integer(let number): "\(number)"
        case .number(let number): number.isFinite ? "\(number)" : "null"
        case .truth(let truth): truth ? "true" : "false"
        case .null: "null"
        case .list(let values): "[" + values.map(\.line).joined(separator: ",") + "]"
        case .object(let pairs):
            "{" + pairs.map { quoted($0.0) + ":" + $0.1.line }.joined(separator: ",") + "}"
        }
    }
}

/// Quotes, backslashes and control characters are escaped, everything else is UTF-8 as it is.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        case "\u{0}"..."\u{1F}", "\u{7F}":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
