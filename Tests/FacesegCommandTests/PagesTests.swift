// PagesTests: the manual page and the completions that are made from the commands' tables: complete, well-formed, and
// right when a real bash asks. What needs zsh, mandoc and a terminal is in Tests/shell.
import Foundation
import Testing

@testable import faceseg

struct PagesTests {
    private let folder = Folder()

    private func page(_ kind: String) throws -> String {
        let outcome = try Program.run("help", kind, in: folder)
        #expect(outcome.code == 0 && outcome.errors == "")
        return outcome.output
    }

    @Test(arguments: ["--man", "--bash", "--zsh"])
    func namesEveryCommandAndOption(kind: String) throws {
        let page = try page(kind).replacing("\\-", with: "-")
        for command in Faceseg.commands {
            #expect(page.contains(command.name))
            for name in command.options.flatMap(\.names) { #expect(page.contains(name), "\(name)") }
        }
        #expect(page.utf8.allSatisfy { $0 < 128 } && page.hasSuffix("\n"))
    }

    @Test func manualSaysWhatHelpSays() throws {
        let page = try page("--man")
        #expect(page.hasPrefix(".TH FACESEG 1 "))
        let text = page.replacing("\\-", with: "-").split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        func words(_ text: String) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        for command in Faceseg.commands {
            for option in command.options { #expect(text.contains(words(option.help)), "\(option.names)") }
            for example in command.examples {
                #expect(text.contains("faceseg \(command.name) \(example.line)"))
            }
        }
        for (code, meaning) in ExitCode.meanings { #expect(text.contains("\(code) \(meaning)")) }
    }

    /// Nothing that roff would take for a command, and no line that its readers find too long.
    @Test func manualIsRoff() throws {
        let macros: Set = [".TH", ".SH", ".SS", ".B", ".br", ".PP", ".TP", ".nh", ".ad"]
        for line in try page("--man").split(separator: "\n") {
            #expect(line.count <= 200)
            if line.hasPrefix(".") { #expect(macros.contains(String(line.prefix { $0 != " " })), "\(line)") }
            #expect(!line.hasPrefix("'"), "\(line)")
        }
    }

    /// What bash offers for the last of these words.
    private func complete(_ words: String...) throws -> [String] {
        try folder.write(try page("--bash"), "completion.bash")
        let list = words.map { "'\($0)'" }.joined(separator: " ")
        try folder.write(
            """
            set -u
            source ./completion.bash
            complete -p faceseg > /dev/null
            COMP_WORDS=(faceseg \(list)) COMP_CWORD=\(words.count)
            cd tree
            _faceseg
            [ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}" | sort -u
            """, "ask.bash")
        let outcome = try Program.shell("bash --norc ask.bash", in: folder)
        #expect(outcome.code == 0 && outcome.errors == "", "\(outcome.errors)")
        return outcome.lines
    }

    @Test func bashOffersWhatFits() throws {
        try folder.makeFolder("tree")
        for name in ["sub folder", "net.d"] { try folder.makeFolder("tree/" + name) }
        for name in ["a photo.JPG", "b.png", "c.txt", "net.caffemodel", "net.prototxt", "x.npy"] {
            try folder.write("", "tree/" + name)
        }
        let folders = ["net.d", "sub folder"]
        #expect(
            try complete("") == [
                "--help", "--version", "convert", "evaluate", "export", "forward", "help", "info", "live",
                "mend",
                "segment", "surgery", "train", "video",
            ])
        #expect(try complete("se") == ["segment"])
        #expect(
            try complete("help", "") == [
                "convert", "evaluate", "export", "forward", "info", "live", "mend", "segment", "surgery",
                "train",
                "video",
            ])
        #expect(try complete("segment", "") == ["a photo.JPG", "b.png"] + folders)
        #expect(try complete("segment", "b.png", "a") == ["a photo.JPG"])
        #expect(try complete("segment", "--js") == ["--json"])
        #expect(try complete("segment", "--target", "") == ["face", "hair", "head"])
        #expect(try complete("segment", "--target", "=") == ["face", "hair", "head"])
        #expect(try complete("segment", "--target", "=", "he") == ["head"])
        #expect(try complete("segment", "--output", "labels,al") == ["labels,alpha"])
        #expect(try complete("segment", "--model", "net") == ["net.caffemodel", "net.d"])
        #expect(try complete("segment", "-o", "c") == ["c.txt"])
        #expect(try complete("segment", "--threads", "") == [])
        #expect(try complete("forward", "net") == ["net.caffemodel", "net.d", "net.prototxt"])
        #expect(try complete("forward", "--input", "") == folders + ["x.npy"])
        #expect(try complete("convert", "--canvas", "") == ["none", "square"])
        #expect(try complete("nothing", "") == [])
    }
}
