// Segmenter+Steady: whose frames are one video's. What is kept of the past, and how it counts, is Refinement/SteadyStage.

extension Segmenter {
    /// Makes the next photo the first of a video: nothing of those before is used for it.
    ///
    /// For a steady segmenter (``init(_:threads:precision:refinement:crowds:steady:memoryLimit:)``) whose source
    /// changes; cuts within a video, and photos of other sizes, regions or orientations, it notices itself.
    ///
    ///     let camera = try Segmenter(model, steady: true)
    ///     try camera.run(rgb.span, width: width, height: height)
    ///     camera.beginVideo()
    public func beginVideo() { steadyStage?.forget() }

    /// The past of such photos; nil: the segmenter sees no video.
    func steadyStage(_ frame: Frame, _ photo: PixelView, _ map: Shape) throws(FaceSegError) -> SteadyStage? {
        guard isSteady else { return nil }
        if let known = steadyStage, known.serves(frame, photo.layout, map: map) { return known }
        steadyStage = nil  // both are never held
        let stage = try SteadyStage(
            frame, photo.layout, map: map, isGuide: refinement.isGuided, workers: workers)
        steadyStage = stage
        return stage
    }
}
