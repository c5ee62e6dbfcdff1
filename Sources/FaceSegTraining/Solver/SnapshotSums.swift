// SnapshotSums: fingerprints of a snapshot's files in one of their own, PREFIX_iter_N.sha256, which `sha256sum -c` reads,
// so that a file that was torn or has a wrong bit is noticed before a training goes on from it.
import FaceSegKit

#if canImport(Glibc)
    import Glibc
#endif

enum SnapshotSums {
    static let ending = ".sha256"
    private static let piece = 1 << 20

    /// - name: the snapshot's, without endings.
    /// - files: their paths, in the snapshot's folder.
    static func write(_ name: String, of files: [String]) throws(FaceSegError) {
        var text = ""
        for path in files { text += "\(try sum(of: path))  \(lastName(path))\n" }
        try AtomicFile.write(Array(text.utf8), to: name + ending)
    }

    /// Sums that are no more true.
    static func forget(_ name: String) { unlink(name + ending) }

    /// Looks whether a snapshot's files are what they were. One without sums, as Caffe's is, passes.
    ///
    /// - state: the path of the `.solverstate`.
    /// - Throws: ``FaceSegError/file(path:byte:reason:)`` that names the first file that is not.
    static func check(state: String) throws(FaceSegError) {
        let path = state.replacingSuffix(".solverstate", with: ending)
        guard path != state, (try? FileByteSource(path: path)) != nil else { return }
        let folder = FaceSegKit.folder(of: state)
        let text = try textFile(path)
        guard text.hasSuffix("  \(lastName(state))\n") else {
            throw .file(
                path: path, byte: nil, reason: "is damaged: its last line is not of \(lastName(state))")
        }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else {
                throw .file(
                    path: path, byte: nil, reason: "is damaged: \"\(line)\" is no sum and a file's name")
            }
            let file = folder + parts[1].drop { $0 == " " }
            guard let found = try? sum(of: file), found == parts[0] else {
                throw .file(
                    path: file, byte: nil,
                    reason: "is damaged: its SHA-256 is not the one in \(lastName(path))")
            }
        }
    }

    private static func sum(of path: String) throws(FaceSegError) -> String {
        let source = try FileByteSource(path: path)
        var sum = SHA256(), at = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
        defer { buffer.deallocate() }
        while at < source.count {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(piece, source.count - at)])
            try source.read(at: at, into: part)
            sum.add(UnsafeRawBufferPointer(part))
            at += part.count
        }
        return sum.digest()
    }
}
