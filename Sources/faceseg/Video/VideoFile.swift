// VideoFile: where a video's bytes go: a file that takes its name when it is whole, or standard output. FFmpeg writes into
// it, in places of its own.
import FaceSegKit
import Glibc

struct VideoFile {
    let descriptor: Int32
    /// For messages.
    let name: String
    /// What stands for a name whose ending would tell the format.
    let format: String?
    private let file: AtomicFile?

    init(_ path: String) throws(FaceSegError) {
        let open = path == standardFile ? STDOUT_FILENO : faceseg.descriptor(named: path)
        file = open == nil ? try AtomicFile(path: path) : nil
        descriptor = open ?? file!.descriptor
        name = path == standardFile ? "standard output" : path
        format = open == nil ? nil : "pipe.y4m"
    }

    /// Call it once, at the end.
    func commit() throws(FaceSegError) { try file?.commit() }
}
