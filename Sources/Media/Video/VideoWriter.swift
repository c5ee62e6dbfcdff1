// VideoWriter: frames into a video file, beside the audio of the video that they are from, by FFmpeg's libraries. Where
// the bytes go is decided elsewhere: they come to a file that is open.
import VideoLibraries

/// Writes a video of a reader's size, times, colours and audio. One thread at a time.
public final class VideoWriter: @unchecked Sendable {
    /// Pixels of what is written: of H.264 even, so that an odd video loses its last column or row.
    public let width: Int, height: Int
    /// `h264`
    public let codec: String
    private let name: String
    private let handle: OpaquePointer

    /// - Parameters:
    ///   - descriptor: An open file, or a pipe for a format that never goes back. Stays open.
    ///   - name: Its ending tells the format; for messages, too.
    ///   - hasAudio: Whether the reader's audio comes along.
    ///   - threads: Of the encoder; nil: as many as it likes.
    /// - Throws: ``MediaError`` if FFmpeg has no such format or encoder, or the format cannot hold the audio.
    public init(
        descriptor: Int32, name: String, format: String? = nil, like reader: VideoReader, hasAudio: Bool,
        threads: Int?
    ) throws(MediaError) {
        var words = Words()
        let opened = (format ?? name).withCString { format in
            var wanted = fsv_wanted(
                descriptor: descriptor, name: format, has_audio: hasAudio ? 1 : 0,
                threads: Int32(threads ?? 0))
            return fsv_writer_open(&wanted, reader.handle, &words.bytes)
        }
        guard let opened else { throw MediaError(path: name, reason: words.text) }
        var width: Int32 = 0, height: Int32 = 0
        fsv_writer_size(opened, &width, &height)
        (handle, self.name, self.width, self.height) = (opened, name, Int(width), Int(height))
        codec = String(cString: fsv_writer_codec(opened))
    }

    deinit { fsv_writer_close(handle) }

    /// - frame: of the reader's size; its time is later than the last one's.
    public func write(_ frame: VideoFrame) throws(MediaError) {
        var words = Words()
        try check(
            fsv_writer_frame(
                handle, frame.pixels, Int64(frame.time), Int64(frame.duration), &words.bytes),
            words)
    }

    public func write(_ packet: AudioPacket) throws(MediaError) {
        guard let taken = packet.take() else { return }
        var words = Words()
        try check(fsv_writer_audio(handle, taken, &words.bytes), words)
    }

    /// Call it once, at the end.
    public func finish() throws(MediaError) {
        var words = Words()
        try check(fsv_writer_finish(handle, &words.bytes), words)
    }

    private func check(_ result: Int32, _ words: Words) throws(MediaError) {
        if result != 0 { throw MediaError(path: name, reason: words.text) }
    }
}
