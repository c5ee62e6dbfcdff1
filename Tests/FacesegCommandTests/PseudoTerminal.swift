// PseudoTerminal: the program on a terminal that a test made: what it draws there, and a screen that understands as
// much of it as the program uses. No tests.
import Foundation
import Testing

/// A shell's script run on a terminal of so many columns. `$0` stands for the program.
struct TerminalRun {
    let code: Int32
    /// All that was written to the terminal, which makes `\n` into `\r\n`.
    let text: String

    init(_ script: String, columns: Int = 80, kind: String? = "xterm", in folder: Folder) throws {
        let (master, slave) = try Self.open(columns)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script, Program.path]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = ProcessInfo.processInfo.environment.merging(["TERM": kind ?? ""]) { $1 }
        if kind == nil { process.environment?["TERM"] = nil }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = slave
        process.standardError = slave
        try process.runWithSignals()
        try slave.close()
        text = String(decoding: Self.readAll(master), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        code = process.terminationStatus
    }

    /// By Linux's own calls: `posix_openpt` is in no Swift module.
    private static func open(_ columns: Int) throws -> (master: Int32, slave: FileHandle) {
        let master = Foundation.open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var locked: Int32 = 0, number: Int32 = 0
        try #require(ioctl(master, 0x4004_5431, &locked) == 0)  // TIOCSPTLCK
        try #require(ioctl(master, 0x8004_5430, &number) == 0)  // TIOCGPTN
        let slave = Foundation.open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(slave >= 0)
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(slave, UInt(TIOCSWINSZ), &size) == 0)
        return (master, FileHandle(fileDescriptor: slave, closeOnDealloc: true))
    }

    /// Until the last one who could write is gone.
    private static func readAll(_ master: Int32) -> [UInt8] {
        defer { close(master) }
        var all: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let got = read(master, &chunk, chunk.count)
            guard got > 0 else { return all }
            all += chunk[..<got]
        }
    }

    /// What each line showed when the cursor left it, by a screen that knows `\r`, `\n` and clear-to-end; the last is
    /// the one that the cursor is in. nil: something else was asked of it.
    var screen: [String]? {
        var lines: [[Character]] = [[]], column = 0
        var rest = text.unicodeScalars.map(Character.init)[...]
        while let character = rest.popFirst() {
            switch character {
            case "\r": column = 0
            case "\n": lines.append([])
            case "\u{1B}":
                guard rest.popFirst() == "[", rest.popFirst() == "K" else { return nil }
                lines[lines.count - 1].removeSubrange(min(column, lines[lines.count - 1].count)...)
            case "\u{0}"..<" ": return nil
            default:
                let line = lines.count - 1
                if column < lines[line].count {
                    lines[line][column] = character
                } else {
                    lines[line].append(character)
                }
                column += 1
            }
        }
        return lines.map { String($0) }
    }

    /// Everything that ever stood between two moves to the front of a line.
    var drawn: [String] {
        text.replacing("\u{1B}[K", with: "").split { $0 == "\r" || $0 == "\n" || $0 == "\r\n" }.map(
            String.init)
    }
}
