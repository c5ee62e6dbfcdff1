// VideoTarget: bytes as the file of a video, read to its end or a part of it and written again, its audio beside it, in
// a format that the bytes choose. What FFmpeg's decoders make of them is FFmpeg's; frames, times and packets are ours.
import Glibc
import Media

/// Frames that are read, and pixels of each, so that a file takes milliseconds.
private let mostFrames = 12, mostPixels = 1 << 16

func fuzzVideo(_ bytes: [UInt8]) throws {
    var decisions = FuzzBytes(bytes)
    let ending = decisions.pick(["y4m", "avi", "mkv", "ts", "mov", "y4m", "webm", "mp4", "nothing"])
    let hasAudio = decisions.bool(), isFinished = !decisions.once(in: 8)
    let file = FuzzFile(decisions.take(bytes.count)), copy = FuzzFile([])
    let reader: VideoReader
    do throws(MediaError) { reader = try VideoReader(.file(file.path)) } catch {
        return try demand(!error.description.isEmpty, "an error without words")
    }
    let facts = reader.facts
    try demand((1...16_384).contains(facts.width) && (1...16_384).contains(facts.height), "sides of a video")
    try demand(facts.frames.map { $0 > 0 } ?? true && facts.rate.map { $0 > 0 } ?? true, "facts of a video")
    guard facts.width * facts.height <= mostPixels else { return }
    do throws(MediaError) {
        let writer = try VideoWriter(
            descriptor: copy.descriptor, name: "copy." + ending, like: reader, hasAudio: hasAudio, threads: 1)
        try write(reader, to: writer)
        if isFinished { try writer.finish() }
    } catch {
        try demand(!error.description.isEmpty, "an error without words")
    }
}

private func write(_ reader: VideoReader, to writer: VideoWriter) throws(MediaError) {
    var frames = 0, last: Int?
    while frames < mostFrames, let item = try reader.next() {
        switch item {
        case .frame(let frame):
            frames += 1
            precondition(last.map { $0 < frame.time } ?? true, "times do not grow")
            last = frame.time
            try writer.write(frame)
        case .audio(let packet): try writer.write(packet)
        }
    }
}
