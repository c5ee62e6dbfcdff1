// OutputSink: where a result's bytes go: to a file that is there as a whole or not at all, to standard output for `-`,
// or to a file that is open already, such as /dev/fd/3. Decides nothing about names or formats.
import FaceSegKit
import Glibc

/// The name that stands for standard input or standard output. A file of that name is `./-`.
let standardFile = "-"

enum OutputSink {
    case file(AtomicFile), standardOutput
    case open(descriptor: Int32, path: String)

    init(_ path: String) throws(FaceSegError) {
        if path == standardFile {
            self = .standardOutput
        } else if let descriptor = faceseg.descriptor(named: path) {
            self = .open(descriptor: descriptor, path: path)
        } else {
            self = .file(try AtomicFile(path: path))
        }
    }

    /// For those who write by themselves.
    var descriptor: Int32 {
        switch self {
        case .file(let file): file.descriptor
        case .standardOutput: STDOUT_FILENO
        case .open(let descriptor, _): descriptor
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        switch self {
        case .file(let file): try file.write(bytes)
        case .standardOutput: try Console.put(bytes)
        case .open(let descriptor, let path): try Console.put(bytes, to: descriptor, path)
        }
    }

    /// Call it once, at the end.
    func commit() throws(FaceSegError) {
        if case .file(let file) = self { try file.commit() }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let sink = try OutputSink(path)
        try bytes.withUnsafeBytes { try sink.write($0) }
        try sink.commit()
    }

    /// Call it before the work: bytes that are no text spoil a terminal.
    static func refuseTerminal(_ path: String) throws(CommandError) {
        guard path != standardFile || isatty(STDOUT_FILENO) == 0 else {
            throw .failed("standard output is a terminal, which shows no such bytes; add > FILE or | PROGRAM")
        }
    }
}

extension Arguments {
    /// Where an option says that a result goes: ``standardFile`` also for `/dev/stdout` and its other names.
    func output(_ option: String) -> String? {
        guard let path = text(option) else { return nil }
        return descriptor(named: path) == STDOUT_FILENO ? standardFile : path
    }
}
