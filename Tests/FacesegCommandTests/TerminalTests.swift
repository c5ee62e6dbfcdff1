// TerminalTests: a bar on a terminal and nowhere else, whole lines beside it, at any width, and no pictures there.
import Foundation
import Media
import Testing

@testable import faceseg

struct TerminalTests {
    private let folder = Folder()

    init() throws {
        try folder.makeFolder("in")
        for name in ["a", "b", "c", "d"] {
            let pixels = noise(24, 16, channels: 3)
            try folder.write(
                try encodePNG(width: 24, height: 16, channels: 3, pixels: pixels), "in/\(name).png")
        }
        try folder.write("no picture", "in/bad.png")
    }

    private let segment = "\"$0\" segment in -o out"
    private let line = /in\/[a-d]\.png: 24 x 16, .* ms -> out\/[a-d]\.faceseg\.png/

    @Test(arguments: [80, 200, 44, 30, 10, 3, 1])
    func aBarOnATerminal(columns: Int) throws {
        let run = try TerminalRun(segment, columns: columns, in: folder)
        #expect(run.code == 1)
        let screen = try #require(
            run.screen, "nothing but \\r, \\n and clear-to-end: \(run.text.debugDescription)")
        // The bar is gone at the end, and each line stands alone.
        try #require(screen.count == 6, "\(screen)")
        #expect(screen[5] == "")
        #expect(screen.prefix(5).count { $0.wholeMatch(of: line) != nil } == 4, "\(screen)")
        #expect(screen[2] == "faceseg: in/bad.png: not a JPEG, PNG or WebP picture; convert it to one")
        let bars = run.drawn.filter { $0.contains(" of 5") }
        #expect(bars.allSatisfy { $0.utf8.count < max(columns, 1) }, "the last column stays free: \(bars)")
        #expect(bars.contains { $0.contains("0 of 5") } == (columns >= 7))
        #expect(bars.contains { $0.contains("5 of 5") } == (columns >= 7))
        #expect(bars.contains { $0.hasPrefix("[") } == (columns >= 44 || columns == 30), "\(bars)")
    }

    @Test(arguments: ["dumb", "", nil])
    func noneOnATerminalThatCannot(kind: String?) throws {
        try checkPlain(TerminalRun(segment, kind: kind, in: folder), lines: 5)
    }

    @Test func noneInAPipe() throws {
        let outcome = try Program.shell(segment, in: folder)
        #expect(!(outcome.output + outcome.errors).contains { "\r\u{1B}[".contains($0) })
        #expect(outcome.lines.count == 4 && outcome.errors.split(separator: "\n").count == 1)
        // Standard output may be the terminal and standard error a log, and the other way round.
        try checkPlain(TerminalRun(segment + " 2>log", in: folder), lines: 4)
        let log = try folder.text("log")
        #expect(log == "faceseg: in/bad.png: not a JPEG, PNG or WebP picture; convert it to one\n")
        let other = try TerminalRun(segment + " >log", in: folder)
        #expect(other.text.contains("] 0 of 5"))
        let lines = try folder.text("log").split(separator: "\n")
        #expect(lines.count == 4 && lines.allSatisfy { $0.wholeMatch(of: line) != nil })
    }

    @Test func noneForOnePhotoOrPrograms() throws {
        try checkPlain(TerminalRun("\"$0\" segment in/a.png", in: folder), lines: 1)
        try checkPlain(TerminalRun(segment + " --json", in: folder), lines: 6)
    }

    /// A job in the background leaves the terminal alone; `script` makes a terminal that has jobs.
    @Test func noneInTheBackground() throws {
        let line = "set -m; '\(Program.path)' segment in -o out & wait; echo ended"
        let outcome = try Program.shell("TERM=xterm script -qec \"\(line)\" typescript", in: folder)
        #expect(outcome.output.contains("ended") && outcome.output.contains("out/d.faceseg.png"))
        #expect(!outcome.output.contains("of 5"), "\(outcome.output)")
        let front = try Program.shell(
            "TERM=xterm script -qec \"'\(Program.path)' segment in -o out\" typescript", in: folder)
        #expect(front.output.contains("of 5"))
    }

    private func checkPlain(_ run: TerminalRun, lines: Int) throws {
        let plain = run.text.replacing("\r\n", with: "\n")
        #expect(!plain.contains { "\r\u{1B}".contains($0) }, "\(run.text.debugDescription)")
        #expect(plain.split(separator: "\n").count == lines, "\(plain)")
    }

    @Test(arguments: [
        "segment in/a.png -o -", "segment in/a.png -o - --output labels --format npy",
        "forward net.caffemodel net.prototxt --input x.npy -o -", "convert net.caffemodel -o -",
    ])
    func noBytesOnATerminal(line: String) throws {
        for ending in ["caffemodel", "prototxt", "input.npy"] {
            let name = ending == "input.npy" ? "x.npy" : "net." + ending
            try folder.copy(Fixture.small + "light_unet." + ending, name)
        }
        let run = try TerminalRun("\"$0\" " + line, in: folder)
        #expect(run.code == 1)
        #expect(
            run.text
                == "faceseg: standard output is a terminal, which shows no such bytes; add > FILE or | PROGRAM\r\n"
        )
    }

    @Test func textOnATerminal() throws {
        let net = Fixture.small + "light_unet.caffemodel"
        let run = try TerminalRun("\"$0\" convert '\(net)' -o - --format prototxt", in: folder)
        #expect(run.code == 0 && run.text.contains("layer {\r\n"))
    }

    @Test func noWaitingForSomebodyToTypeAPhoto() throws {
        let run = try TerminalRun("\"$0\" segment - -o x.png <&1", in: folder)
        #expect(run.code == 1)
        #expect(run.text == "faceseg: standard input: is a terminal; give it a file by < or a pipe\r\n")
    }
}

struct ProgressBarTests {
    private func text(_ done: Double, after seconds: Double, columns: Int = 80, count: Int = 240) -> String {
        ProgressBar(count: count, start: 100, done: done).text(columns: columns, at: 100 + seconds)
    }

    @Test func timeLeftIsThatOfPhotosSoFar() {
        #expect(text(12, after: 6).hasSuffix("] 12 of 240, 1 min 54 s left"))
        #expect(text(12.5, after: 12.5).hasSuffix("] 12 of 240, 3 min 48 s left"), "half a photo counts")
        #expect(text(0, after: 60).hasSuffix("] 0 of 240"), "nothing to go by")
        #expect(text(3, after: 0.5).hasSuffix("] 3 of 240"), "too early to say")
        #expect(text(240, after: 60).hasSuffix("] 240 of 240, 0 s left"))
    }

    @Test(arguments: [
        (0, "0 s"), (0.1, "1 s"), (59, "59 s"), (59.5, "1 min 0 s"), (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (3601, "1 h 1 min"), (1e300, "277777 h 47 min"),
    ])
    func durations(seconds: Double, text: String) { #expect(ProgressBar.duration(seconds) == text) }

    @Test(arguments: 0...120)
    func fitsAnyWidth(columns: Int) {
        let text = text(120, after: 6, columns: columns)
        #expect(text.utf8.count <= max(columns - 1, 0))
        let words = "120 of 240, 6 s left"
        #expect(text.hasSuffix(words) == (columns > words.count))
        #expect(text.hasPrefix("[") == (columns > words.count + 13))
        if text.hasPrefix("[") {
            let bar = text.dropLast(words.count + 2).dropFirst()
            #expect(bar.count { $0 == "#" } == bar.count / 2)
        }
    }
}
