// Arguments: the words of a command line, told apart by a list of options. Knows no command and opens no
// file.

/// What a value or a word of a command may be. For help to those who type; the command itself checks.
enum Value: Sendable {
    case anything
    /// A file with one of these endings, in small letters, or a folder on the way; no endings: any file.
    case file([String])
    case choice([String])
    /// Several of them with commas.
    case choices([String])

    static func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> Value
    where Choice.RawValue == String { .choice(Choice.allCases.map(\.rawValue)) }

    static func choices<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> Value
    where Choice.RawValue == String { .choices(Choice.allCases.map(\.rawValue)) }
}

/// An option of a command.
struct Option: Sendable {
    /// The first is the one that ``Arguments`` is asked for.
    let names: [String]
    /// What stands for its value in the help; nil: a switch.
    let value: String?
    let takes: Value
    let repeats: Bool
    let help: String

    init(
        _ names: String..., value: String? = nil, takes: Value = .anything, repeats: Bool = false,
        help: String
    ) {
        (self.names, self.value, self.takes) = (names, value, takes)
        (self.repeats, self.help) = (repeats, help)
    }
}

/// What was given: values by option, and the words that belong to none.
///
/// - `--name value`, `--name=value`, in any order; after `--` everything is a word.
/// - A value that begins with `-` needs the `=`, unless it is a number: `--means -1,0,1`.
struct Arguments {
    private(set) var words: [String] = []
    private var values: [String: [String]] = [:]

    init(_ given: ArraySlice<String>, _ options: [Option]) throws(CommandError) {
        var rest = given
        while let word = rest.popFirst() {
            if word == "--" {
                words += rest
                return
            }
            if word.hasPrefix("-") && word != "-" {
                try add(word, &rest, options)
            } else {
                words.append(word)
            }
        }
    }

    private mutating func add(
        _ word: String, _ rest: inout ArraySlice<String>, _ options: [Option]
    ) throws(CommandError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard let option = options.first(where: { $0.names.contains(parts[0]) }) else {
            throw .usage("unknown option \"\(parts[0])\"")
        }
        let name = option.names[0]
        guard option.repeats || values[name] == nil else { throw .usage("\(parts[0]) is given twice") }
        values[name, default: []].append(try value(of: option, parts, &rest))
    }

    private func value(
        of option: Option, _ parts: [String], _ rest: inout ArraySlice<String>
    ) throws(CommandError) -> String {
        guard let placeholder = option.value else {
            guard parts.count == 1 else { throw .usage("\(parts[0]) takes no value, not \"\(parts[1])\"") }
            return ""
        }
        if parts.count == 2 { return parts[1] }
        guard let next = rest.first, !next.hasPrefix("-") || next == "-" || beginsAsNumber(next) else {
            throw .usage("\(parts[0]) needs a value: \(parts[0]) \(placeholder)")
        }
        rest.removeFirst()
        return next
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func text(_ name: String) -> String? { values[name]?.last }

    func texts(_ name: String) -> [String] { values[name] ?? [] }

    /// The parts between commas.
    func list(_ name: String) -> [String]? { text(name).map(parts) }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(CommandError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .usage(
                "\(name): \"\(text)\" is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A side in pixels, or 0 for `word`.
    func side(_ name: String, or word: String) throws(CommandError) -> Int? {
        let sides = 1...4096
        guard let text = text(name) else { return nil }
        if text == word { return 0 }
        guard let number = Int(text), sides.contains(number) else {
            let numbers = "\(sides.lowerBound) to \(sides.upperBound)"
            throw .usage("\(name): \"\(text)\" is neither a number from \(numbers) nor \(word)")
        }
        return number
    }

    /// So many numbers between commas.
    func numbers(_ name: String, count: Int) throws(CommandError) -> [Float]? {
        guard let text = text(name) else { return nil }
        let numbers = parts(text).compactMap { Float($0) }.filter(\.isFinite)
        guard numbers.count == count, parts(text).count == count else {
            throw .usage(
                "\(name): \"\(text)\" is not \(count == 1 ? "a number" : "\(count) numbers like 1,2,3")")
        }
        return numbers
    }

    /// Some of a few words, each once.
    func choices<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _: Choice.Type
    ) throws(CommandError) -> [Choice] where Choice.RawValue == String {
        var chosen: [Choice] = []
        for word in texts(name).flatMap(parts) {
            guard let choice = Choice(rawValue: word) else {
                let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw .usage("\(name): \"\(word)\" is none of \(all)")
            }
            if !chosen.contains(where: { $0.rawValue == word }) { chosen.append(choice) }
        }
        return chosen
    }

    /// One of a few words.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Choice.Type
    ) throws(CommandError) -> Choice? where Choice.RawValue == String {
        let chosen = try choices(name, type)
        guard chosen.count <= 1 else { throw .usage("\(name) takes one word") }
        return chosen.first
    }
}

private func parts(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
}

/// `-1`, `-.5`
private func beginsAsNumber(_ word: String) -> Bool {
    word.dropFirst().first.map { "0123456789.".contains($0) } ?? false
}
