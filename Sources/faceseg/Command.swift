// Command: what a command is called, takes and says of itself. The help is made from it, so that the two
// agree.

struct Command: Sendable {
    let name: String
    /// One line.
    let summary: String
    /// After `faceseg NAME`.
    let usage: String
    /// Paragraphs between usage and options.
    let about: String
    /// What stands without an option's name.
    let words: Value
    let ownOptions: [Option]
    /// A command line each, with what it does.
    let examples: [(line: String, does: String)]
    let run: @Sendable (Arguments) throws -> Void

    var options: [Option] { ownOptions + [Option("--help", "-h", help: "this page")] }

    var help: String {
        """
        Usage: faceseg \(name) \(usage)

        \(about)

        Options:
        \(options.map(\.lines).joined(separator: "\n"))

        Examples:
        \(examples.map { "  faceseg \(name) \($0.line)\n      \($0.does)" }.joined(separator: "\n"))

        \(ExitCode.help)
        """
    }
}

extension Option {
    private static let column = 24

    /// `  --size N|photo         longest side ...`, further lines below the text.
    fileprivate var lines: String {
        let call = "  " + names.joined(separator: ", ") + (value.map { " " + $0 } ?? "")
        let texts = help.split(separator: "\n").map(String.init)
        let indent = String(repeating: " ", count: Option.column)
        let isShort = call.utf8.count < Option.column - 1
        let first = isShort ? padded(call, Option.column) + texts[0] : call + "\n" + indent + texts[0]
        return ([first] + texts.dropFirst().map { indent + $0 }).joined(separator: "\n")
    }
}
