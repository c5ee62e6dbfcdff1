// ByteSource: bytes that are read piece by piece where they lie: a file, an array, memory of the program.
// Never mapped: a file that another process cuts short must be an error, not a SIGBUS.
import Glibc

/// Where a model's bytes come from. Any number of threads may read at once.
package protocol ByteSource: AnyObject, Sendable {
    /// For messages: a path, or what stands for one.
    var name: String { get }
    var count: Int { get }
    /// Fills `destination` with the bytes from `offset` on.
    func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FaceSegError)
    /// Throws if the bytes may be others than at the opening.
    func checkUnchanged() throws(FaceSegError)
    /// Whether it costs nothing to keep, so that the bytes can be read again at any time.
    var isLasting: Bool { get }
    /// Gives back what can be had again.
    func close()
}

extension ByteSource {
    package func checkUnchanged() throws(FaceSegError) {}

    package var isLasting: Bool { false }

    package func close() {}

    func failure(_ reason: String, at byte: Int? = nil) -> FaceSegError {
        .file(path: name, byte: byte, reason: reason)
    }

    /// Offsets come out of files, so a wrong one is the file's mistake.
    fileprivate func check(_ offset: Int, _ size: Int) throws(FaceSegError) {
        guard offset >= 0, size <= count, offset <= count - size else {
            throw failure("\(size) bytes are wanted here, the file has \(count) in all", at: offset)
        }
    }
}

/// A file, open from the beginning until it is closed, and again when more of it is wanted.
package final class FileByteSource: ByteSource {
    package let name: String
    package let count: Int
    package var isLasting: Bool { true }
    private let identity: FileIdentity
    private let current: Locked<OpenFile?>

    package init(path: String) throws(FaceSegError) {
        let file = try OpenFile(path: path)
        guard let identity = file.identity, identity.isRegular else {
            throw .file(path: path, byte: nil, reason: "is not a regular file")
        }
        name = path
        self.identity = identity
        count = identity.size
        current = Locked(file)
    }

    /// Reads that are under way keep it open until they end.
    package func close() { current.withLock { $0 = nil } }

    private func file() throws(FaceSegError) -> OpenFile {
        try current.withLock { (current) throws(FaceSegError) in
            if let current { return current }
            let file = try OpenFile(path: name)
            try check(file)
            current = file
            return file
        }
    }

    private func check(_ file: OpenFile) throws(FaceSegError) {
        guard file.identity == identity else {
            throw failure("the file changed after it was opened: open the model again")
        }
    }

    package func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FaceSegError) {
        try check(offset, destination.count)
        guard let base = destination.baseAddress else { return }
        let file = try file()
        var done = 0
        while done < destination.count {
            let got = pread(file.descriptor, base + done, destination.count - done, off_t(offset + done))
            if got < 0 {
                if errno == EINTR { continue }
                throw failure("cannot be read: \(String(cString: strerror(errno)))", at: offset + done)
            }
            if got == 0 { throw failure("the file became shorter while it was read", at: offset + done) }
            done += got
        }
    }

    package func checkUnchanged() throws(FaceSegError) { try check(file()) }
}

/// A descriptor, closed with the object.
private final class OpenFile: Sendable {
    let descriptor: Int32

    init(path: String) throws(FaceSegError) {
        // Not to block on a FIFO, which is refused later.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .file(
                path: path, byte: nil, reason: "cannot be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    var identity: FileIdentity? { FileIdentity(descriptor) }
}

/// What changes when somebody writes to a file, or puts another one in its place. Not the time of its status.
private struct FileIdentity: Equatable {
    let size: Int, modified: [Int], place: [UInt], isRegular: Bool

    init?(_ descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        size = Int(status.st_size)
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        place = [UInt(status.st_dev), UInt(status.st_ino)]
        isRegular = status.st_mode & S_IFMT == S_IFREG
    }
}

/// Bytes of its own.
final class MemoryByteSource: ByteSource {
    let name: String
    var count: Int { bytes.count }
    private let bytes: [UInt8]

    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FaceSegError) {
        try check(offset, destination.count)
        bytes.withUnsafeBytes { bytes in
            destination.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + destination.count]))
        }
    }
}

/// Borrowed bytes that live, unchanged, as long as the process: the network built in.
final class StaticByteSource: ByteSource {
    let name: String
    var isLasting: Bool { true }
    var count: Int { bytes.count }
    private nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    init(name: String, bytes: UnsafeRawBufferPointer) {
        self.name = name
        self.bytes = bytes
    }

    func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FaceSegError) {
        try check(offset, destination.count)
        destination.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + destination.count]))
    }
}
