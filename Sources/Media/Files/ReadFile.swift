// Whole files into memory, by plain system calls. Nothing here knows a format, and nothing writes.

import Glibc

/// The largest file that is read, 1 GiB.
let largestFile = 1 << 30

/// All bytes of a file or pipe.
///
/// - Throws: ``MediaError`` with the system's own words when it cannot be read; when it is a folder, empty,
///   or larger than 1 GiB.
func readFile(_ path: String) throws(MediaError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw systemError(path, "cannot be opened") }
    defer { close(file) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(try expectedSize(file, path))
    try readAll(file, path, into: &bytes)
    guard !bytes.isEmpty else { throw MediaError(path: path, reason: "the file is empty") }
    return bytes
}

/// A file of text.
///
/// - Throws: ``MediaError``, as for bytes; when they are not UTF-8, too.
package func readText(_ path: String) throws(MediaError) -> String {
    guard let text = String(validating: try readFile(path), as: UTF8.self) else {
        throw MediaError(path: path, reason: "is not text in UTF-8")
    }
    return text
}

/// What errors call it.
public let standardInputName = "standard input"

/// All bytes of standard input.
///
/// - Throws: ``MediaError``, as for files; when it is a terminal, too.
public func readStandardInput() throws(MediaError) -> [UInt8] {
    let name = standardInputName
    guard isatty(STDIN_FILENO) == 0 else {
        throw MediaError(path: name, reason: "is a terminal; give it a file by < or a pipe")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(try expectedSize(STDIN_FILENO, name))
    try readAll(STDIN_FILENO, name, into: &bytes)
    guard !bytes.isEmpty else { throw MediaError(path: name, reason: "is empty") }
    return bytes
}

/// What the system says after a failed call: `cannot be opened: No such file or directory`.
package func systemError(_ path: String, _ what: String) -> MediaError {
    MediaError(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
}

/// Bytes to make room for; 0 for a pipe, whose size nobody knows.
private func expectedSize(_ file: Int32, _ path: String) throws(MediaError) -> Int {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw systemError(path, "cannot be examined") }
    guard status.st_mode & S_IFMT != S_IFDIR else {
        throw MediaError(path: path, reason: "is a folder; name a file in it")
    }
    guard status.st_size <= largestFile else { throw tooLarge(path) }
    return Int(status.st_size)
}

private func readAll(_ file: Int32, _ path: String, into bytes: inout [UInt8]) throws(MediaError) {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { chunk.deallocate() }
    while true {
        let got = read(file, chunk.baseAddress, chunk.count)
        if got == 0 { return }
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else { throw systemError(path, "cannot be read") }
        guard bytes.count + got <= largestFile else { throw tooLarge(path) }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<got]))
    }
}

private func tooLarge(_ path: String) -> MediaError {
    MediaError(path: path, reason: "the file is larger than 1 GiB, the most that is read at once")
}
