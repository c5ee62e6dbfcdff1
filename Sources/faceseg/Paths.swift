// Paths: names of files and folders, and what lies there. Reads and writes no content.
import FaceSegKit
import Glibc

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Tells whether two paths are one file.
struct FileIdentity: Hashable {
    private let device: UInt, number: UInt

    /// nil where nothing is.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, number) = (UInt(status.st_dev), UInt(status.st_ino))
    }
}

/// The number of an open file that a path names: `/dev/fd/3`, and `/dev/stdout` or others that link to such; nil: another.
/// To replace one of those, as files are replaced, would take it from the whole system.
func descriptor(named path: String) -> Int32? {
    var path = path
    for _ in 0..<40 {  // links that the kernel follows
        for start in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(start) {
            return Int32(path.dropFirst(start.count))
        }
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(path, &target, target.count)
        guard length > 0 else { return nil }
        let link = String(decoding: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        path = link.hasPrefix("/") ? link : folder(of: path) + link
    }
    return nil
}

/// Makes a folder and those above it where they are missing.
func makeFolder(_ path: String) throws(CommandError) {
    if isFolder(path) { return }
    let trimmed = withoutSlashes(path), above = folder(of: trimmed)
    if !above.isEmpty && !exists(above) { try makeFolder(above) }
    if mkdir(trimmed, 0o777) == 0 { return }
    let reason = String(cString: strerror(errno))
    guard isFolder(path) else { throw .failed("\(path): the folder cannot be made: \(reason)") }
}

private func withoutSlashes(_ path: String) -> String {
    var path = path
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return path
}

/// In small letters, without the dot; empty where there is none.
func ending(_ path: String) -> String {
    let name = lastName(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
}

func path(_ name: String, in folder: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : folder + "/" + name
}
