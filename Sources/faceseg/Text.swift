// Text: numbers and columns for people to read, without Foundation and without a locale.

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
}

/// With one digit after the point; `number` is 0 or more.
func oneDigit(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
}

/// `0.042`; `number` is 0 or more.
func threeDigits(_ number: Double) -> String {
    let thousandths = Int((number * 1000).rounded()), digits = "\(thousandths % 1000)"
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
}

/// `97.02` of 0.97021; `-` where there is no number.
func percent(_ share: Double?) -> String {
    guard let share else { return "-" }
    let hundredths = Int((share.magnitude * 10_000).rounded()), digits = "\(hundredths % 100)"
    let sign = share < 0 && hundredths > 0 ? "-" : ""
    return "\(sign)\(hundredths / 100).\(digits.count < 2 ? "0" : "")\(digits)"
}

/// `1,333,091`; `number` is 0 or more.
func grouped(_ number: Int) -> String {
    var groups: [Substring] = [], rest = "\(number)"[...]
    while rest.count > 3 {
        groups.insert(rest.suffix(3), at: 0)
        rest = rest.dropLast(3)
    }
    return ([rest] + groups).joined(separator: ",")
}

/// `640 bytes`, `12.3 kB`, `4.5 MB`; `number` is 0 or more.
func bytes(_ number: Int) -> String {
    switch number {
    case ..<1000: "\(number) bytes"
    case ..<1_000_000: oneDigit(Double(number) / 1e3) + " kB"
    default: oneDigit(Double(number) / 1e6) + " MB"
    }
}

/// `104.00699, 116.66877, 122.67892`; whole numbers without `.0`.
func listed(_ numbers: [Float]) -> String { numbers.map(short).joined(separator: ", ") }

func short(_ number: Float) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// Rows as columns two spaces apart, those of `numbers` aligned to the right.
func table(_ rows: [[String]], numbers: Set<Int> = []) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        let cells = row.indices.map { i in
            let space = String(repeating: " ", count: widths[i] - row[i].count)
            return numbers.contains(i) ? space + row[i] : row[i] + space
        }
        return withoutSpacesAtEnd(cells.joined(separator: "  "))
    }
}

private func withoutSpacesAtEnd(_ line: String) -> String {
    line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
}
