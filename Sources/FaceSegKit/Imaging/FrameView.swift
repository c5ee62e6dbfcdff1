// FrameView: a camera's or a decoder's frame in memory that somebody else owns: brightness, and colours at half its
// size. Borrowed as PixelView is. Its way to red, green and blue stands in FrameView+Kernels.

/// A frame of video in NV12, NV21 or I420, by pointer.
///
/// For hosts that have a camera's or a decoder's planes:
///
///     let nv12 = [UInt8](repeating: 128, count: width * height * 3 / 2)  // of even sides
///     let labels = try nv12.withUnsafeBufferPointer { bytes in
///         let luma = bytes.baseAddress!, chroma = luma + width * height
///         let frame = try FrameView(
///             luma: luma, lumaRowBytes: width, chroma: (chroma, chroma + 1), chromaRowBytes: (width, width),
///             chromaStep: 2, width: width, height: height)
///         try segmenter.run(frame)
///         return try segmenter.labels()
///     }
///     print(labels[0, 0])
@unsafe public struct FrameView {
    /// Which colours the numbers mean.
    public enum Matrix: Int32, Sendable, CaseIterable {
        /// Rec. ITU-R BT.601, as cameras and small videos have it.
        case bt601 = 0
        /// Rec. ITU-R BT.709, as videos of 720 rows and more have it.
        case bt709 = 1
    }

    /// Brightness of the first pixel of the first row.
    public private(set) var luma: UnsafePointer<UInt8>
    /// The first blue difference (Cb, U), and the first red one (Cr, V). They are for four pixels each; sides of odd
    /// length are rounded up.
    public private(set) var chroma: (blue: UnsafePointer<UInt8>, red: UnsafePointer<UInt8>)
    /// Bytes from row to row.
    public private(set) var lumaRowBytes: Int, chromaRowBytes: (blue: Int, red: Int)
    /// Bytes from one difference to the next of its kind: 2 in NV12 and NV21, where they take turns, 1 in I420.
    public let chromaStep: Int
    /// Pixels a row, and rows.
    public let width: Int, height: Int
    /// Which colours the numbers mean.
    public let matrix: Matrix
    /// Whether brightness is 0...255 and differences 1...255, as JPEG has them, not 16...235 and 16...240.
    public let isFullRange: Bool

    /// - Parameters:
    ///   - luma: Brightness of the first pixel of the first row.
    ///   - lumaRowBytes: From row to row, at least `width`.
    ///   - chroma: The first blue difference (Cb, U) and the first red one (Cr, V).
    ///   - chromaRowBytes: From row to row of the blue ones and of the red ones, at least `chromaStep` times half the
    ///     width, rounded up.
    ///   - chromaStep: 2 where blue and red ones take turns (NV12, NV21), 1 where each have their own rows (I420).
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - matrix: Which colours the numbers mean.
    ///   - isFullRange: Whether they are 0...255, and not 16...235 and 16...240.
    /// - Throws: ``FaceSegError/argument(_:)`` for sides or a step out of range or rows that are too short.
    public init(
        luma: UnsafePointer<UInt8>, lumaRowBytes: Int,
        chroma: (blue: UnsafePointer<UInt8>, red: UnsafePointer<UInt8>),
        chromaRowBytes: (blue: Int, red: Int),
        chromaStep: Int, width: Int, height: Int, matrix: Matrix = .bt601, isFullRange: Bool = false
    ) throws(FaceSegError) {
        _ = try PixelLayout(width: width, height: height, rowBytes: lumaRowBytes, format: .gray)
        guard 1...2 ~= chromaStep else { throw .argument("chroma step \(chromaStep) is neither 1 nor 2") }
        for rowBytes in [chromaRowBytes.blue, chromaRowBytes.red] {
            do throws(FaceSegError) {
                try checkRowBytes(rowBytes, width: (width + 1) / 2, pixelBytes: chromaStep)
            } catch .argument(let message) {
                throw .argument("chroma, of half the frame's size: " + message)
            }
        }
        (self.luma, self.lumaRowBytes, self.chroma) = (luma, lumaRowBytes, chroma)
        (self.chromaRowBytes, self.chromaStep) = (chromaRowBytes, chromaStep)
        (self.width, self.height, self.matrix, self.isFullRange) = (width, height, matrix, isFullRange)
    }

    /// The same frame in other memory, rows without gaps.
    func inMemory(
        luma: UnsafePointer<UInt8>, blue: UnsafePointer<UInt8>, red: UnsafePointer<UInt8>,
        chromaRowBytes: Int
    ) -> FrameView {
        var frame = self
        (frame.luma, frame.lumaRowBytes, frame.chroma) = (luma, width, (blue, red))
        frame.chromaRowBytes = (chromaRowBytes, chromaRowBytes)
        return frame
    }
}
