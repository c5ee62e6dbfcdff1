// Segmenter+Frames: frames of video as cameras and decoders give them, in. The network's input is made of their planes;
// their pixels are made where a result or a refinement reads them.

extension Segmenter {
    /// Segments a frame. Its memory is read during this call alone: what results need of it is kept.
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
            return try PixelView(
                pixels: photoMemory(bytes: 3 * frame.width * frame.height).bytes, width: frame.width,
                height: frame.height, rowBytes: 3 * frame.width, format: .rgb)
        }
        try run(
            photo, isKept: true, of: frame, region: region, orientation: orientation, progress: progress)
    }

    /// Makes a frame's pixels, or keeps its planes for an overlay that may be asked for, which is less to do.
    func take(_ frame: FrameView, pixelsAreRead: Bool) throws(FaceSegError) {
        unreadFrame = pixelsAreRead ? nil : try copy(of: frame)
        if pixelsAreRead, let photoCopy { frame.convert(to: photoCopy.bytes, workers) }
    }

    /// The pixels of the last frame into its photo, if they are not there yet.
    func readFrame() {
        guard let frame = unreadFrame, let photoCopy else { return }
        workers.allow()  // a cancel that came after the run is about nothing
        frame.convert(to: photoCopy.bytes, workers)
        if !workers.isCancelled { unreadFrame = nil }
    }

    private func copy(of frame: FrameView) throws(FaceSegError) -> FrameView {
        let (width, height) = (frame.width, frame.height), rows = (height + 1) / 2
        // Where blue and red differences take turns, each plane has the other's, too.
        let chromaRow = ((width + 1) / 2 - 1) * frame.chromaStep + 1
        let bytes = width * height + 2 * rows * chromaRow
        let memory = try kept(\.frameCopy, { $0.count == (bytes + 3) / 4 }) { () throws(FaceSegError) in
            try Buffer(bytes: bytes)
        }
        let luma = memory.bytes, blue = luma + width * height, red = blue + rows * chromaRow
        copyRows(frame.luma, frame.lumaRowBytes, count: height, bytes: width, to: luma)
        copyRows(frame.chroma.blue, frame.chromaRowBytes.blue, count: rows, bytes: chromaRow, to: blue)
        copyRows(frame.chroma.red, frame.chromaRowBytes.red, count: rows, bytes: chromaRow, to: red)
        return frame.inMemory(luma: luma, blue: blue, red: red, chromaRowBytes: chromaRow)
    }
}
