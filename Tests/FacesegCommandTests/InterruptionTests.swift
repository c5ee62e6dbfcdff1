// InterruptionTests: signals in the middle of writing: no unfinished file stays, the file before is as it was, and the
// caller sees the signal.
import Foundation
import Media
import Testing

struct InterruptionTests {
    private let folder = Folder()

    /// A photo whose probabilities, 48 MB, take a while.
    init() throws {
        let pixels = [UInt8](repeating: 90, count: 2000 * 2000 * 3)
        try folder.write(try encodePNG(width: 2000, height: 2000, channels: 3, pixels: pixels), "p.png")
    }

    private func start(_ program: String = Program.path, _ before: [String] = []) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments =
            before + ["segment", "p.png", "--output", "probabilities", "-o", "out.npy", "--threads", "1"]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runWithSignals()
        return process
    }

    private func waitForTemporary(_ process: Process) throws {
        while try !folder.names().contains(where: { $0.contains(".tmp-") }) {
            try #require(process.isRunning, "it was done before it could be interrupted")
            usleep(500)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func nothingUnfinishedStays(signal: Int32) throws {
        try folder.write("as before", "out.npy")
        let process = try start()
        try waitForTemporary(process)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == signal)
        #expect(try folder.names().filter { $0 != "core" } == ["out.npy", "p.png"])
        #expect(try folder.text("out.npy") == "as before")
    }

    /// The code that a shell gives.
    @Test func aShellSees130() throws {
        let outcome = try Program.bash(
            """
            "$0" segment p.png --output probabilities -o out.npy & program=$!
            until ls | grep -q tmp- || ! kill -0 $program; do :; done
            kill -INT $program
            wait $program
            echo $?
            """, in: folder)
        #expect(outcome.lines.last == "130", "\(outcome.output)")
        #expect(try folder.names() == ["p.png"])
    }

    /// `nohup` and shells without jobs have signals ignored, and mean it.
    @Test func whatWasIgnoredStaysIgnored() throws {
        let process = try start("/bin/sh", ["-c", "trap '' INT HUP; exec \"$0\" \"$@\"", Program.path])
        try waitForTemporary(process)
        for signal in [SIGINT, SIGHUP] { kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        #expect(try folder.names() == ["out.npy", "p.png"])
    }

    /// A reader that has stopped reading holds up the program, not Ctrl-C.
    @Test func aStuckReaderDoesNotHoldItUp() throws {
        let outcome = try Program.bash(
            """
            mkfifo stuck
            sleep 30 < stuck & reader=$!
            "$0" segment p.png --output probabilities -o - > stuck & program=$!
            until grep -q pipe_write /proc/$program/wchan || ! kill -0 $program; do sleep 0.1; done
            kill -INT $program
            wait $program
            echo $?
            kill $reader
            """, in: folder)
        #expect(outcome.lines.last == "130", "\(outcome.output)")
    }

    /// A limit on the size of files is an error to tell, not a death that leaves half a file.
    @Test func aLimitOnTheSizeOfFiles() throws {
        let outcome = try Program.shell(
            "ulimit -f 1000; exec \"$0\" segment p.png --output probabilities -o out.npy", in: folder)
        #expect(outcome.code == 1)
        #expect(outcome.errors == "faceseg: out.npy: cannot be written: File too large\n")
        #expect(try folder.names() == ["p.png"])
    }
}
