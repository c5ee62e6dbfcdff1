// VideoReader: frames of a video file, of standard input or of a camera, by FFmpeg's libraries.
import VideoLibraries

/// What a video says of itself.
public struct VideoFacts: Sendable {
    /// Pixels, upright.
    public let width: Int, height: Int
    public let audioStreams: Int
    /// As the file says; nil: unknown.
    public let frames: Int?
    /// Frames a second on average; nil: unknown.
    public let rate: Double?
    /// Seconds of one step of frames' times.
    public let tick: Double
}

/// Where frames come from.
public enum VideoSource: Sendable {
    /// A file, or an address with `://`.
    case file(String)
    case standardInput
    /// A device of Video4Linux such as /dev/video0, its pictures of a size like `1280x720`; nil: its own.
    case camera(String, size: String?)

    public var name: String {
        switch self {
        case .file(let path), .camera(let path, _): path
        case .standardInput: standardInputName
        }
    }

    /// As FFmpeg is told: a file's name is never taken for an address.
    fileprivate var address: String {
        switch self {
        case .file(let path): path.contains("://") ? path : "file:" + path
        case .standardInput: "pipe:0"
        case .camera(let path, _): path
        }
    }
}

/// Reads frames in their order, upright, all of the first one's size. One thread at a time.
public final class VideoReader: @unchecked Sendable {
    public let name: String, facts: VideoFacts
    let handle: OpaquePointer

    /// What comes next.
    public enum Item: Sendable {
        case frame(VideoFrame)
        case audio(AudioPacket)
    }

    /// - Throws: ``MediaError`` if there is no video that can be read.
    public init(_ source: VideoSource) throws(MediaError) {
        name = source.name
        var isCamera = false, size: String?
        if case .camera(_, let wanted) = source { (isCamera, size) = (true, wanted) }
        var found = fsv_found(), words = Words()
        let opened =
            if let size {
                fsv_reader_open(source.address, 1, size, &found, &words.bytes)
            } else {
                fsv_reader_open(source.address, isCamera ? 1 : 0, nil, &found, &words.bytes)
            }
        guard let opened else { throw MediaError(path: name, reason: words.text) }
        handle = opened
        facts = VideoFacts(
            width: Int(found.width), height: Int(found.height), audioStreams: Int(found.audio_streams),
            frames: found.frames > 0 ? Int(found.frames) : nil, rate: found.rate > 0 ? found.rate : nil,
            tick: found.tick)
    }

    deinit { fsv_reader_close(handle) }

    /// The next frame or packet of audio; nil at the end.
    ///
    /// - Throws: ``MediaError`` when the file cannot be read any further.
    public func next() throws(MediaError) -> Item? {
        var item = fsv_item(), words = Words()
        guard fsv_reader_next(handle, &item, &words.bytes) == 0 else { throw failure(words) }
        switch item.kind {
        case FSV_FRAME: return .frame(try picture(item))
        case FSV_AUDIO: return .audio(AudioPacket(item.packet))
        default: return nil
        }
    }

    /// Packets so far that were damaged.
    public var damagedPackets: Int { Int(fsv_reader_damaged(handle)) }

    /// At the end: whether the file stops in the middle of something.
    public var isCutOff: Bool { fsv_reader_is_cut_off(handle) != 0 }

    private func picture(_ item: fsv_item) throws(MediaError) -> VideoFrame {
        let frame = VideoFrame(width: facts.width, height: facts.height, slack: Int(FSV_SLACK))
        (frame.time, frame.duration) = (Int(item.time), Int(item.duration))
        var words = Words()
        guard fsv_reader_picture(handle, frame.pixels, &words.bytes) == 0 else { throw failure(words) }
        return frame
    }

    private func failure(_ words: Words) -> MediaError { MediaError(path: name, reason: words.text) }
}

/// A piece of audio as it is in the file.
public final class AudioPacket: @unchecked Sendable {
    private var packet: UnsafeMutableRawPointer?

    fileprivate init(_ packet: UnsafeMutableRawPointer?) { self.packet = packet }

    deinit { if let packet { fsv_packet_free(packet) } }

    /// Whoever takes it frees it.
    func take() -> UnsafeMutableRawPointer? {
        defer { packet = nil }
        return packet
    }
}

/// Where the C side writes why it failed.
struct Words {
    var bytes = [CChar](repeating: 0, count: Int(FSV_MESSAGE))

    var text: String { bytes.withUnsafeBufferPointer { String(cString: $0.baseAddress!) } }
}
