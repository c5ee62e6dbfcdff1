// VideoFrame: one picture of a video with its time. Not a Photo: its memory is handed from thread to thread and never
// copied.

/// A picture, `UInt8 [height, width, 3]` of R, G, B without gaps.
///
/// One thread at a time: whoever has it from a queue owns it.
public final class VideoFrame: @unchecked Sendable {
    public let width: Int, height: Int
    public let pixels: UnsafeMutablePointer<UInt8>
    /// In ticks of the video that it is from, since the beginning; duration 0: unknown.
    public var time = 0, duration = 0

    /// - slack: bytes that may be written behind the pixels.
    public init(width: Int, height: Int, slack: Int = 0) {
        (self.width, self.height) = (width, height)
        pixels = .allocate(capacity: width * height * 3 + slack)
    }

    deinit { pixels.deallocate() }

    public var byteCount: Int { width * height * 3 }
}
