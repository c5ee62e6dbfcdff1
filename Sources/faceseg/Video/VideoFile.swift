// VideoFile: where a video's bytes go: a file that takes its name when it is whole, or standard output. FFmpeg writes into
// it, in places of its own.
import FaceSegKit

struct VideoFile {
    /// For messages.
    let name: String
    /// What stands for a name whose ending would tell the format.
    let format: String?
    private let sink: OutputSink

    init(_ path: String) throws(FaceSegError) {
        sink = try OutputSink(path)
        name = path == standardFile ? "standard output" : path
        if case .file = sink { format = nil } else { format = "pipe.y4m" }
    }

    var descriptor: Int32 { sink.descriptor }

    /// Call it once, at the end.
    func commit() throws(FaceSegError) { try sink.commit() }
}
