// CRFLook: a look at a photo refined by the dense CRF: the network's maps brought to the photo's own size, or one that
// the CRF is fast enough at, and from there to the photo's by the guided filter. The rounds are MeanField's.

/// A look's probabilities after the dense CRF.
struct CRFLook {
    /// Where the photo lies in the maps: they are the region itself, upright.
    let frame: Frame
    let maps: Buffer, classes: Int
    /// With its coefficients, where the maps are coarser than the photo.
    let enlarging: GuidedStage?

    /// Pixels of the picture that the CRF sees, at most: of a whole photo, and of one head among several.
    static let mostPixels = 1 << 20, mostHeadPixels = 1 << 18

    /// - frame: the network's. seen: its maps, `[1, classes, height, width]`.
    /// - scratch: for the guided filter.
    init(
        _ photo: PixelView, _ frame: Frame, _ seen: Tensor, mostPixels: Int, _ scratch: GuidedScratch,
        _ workers: Workers, progress: ((Float) -> Bool)?
    ) throws(FaceSegError) {
        classes = seen.shape[1]
        let stage = try PhotoStage.upright(photo, frame, mostPixels: mostPixels, workers)
        self.frame = stage.frame
        let size = stage.frame.working, pixels = size.width * size.height
        maps = try Buffer(count: classes * pixels)
        let from = (width: seen.shape[3], height: seen.shape[2])
        let lines = try Buffer(count: workers.threads * from.width)
        PlaneResampling(
            from: from, to: size, place: frame.place(outputWidth: from.width, outputHeight: from.height)
        ).run(seen.read, count: classes, to: maps.start, lines: lines.start, workers)
        let crf = DenseCRF()
        try crf.check(width: size.width, height: size.height)
        try MeanField(crf: crf, width: size.width, height: size.height, classes: classes).run(
            guide: stage.planes, maps: maps.start, workers, progress: progress)
        let isReduced = Double(pixels) < 0.99 * stage.frame.uprightWidth * stage.frame.uprightHeight
        guard isReduced else {
            enlarging = nil
            return
        }
        let guided = try GuidedStage(
            stage.frame, width: photo.width, height: photo.height,
            map: Shape([1, classes, size.height, size.width]), workers: workers)
        try scratch.reserve(for: guided)
        guided.fill(UnsafePointer(maps.start), planes: stage.planes, scratch, workers)
        if workers.isCancelled { throw .cancelled }
        enlarging = guided
    }

    /// - photo: stays where it is as long as the rows are asked for.
    func rows(_ photo: PixelView, _ workers: Workers) throws(FaceSegError) -> PhotoRows {
        if let enlarging { return .guided(enlarging, photo) }
        let size = frame.working
        let stage = try ResultStage(
            frame, width: photo.width, height: photo.height,
            MapPlace(
                channels: classes, width: size.width, height: size.height,
                place: (0, 0, Double(size.width), Double(size.height)), outside: 1),
            workers: workers)
        return .linear(stage, MapValues(start: UnsafePointer(maps.start), owner: maps))
    }
}
