// Program: the command line as its users meet it: the built executable, in a process of its own. Folders, photos
// and fixtures for the tests are here too. No tests.
import Foundation
import Media
import Testing

/// How a run ended and what it said.
struct Outcome {
    let code: Int32, output: String, errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The only line of output as a JSON object.
    func object() throws -> [String: Any] {
        let objects = try objects()
        try #require(objects.count == 1, "\(output)\(errors)")
        return objects[0]
    }

    /// Each line of output as a JSON object.
    func objects() throws -> [[String: Any]] {
        try lines.map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
    }
}

enum Program {
    /// FACESEG_PROGRAM, or the one that was built with the tests.
    static let path: String =
        if let named = ProcessInfo.processInfo.environment["FACESEG_PROGRAM"] {
            named
        } else {
            URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                .appending(path: "faceseg").path()
        }

    /// Relative paths are those of `folder`.
    static func run(_ arguments: String..., in folder: Folder) throws -> Outcome {
        try launch(path, arguments, in: folder)
    }

    static func run(arguments: [String], in folder: Folder) throws -> Outcome {
        try launch(path, arguments, in: folder)
    }

    /// `$0` stands for the program.
    static func shell(_ script: String, in folder: Folder) throws -> Outcome {
        try launch("/bin/sh", ["-c", script, path], in: folder)
    }

    /// The same in bash, which has jobs without a terminal: those in the background do not ignore SIGINT.
    static func bash(_ script: String, in folder: Folder) throws -> Outcome {
        try launch("/bin/bash", ["-c", "set -m; " + script, path], in: folder)
    }

    private static func launch(_ program: String, _ arguments: [String], in folder: Folder) throws -> Outcome
    {
        // Files, since a full pipe would stop the program. Outside the folder, whose content is looked at.
        let texts = Folder()
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try texts.newFile("output")
        process.standardError = try texts.newFile("errors")
        try process.runWithSignals()
        process.waitUntilExit()
        let outcome = Outcome(
            code: process.terminationStatus, output: try texts.text("output"),
            errors: try texts.text("errors"))
        #expect(process.terminationReason == .exit, "ended by signal \(outcome.code): \(outcome.errors)")
        return outcome
    }
}

extension Process {
    /// Threads of a test may have signals blocked, which the program would inherit and a shell in between would not
    /// get over: it waits for SIGCHLD.
    func runWithSignals() throws {
        var all = sigset_t(), before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_UNBLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}

/// A folder that is gone with this object.
final class Folder {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "faceseg-command-\(UUID())").path()
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Names in it, hidden ones too, sorted.
    func names(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
    }

    func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(filePath: file(name)))
    }

    func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: file(name)))) }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    func photo(_ name: String) throws -> Photo { try Photo.read(path: file(name)) }

    func array(_ name: String) throws -> NumpyArray { try NumpyArray.read(path: file(name)) }

    func copy(_ source: String, _ name: String) throws {
        try write([UInt8](try Data(contentsOf: URL(filePath: source))), name)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: false)
    }

    fileprivate func newFile(_ name: String) throws -> FileHandle {
        try write([], name)
        return try FileHandle(forWritingTo: URL(filePath: file(name)))
    }
}

/// Files of the package, and those that not everyone has.
enum Fixture {
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path()
    static let astronaut = package + "examples/photos/astronaut.png"
    static let small = package + "Tests/FaceSegCTests/Fixtures/inference/"
    static let all =
        (ProcessInfo.processInfo.environment["FACESEG_FIXTURES"] ?? package + "../shared/fixtures")
        + "/inference/"
    static let hasAll = FileManager.default.fileExists(atPath: all)

    /// Paths without endings of nets that have all four files.
    static func nets(_ folder: String) -> [String] {
        let names = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        let nets = names.filter { $0.hasSuffix(".score.npy") }.map { String($0.dropLast(".score.npy".count)) }
        return nets.sorted().filter { net in
            [".prototxt", ".caffemodel", ".input.npy"].allSatisfy { names.contains(net + $0) }
        }.map { folder + $0 }
    }
}

/// Largest difference as a part of the largest value.
func relativeError(_ got: [Float], _ wanted: [Float]) -> Float {
    let largest = wanted.reduce(0) { max($0, abs($1)) }
    return zip(got, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } / max(largest, .leastNormalMagnitude)
}

/// A picture of random pixels, always the same for its sides.
func noise(_ width: Int, _ height: Int, channels: Int) -> [UInt8] {
    var state = UInt32(width * 31 + height)
    return (0..<width * height * channels).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
    }
}
