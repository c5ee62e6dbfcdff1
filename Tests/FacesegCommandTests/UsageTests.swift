// UsageTests: command lines that are wrong, help and version: what is said where, and the exit code.
import Foundation
import Testing

@testable import faceseg

struct UsageTests {
    private let folder = Folder()

    private func run(_ line: String) throws -> Outcome { try Program.shell("\"$0\" \(line)", in: folder) }

    @Test(arguments: [
        ("", "no command is given; see `faceseg --help`"),
        ("sgment a.jpg", "unknown command \"sgment\"; see `faceseg --help`"),
        ("--fast segment", "unknown option \"--fast\" before a command; see `faceseg --help`"),
        ("--version now", "--version stands alone, without \"now\"; see `faceseg --help`"),
        ("segment", "no photo is named"),
        ("segment a.jpg --sharp", "unknown option \"--sharp\""),
        ("segment a.jpg --sharp=2", "unknown option \"--sharp\""),
        ("segment -x a.jpg", "unknown option \"-x\""),
        ("segment a.jpg -o", "-o needs a value: -o OUT"),
        ("segment a.jpg -o --json", "-o needs a value: -o OUT"),
        ("segment a.jpg --json=1", "--json takes no value, not \"1\""),
        ("segment a.jpg -o x.png -o y.png", "-o is given twice"),
        (
            "segment a.jpg --output mask",
            "--output: \"mask\" is none of labels, overlay, cutout, alpha, probabilities, heads, recolor"
        ),
        ("segment a.jpg --target nose", "--target: \"nose\" is none of face, hair, head"),
        ("segment a.jpg --target face,hair", "--target takes one word"),
        ("segment a.jpg --threads 0", "--threads: \"0\" is not a whole number from 1 to 1024"),
        (
            "segment a.jpg --model m --size big",
            "--size: \"big\" is neither a number from 1 to 4096 nor photo"
        ),
        (
            "segment a.jpg --model m --reduce 4097",
            "--reduce: \"4097\" is neither a number from 1 to 4096 nor none"
        ),
        ("segment a.jpg --model m --means 1,2", "--means: \"1,2\" is not 3 numbers like 1,2,3"),
        ("segment a.jpg --model m --means -1,nan,3", "--means: \"-1,nan,3\" is not 3 numbers like 1,2,3"),
        ("segment a.jpg --model m --scale x", "--scale: \"x\" is not a number"),
        (
            "segment a.jpg --network small --model m.caffemodel",
            "--network is about the networks inside, but m.caffemodel is another: name one of them"
        ),
        ("info --network large", "--network: \"large\" is none of standard, small"),
        ("segment a.jpg --means 1,2,3", "--means is about a model of your own: name it with --model"),
        ("segment a.jpg b.jpg", "several photos need -o FOLDER"),
        ("segment a.jpg b.jpg -o out.png", "-o out.png: several photos need a folder"),
        ("segment a.jpg --output alpha,labels -o a.jpg", "-o a.jpg: several outputs need a folder"),
        (
            "segment a.jpg --output cutout -o c.jpg",
            "-o c.jpg: cut-outs are written as .png, .webp or .npy"
        ),
        (
            "segment a.jpg --output labels -o c.webp",
            "-o c.webp: labels are written as .png or .npy"
        ),
        ("segment a.jpg --output probabilities -o c.png", "-o c.png: probabilities are written as .npy only"),
        (
            "segment a.jpg -o c.gif",
            "-o c.gif: overlays are written as .png, .jpg, .webp or .npy; or say it with --format"
        ),
        ("segment a.jpg -o ''", "-o \"\": the name is empty"),
        ("segment a.jpg -o c.png --format jpg", "-o c.png: the ending and --format jpg disagree"),
        ("segment a.jpg --format gif", "--format: \"gif\" is none of png, jpg, webp, npy"),
        ("segment a.jpg --format png,jpg", "--format takes one word"),
        (
            "segment a.jpg --output labels,alpha --format jpg",
            "--format jpg: labels are written as .png or .npy"
        ),
        ("segment a.jpg a.jpg -o -", "-o -: standard output takes one output of one photo"),
        ("segment . -o -", "-o -: standard output takes one output of one photo"),
        ("segment a.jpg --output alpha,labels -o -", "-o -: standard output takes one output of one photo"),
        (
            "segment -",
            "a photo from standard input has no name: add -o FILE, or -o - for standard output"
        ),
        ("segment - - -o out", "- is given twice, but there is one standard input"),
        ("segment - --model - -o -", "- is given twice, but there is one standard input"),
        ("forward - --input - -o y.npy", "- is given twice, but there is one standard input"),
        ("forward", "no model is named"),
        ("forward m --output y.npy", "no numbers are given: --input X.npy"),
        ("forward m --input x.npy", "--output OUT.npy is missing"),
        ("forward m p q --input x.npy", "\"q\" is too much: a model and a prototxt are taken"),
        ("info a b", "\"b\" is too much: one model is taken"),
        ("info --size 12", "--size: \"12\" is neither HxW like 480x640 nor N,C,H,W like 1,3,480,640"),
        ("info --size 12x0", "--size: \"12x0\" is neither HxW like 480x640 nor N,C,H,W like 1,3,480,640"),
        ("info --prototxt p", "--prototxt is about a model of your own: name it, or the prototxt alone"),
        (
            "info a.prototxt --prototxt b.prototxt",
            "a.prototxt and b.prototxt are two prototxts; name a .caffemodel, or one of them"
        ),
        (
            "segment gone.jpg --model m --size big",
            "--size: \"big\" is neither a number from 1 to 4096 nor photo"
        ),
        ("convert", "no model is named"),
        ("convert m", "-o OUT is missing"),
        (
            "convert m -o m.bin",
            "-o m.bin: the name must end in .caffemodel or .prototxt; or say it with --format"
        ),
        (
            "convert m -o n.prototxt --format caffemodel",
            "-o n.prototxt: the ending and --format caffemodel disagree"
        ),
        ("convert m -o n.prototxt --canvas round", "--canvas: \"round\" is none of none, square"),
        ("convert m -o n.prototxt --canvas square,none", "--canvas takes one word"),
        ("evaluate", "no data set is named: --data DIR"),
        ("evaluate data", "\"data\" is too much: the folder is named by --data"),
        ("evaluate --data d --csv -", "--csv: name a file; standard output has the scores"),
        ("evaluate --data d --size 9", "--size is about a model of your own: name it with --model"),
        ("export", "OUT.onnx is missing: the last name must end in .onnx"),
        ("export m.caffemodel", "OUT.onnx is missing: the last name must end in .onnx"),
        ("export a b c.onnx", "\"c.onnx\" is too much: one model and OUT.onnx are taken"),
        ("export c.onnx --prototxt p", "--prototxt is about a model of your own: name it before c.onnx"),
        (
            "export c.onnx --size 12",
            "--size: \"12\" is neither HxW like 480x640 nor N,C,H,W like 1,3,480,640"
        ),
    ])
    func wrong(line: String, message: String) throws {
        try folder.write("not a picture", "a.jpg")
        let outcome = try run(line)
        #expect(outcome.code == 2)
        #expect(outcome.output == "")
        let page = line.split(separator: " ").first.map { "; see `faceseg \($0) --help`" } ?? ""
        #expect(outcome.errors == "faceseg: \(message)\(message.contains("; see") ? "" : page)\n")
        #expect(try folder.names() == ["a.jpg"], "nothing is written")
    }

    @Test func doubleDashEndsOptions() throws {
        let outcome = try run("segment -- --json")
        #expect(outcome.code == 1)
        #expect(outcome.errors == "faceseg: --json: cannot be read: No such file or directory\n")
    }

    @Test(arguments: Faceseg.commands.map(\.name))
    func help(command: String) throws {
        let page = try run("\(command) --help")
        #expect(page.code == 0 && page.errors == "")
        #expect(page.output.hasPrefix("Usage: faceseg \(command) "))
        for part in ["Options:", "Examples:", "Exit codes:", "--help, -h"] {
            #expect(page.output.contains(part))
        }
        #expect(try run("help \(command)").output == page.output)
        #expect(try run("\(command) -h").output == page.output)
        #expect(try run("--help").output.contains("\n  \(command) "))
        #expect(page.lines.allSatisfy { $0.count <= 112 })
    }

    @Test func versionIsTheHeaders() throws {
        let header = try String(contentsOfFile: Fixture.package + "include/faceseg.h", encoding: .utf8)
        let numbers = try ["MAJOR", "MINOR", "PATCH"].map { name in
            let line = try #require(
                header.split(separator: "\n").first { $0.hasPrefix("#define FACESEG_VERSION_\(name) ") })
            return try #require(line.split(separator: " ").last)
        }
        let outcome = try run("--version")
        #expect(outcome.code == 0)
        #expect(outcome.output == "faceseg \(numbers.joined(separator: "."))\n")
    }
}

/// The parser by itself.
struct ArgumentsTests {
    private let options = [
        Option("--size", value: "N", help: "a"), Option("--many", "-m", value: "X", repeats: true, help: "b"),
        Option("--switch", help: "c"),
    ]

    private func parse(_ words: String...) throws -> Arguments { try Arguments(words[...], options) }

    @Test func wordsAndOptionsMix() throws {
        let arguments = try parse(
            "a", "--size", "3", "b", "-m", "x,y", "--many=z=1", "-", "--switch", "--", "--size")
        #expect(arguments.words == ["a", "b", "-", "--size"])
        #expect(arguments.text("--size") == "3")
        #expect(arguments.texts("--many") == ["x,y", "z=1"])
        #expect(arguments.has("--switch") && !arguments.has("--none"))
    }

    @Test func valuesThatBeginWithADash() throws {
        #expect(try parse("--size", "-1.5").numbers("--size", count: 1) == [-1.5])
        #expect(try parse("--size", "-.5,1,-2").numbers("--size", count: 3) == [-0.5, 1, -2])
        #expect(try parse("--size=-x").text("--size") == "-x")
        #expect(try parse("--size=").text("--size") == "")
        #expect(throws: CommandError.self) { try parse("--size", "-x") }
        #expect(throws: CommandError.self) { try parse("--size") }
    }

    @Test func numbersAreWhole() throws {
        #expect(try parse("--size", "7").integer("--size", 1...9) == 7)
        for text in ["0", "10", "1.0", "x", "", "99999999999999999999"] {
            #expect(throws: CommandError.self) { try parse("--size=" + text).integer("--size", 1...9) }
        }
        #expect(try parse().integer("--size", 1...9) == nil)
    }
}

struct TextTests {
    @Test(arguments: [
        (0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (999_940, "999.9 kB"), (1_500_000, "1.5 MB"),
    ])
    func sizes(number: Int, text: String) { #expect(bytes(number) == text) }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_333_091, "1,333,091"), (100_000, "100,000"),
    ])
    func thousands(number: Int, text: String) { #expect(grouped(number) == text) }

    @Test(arguments: [(0.04, "0.0"), (0.05, "0.1"), (99.95, "100.0"), (12.34, "12.3")])
    func digits(number: Double, text: String) { #expect(oneDigit(number) == text) }

    @Test func jsonIsJSON() throws {
        let all =
            String(String.UnicodeScalarView((0...0x2FF).compactMap { Unicode.Scalar($0) })) + "\u{2028}🙂"
        let value = JSON.object([
            ("text \"", .text(all)), ("list", .list([.integer(-3), .number(0.25), .truth(true), .null])),
            ("odd", .list([.number(.nan), .number(.infinity), .number(1e-30)])),
        ])
        #expect(!value.line.contains("\n"))
        let back = try #require(JSONSerialization.jsonObject(with: Data(value.line.utf8)) as? [String: Any])
        #expect(back["text \""] as? String == all)
        #expect(value.line.contains("[-3,0.25,true,null]"))
        #expect((back["list"] as? [Any])?.count == 4)
        #expect((back["odd"] as? [Any])?[2] as? Double == 1e-30)
    }
}
