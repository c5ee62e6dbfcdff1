// ManPage: the manual page faceseg(1), in the man macros that every roff knows, from the same tables as --help.

/// The whole page, without the last line's end.
func manPage(_ commands: [Command]) -> String {
    let head = [
        ".TH FACESEG 1 \(versionDate) \"faceseg \(version)\" \"User Commands\"",
        // Names of files are not to be broken, nor lines to be stretched.
        ".nh", ".ad l", ".SH NAME", "faceseg \\- \(escaped(summary))",
        ".SH SYNOPSIS",
    ]
    let lines = commands.map { ".B faceseg \($0.name)\n\(escaped($0.usage))\n.br" }
    let rest = [
        ".B faceseg help", "[COMMAND]", ".br", ".B faceseg \\-\\-version",
        ".SH COMMANDS",
    ]
    let codes = ExitCode.meanings.map { item(escaped($0), escaped($1)) }
    return (head + lines + rest + commands.map(section) + [".SH EXIT STATUS"] + codes)
        .joined(separator: "\n")
}

private func section(_ command: Command) -> String {
    let options = command.options.map { item(call($0), filled($0.help)) }
    let examples = command.examples.map {
        item("\\fBfaceseg \(command.name) \(escaped($0.line))\\fR", filled($0.does))
    }
    return
        ([".SS \(command.name) \\- \(escaped(command.summary))"] + paragraphs(command.about)
        + [".PP", "Options:"] + options + [".PP", "Examples:"] + examples).joined(separator: "\n")
}

/// Text between blank lines is filled; lines that begin with two spaces are a list of terms and what they mean.
private func paragraphs(_ text: String) -> [String] {
    let paragraphs = text.split(separator: "\n", omittingEmptySubsequences: false).split { $0.isEmpty }
    return paragraphs.enumerated().flatMap { index, lines in
        let list = lines.drop { !$0.hasPrefix("  ") }
        let text = filled(lines.prefix(lines.count - list.count).joined(separator: "\n"))
        let head = text.isEmpty ? [] : index == 0 ? [text] : [".PP", text]
        return head + list.map(entry)
    }
}

/// `  labels   palette PNG`: what it is about ends before two spaces.
private func entry(_ line: Substring) -> String {
    let text = line.drop { $0 == " " }
    let end = text.firstRange(of: "  ")?.lowerBound ?? text.firstIndex(of: " ") ?? text.endIndex
    return item("\\fB\(escaped(String(text[..<end])))\\fR", filled(String(text[end...])))
}

/// Lines of at most 76 characters, as readers of roff's source want them.
private func filled(_ text: String) -> String {
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
        if let last = lines.last, last.count + 1 + word.count <= 76 {
            lines[lines.count - 1] = last + " " + word
        } else {
            lines.append(String(word))
        }
    }
    return lines.map(escaped).joined(separator: "\n")
}

private func item(_ tag: String, _ text: String) -> String { ".TP\n\(tag)\n\(text)" }

/// `--output, -o OUT.npy`, names bold and value in italics.
private func call(_ option: Option) -> String {
    let names = option.names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
    return names + (option.value.map { " \\fI\(escaped($0))\\fR" } ?? "")
}

/// Text that roff leaves as it is: no command at the front, a hyphen as one types it.
private func escaped(_ text: String) -> String {
    let safe = text.map { $0 == "\\" ? "\\e" : $0 == "-" ? "\\-" : String($0) }.joined()
    return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
}
