// Faceseg: the command line's way in and out: which command is meant, and with which code it ends. What the
// commands do stands in their own files.
import FaceSegKit
import Glibc
import Media

/// Of the program and its library; the header says the same.
let version = "0.1.0"
/// When that was made, for the manual.
let versionDate = "2026-11-24"
let summary = "tells face, hair and background of photos apart, on the CPU"

@main
enum Faceseg {
    static let commands = [
        segmentCommand, videoCommand, liveCommand, trainCommand, mendCommand, surgeryCommand, evaluateCommand,
        forwardCommand,
        infoCommand,
        convertCommand, exportCommand,
    ]

    static func main() {
        Console.prepare()
        Interruption.prepare()
        exit(run(CommandLine.arguments.dropFirst()).rawValue)
    }

    private static func run(_ words: ArraySlice<String>) -> ExitCode {
        var page = "faceseg"
        do {
            guard let first = words.first else { throw CommandError.usage("no command is given") }
            if let command = commands.first(where: { $0.name == first }) {
                page += " " + first
                return try run(command, words.dropFirst())
            }
            try answer(first, words.dropFirst())
            return .fine
        } catch CommandError.usage(let message) {
            Console.complain("\(message); see `\(page) --help`")
            return .usage
        } catch CommandError.alreadyTold {
            return .failed
        } catch {
            Console.complain("\(error)")
            return .failed
        }
    }

    private static func run(_ command: Command, _ words: ArraySlice<String>) throws -> ExitCode {
        let arguments = try Arguments(words, command.options)
        if arguments.has("--help") {
            try Console.line(command.help)
        } else {
            try command.run(arguments)
        }
        return .fine
    }

    /// What is no command: `--help`, `--version`, `help COMMAND`, and for those who package the program, which give
    /// them their places, `help --man` and the like.
    private static func answer(_ word: String, _ rest: ArraySlice<String>) throws {
        switch word {
        case "help" where rest.count == 1: try help(about: rest.first!)
        case "--version", "--help", "-h", "help":
            guard rest.isEmpty else {
                throw CommandError.usage("\(word) stands alone, without \"\(rest.first!)\"")
            }
            try Console.line(word == "--version" ? "faceseg \(version)" : help)
        case _ where word.hasPrefix("-"):
            throw CommandError.usage("unknown option \"\(word)\" before a command")
        default: throw CommandError.usage("unknown command \"\(word)\"")
        }
    }

    private static func help(about word: String) throws {
        switch word {
        case "--man": try Console.line(manPage(commands))
        case "--bash": try Console.line(bashCompletion(commands))
        case "--zsh": try Console.line(zshCompletion(commands))
        default:
            guard let command = commands.first(where: { $0.name == word }) else {
                throw CommandError.usage("unknown command \"\(word)\"")
            }
            try Console.line(command.help)
        }
    }

    private static var help: String {
        let width = commands.map(\.name.utf8.count).max() ?? 0
        let list = commands.map { "  \(padded($0.name, width))   \($0.summary)" }
        return """
            faceseg \(version): \(summary).

            Usage: faceseg COMMAND [options]

            Commands:
            \(list.joined(separator: "\n"))

            `faceseg help COMMAND` or `faceseg COMMAND --help` shows a command's options and examples.
            `faceseg --version` prints the version.

            Examples:
              faceseg segment photo.jpg
              faceseg segment holiday/ -o masks --output labels,cutout
              faceseg info their.caffemodel

            \(ExitCode.help)
            """
    }
}

/// How the program ends.
enum ExitCode: Int32 {
    case fine = 0, failed = 1, usage = 2

    static let meanings = [
        ("0", "all went well"), ("1", "something failed; standard error says what"),
        ("2", "the command line is not one that faceseg understands"),
        ("128 + N", "signal N ended it (130: Ctrl-C); no unfinished file stays"),
    ]

    static let help = (["Exit codes:"] + table(meanings.map { ["  " + $0, $1] })).joined(separator: "\n")
}
