// AtomicFile: a file that is there as a whole or not at all, even when the disk fills or the power fails. It
// is written beside its final place and takes the name at the end. Not for streams: pipes and devices are
// refused.
import Glibc

/// A file in the making. Unless ``commit()`` has succeeded, nothing of it stays and an older file is
/// untouched.
///
/// - Link: a symbolic link at `path` stays; what it names is replaced.
/// - Mode: that of the file replaced, else 0666 less the umask.
/// - Throws: ``FaceSegError/file(path:byte:reason:)`` with the system's reason.
package final class AtomicFile {
    private let path: String, target: String, temporary: String
    /// For those who write in places of their own; nothing is to be closed.
    package private(set) var descriptor: Int32 = -1

    /// Creates `path.tmp-<pid>-<random>` in the folder of `path`.
    package init(path: String) throws(FaceSegError) {
        self.path = path
        target = try Self.behindLinks(path)
        let random = String(UInt32.random(in: .min ... .max), radix: 16)
        temporary = "\(target).tmp-\(getpid())-\(random)"
        let mode = try Self.modeToKeep(path), temporary = temporary
        descriptor = Self.unfinished.withLock { unfinished in
            let opened = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            if opened >= 0 { unfinished.insert(temporary) }
            return opened
        }
        guard descriptor >= 0 else { throw failure("cannot be created") }
        if let mode, fchmod(descriptor, mode) != 0 { throw abandon("cannot get the mode of the old file") }
    }

    deinit { discard() }

    /// Adds bytes at the end.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FaceSegError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let put = Glibc.write(descriptor, base + done, min(bytes.count - done, 1 << 30))
            if put < 0 {
                if errno == EINTR { continue }
                throw abandon("cannot be written")
            }
            done += put
        }
    }

    /// Gives the file its name once the disk has it. Call it once, at the end. If only the folder cannot be
    /// synced, this throws with the new file in place.
    package func commit() throws(FaceSegError) {
        guard fsync(descriptor) == 0, closeDescriptor() == 0, takeName() else {
            throw abandon("cannot be written")
        }
        try syncFolder()
    }

    /// For a program that a signal ends: removes what the unfinished files of the process have written, then runs
    /// `body`. Until that returns no file begins, takes its name or is dropped. Call it from a thread that waits for
    /// signals, not from a handler: that may have interrupted the very thread that holds the lock.
    package static func removeUnfinished(_ body: () -> Void) {
        unfinished.withLock { unfinished in
            for temporary in unfinished { unlink(temporary) }
            unfinished = []
            body()
        }
    }

    /// Temporary names that are in use.
    private static let unfinished = Locked<Set<String>>([])

    /// Writes all of `bytes` to `path`.
    package static func write(_ bytes: [UInt8], to path: String) throws(FaceSegError) {
        let file = try AtomicFile(path: path)
        try bytes.withUnsafeBufferPointer { bytes throws(FaceSegError) in
            try file.write(UnsafeRawBufferPointer(bytes))
        }
        try file.commit()
    }

    /// Where `path` leads. A rename would replace the link itself, which may be the system's: /dev/stdout.
    private static func behindLinks(_ path: String) throws(FaceSegError) -> String {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
        guard let real = realpath(path, nil) else {
            throw .file(path: path, byte: nil, reason: "cannot be written: it is a link that leads nowhere")
        }
        defer { free(real) }
        return String(cString: real)
    }

    /// The mode of a file that is there already. A rename would replace a device or a pipe, so those are
    /// refused.
    private static func modeToKeep(_ path: String) throws(FaceSegError) -> mode_t? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .file(
                path: path, byte: nil, reason: "cannot be written: it is there and not a regular file")
        }
        return status.st_mode & 0o777
    }

    /// Makes the new name last. Some network file systems cannot, and say EINVAL.
    private func syncFolder() throws(FaceSegError) {
        let folder =
            target.lastIndex(of: "/").map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return }  // a folder that one may write but not read
        defer { close(opened) }
        guard fsync(opened) == 0 || errno == EINVAL else {
            throw failure("is written, but its folder cannot be")
        }
    }

    /// Drops the file; the reason is that of the last system call.
    private func abandon(_ what: String) -> FaceSegError {
        let error = failure(what)
        discard()
        return error
    }

    private func failure(_ what: String) -> FaceSegError {
        .file(path: path, byte: nil, reason: "\(what): \(String(cString: strerror(errno)))")
    }

    private func discard() {
        _ = closeDescriptor()
        Self.unfinished.withLock { unfinished in
            if unfinished.remove(temporary) != nil { unlink(temporary) }
        }
    }

    private func closeDescriptor() -> Int32 {
        defer { descriptor = -1 }
        return descriptor >= 0 ? close(descriptor) : 0
    }

    private func takeName() -> Bool {
        Self.unfinished.withLock { unfinished in
            guard rename(temporary, target) == 0 else { return false }
            unfinished.remove(temporary)
            return true
        }
    }
}
