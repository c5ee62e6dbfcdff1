// Segmenter+Frames: frames of video as cameras and decoders give them, in.

extension Segmenter {
    /// Segments a frame. Its memory is read during this call alone: red, green and blue of it are kept for the results.
    ///
    /// - Parameters:
    ///   - frame: NV12, NV21 or I420.
    ///   - region: A part of the frame; outside it all is background. nil: the whole frame.
    ///   - orientation: How far the frame's memory must be turned clockwise to be upright. Results are not turned.
    ///   - progress: Called in this thread with the share that is done, 0...1; false cancels.
    /// - Throws: As for photos.
    public func run(
        _ frame: FrameView, region: Region? = nil, orientation: Orientation = .up,
        progress: ((Float) -> Bool)? = nil
    ) throws(FaceSegError) {
        let photo = try alone { () throws(FaceSegError) in
            forgetPhoto()  // which may be what lies in the memory that is written now
            let memory = try photoMemory(bytes: 3 * frame.width * frame.height)
            workers.allow()
            frame.convert(to: memory.bytes, workers)
            return try PixelView(
                pixels: memory.bytes, width: frame.width, height: frame.height, rowBytes: 3 * frame.width,
                format: .rgb)
        }
        try run(photo, isKept: true, region: region, orientation: orientation, progress: progress)
    }
}
