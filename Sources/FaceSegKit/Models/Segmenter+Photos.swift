// Segmenter+Photos: a photo in, then as many results of it as are wanted, each into the caller's memory, by pointer.

/// What an alpha plane shows.
public enum Target: Int32, Sendable, CaseIterable {
    /// Skin, ears and neck.
    case face = 1
    /// Hair.
    case hair = 2
    /// Face and hair.
    case head = 3
}

extension Segmenter {
    /// Segments a photo. Its memory is borrowed until the next run.
    ///
    /// - Parameters:
    ///   - photo: Stays as it is until the next run, or until the segmenter is freed.
    ///   - region: A part of the photo; outside it all is background. nil: the whole photo.
    ///   - orientation: How far the photo's memory must be turned clockwise to be upright. Results are not turned.
    ///   - progress: Called in this thread with the share that is done, 0...1; false cancels.
    /// - Throws: ``FaceSegError/argument(_:)`` for a region out of bounds, ``FaceSegError/shape(layer:expected:got:)``
    ///   if the network does not take one picture of three channels, ``FaceSegError/memory(needed:reason:)``,
    ///   ``FaceSegError/cancelled``.
    public func run(
        _ photo: PixelView, region: Region? = nil, orientation: Orientation = .up,
        progress: ((Float) -> Bool)? = nil
    ) throws(FaceSegError) {
        try run(photo, isKept: true, region: region, orientation: orientation, progress: progress)
    }

    /// - isKept: whether the photo's memory outlives this run.
    /// - video: what the photo, in ``photoCopy``, is to be made of; nil: it is one already.
    func run(
        _ photo: PixelView, isKept: Bool, of video: FrameView? = nil, region: Region?,
        orientation: Orientation, progress: ((Float) -> Bool)?
    ) throws(FaceSegError) {
        try alone { () throws(FaceSegError) in
            try runAlone(photo, isKept: isKept, video, region, orientation, progress)
        }
    }

    private func runAlone(
        _ photo: PixelView, isKept: Bool, _ video: FrameView?, _ region: Region?, _ orientation: Orientation,
        _ progress: ((Float) -> Bool)?
    ) throws(FaceSegError) {
        forgetPhoto()
        let frame = try Frame(
            width: photo.width, height: photo.height, region: region, orientation: orientation,
            model.preprocessing)
        workers.allow()
        try checkFinished()  // before a plan is made
        let request = headRequest(photo, region, orientation)
        let shown =
            request == nil ? progress : progress.map { progress in { progress($0 * CrowdShares.whole) } }
        let stage = try photoStage(photo, frame, isForVideo: video != nil)
        if let video {
            let areRead = refinement != .none || isSteady || request != nil || !frame.isStraight
            try take(video, pixelsAreRead: areRead)
        }
        stage.video = video
        defer { stage.video = nil }
        let look = try self.look(
            photo, frame, stage, isRefined: true, isWhole: true, progress: shown)
        let kept = isKept || refinement == .none ? photo : try copy(of: photo)
        var rows = try rows(look, kept, isWhole: true, isLast: request == nil), looks: [CrowdLook]?
        if let request, look.maps.shape[1] == model.classCount {
            let found = try crowdLooks(photo, kept, request, whole: look, progress)
            rows = .merged(
                try MergedRows(
                    rows, found, width: photo.width, classes: look.maps.shape[1], workers: workers))
            looks = found
        }
        result = PhotoResult(
            layout: photo.layout, photo: isKept ? photo : nil, kept: kept, rows: rows,
            classes: look.maps.shape[1],
            looks: looks, whole: look)
    }

    /// Runs the network on a part of the photo.
    ///
    /// - isRefined: whether rows will be asked for.
    /// - isWhole: whether it is the look at the whole photo, whose stages are kept for the next one.
    func look(
        _ photo: PixelView, _ frame: Frame, _ stage: PhotoStage, isRefined: Bool, isWhole: Bool,
        progress: ((Float) -> Bool)?
    ) throws(FaceSegError) -> Look {
        let plan = try photoPlan(frame), maps = plan.outputs[0]
        let refining =
            isRefined && refinement.isGuided
            ? try guidedStage(frame, photo, maps.shape, isWhole: isWhole) : nil
        if let refining { try guidedScratch.reserve(for: refining) }
        let steady = isWhole ? try steadyStage(frame, photo, maps.shape) : nil
        refining?.held = steady?.photo
        let isForCRF = isRefined && refinement == .crf
        let shown =
            isForCRF ? progress.map { progress in { progress($0 * Self.networkShare) } } : progress
        var failure: FaceSegError?
        workers.lead {
            stage.fill(plan.inputs[0], photo, workers)
            do throws(FaceSegError) { try plan.run(workers, progress: shown) } catch { failure = error }
            if failure == nil, !model.endsInSoftmax { maps.softmaxInPlace(workers) }
            if failure == nil { steady?.run(maps.start, planes: stage.planes, photo, workers) }
            if failure == nil, let refining {
                refining.fill(
                    maps.read, planes: steady?.planes ?? stage.planes, guidedScratch, workers)
            }
        }
        if let failure { throw failure }
        try checkFinished()
        let refined = isForCRF ? try crfLook(photo, frame, maps, isWhole: isWhole, progress) : nil
        return Look(frame: frame, maps: maps, plan: plan, refining: refining, refined: refined)
    }

    /// How much of a look the network is, roughly, where the dense CRF follows.
    private static let networkShare: Float = 0.2

    private func crfLook(
        _ photo: PixelView, _ frame: Frame, _ maps: Tensor, isWhole: Bool, _ progress: ((Float) -> Bool)?
    ) throws(FaceSegError) -> CRFLook {
        try CRFLook(
            photo, frame, maps, mostPixels: isWhole ? CRFLook.mostPixels : CRFLook.mostHeadPixels,
            guidedScratch, workers,
            progress: progress.map { progress in
                { progress(Self.networkShare + (1 - Self.networkShare) * $0) }
            })
    }

    /// - photo: stays where it is as long as the rows are asked for.
    /// - isWhole: as of the look.
    /// - isLast: whether no other look, which may take its maps' place, is still to come.
    func rows(
        _ look: Look, _ photo: PixelView, isWhole: Bool, isLast: Bool
    ) throws(FaceSegError) -> PhotoRows {
        if let refined = look.refined { return try refined.rows(photo, workers) }
        if let refining = look.refining { return .guided(refining, photo) }
        let stage = try resultStage(look.frame, photo, look.maps.shape, isWhole: isWhole)
        return .linear(
            stage,
            isLast
                ? MapValues(start: look.maps.read, owner: look.plan) : try MapValues(copying: look.maps))
    }

    /// A plan from one picture of the frame's size to a map for each class.
    private func photoPlan(_ frame: Frame) throws(FaceSegError) -> Plan {
        let network = model.network
        let shape = try Shape([1, 3, frame.input.height, frame.input.width])
        guard network.inputs.count == 1 else {
            throw .shape(layer: "input", expected: "one input", got: "\(network.inputs.count)")
        }
        let plan = try plan([shape], outputs: [output])
        let maps = plan.outputs[0].shape
        guard maps.rank == 4, maps[0] == 1, (2...256).contains(maps[1]) else {
            throw .shape(
                layer: network.valueNames[output], expected: "1 x 2...256 x height x width", got: "\(maps)")
        }
        return plan
    }

    /// Gives the last photo's memory back: its results cannot be had any more.
    package func forgetPhoto() { (result, unreadFrame) = (nil, nil) }

    /// The likeliest class of each pixel of the last photo into `out`, bytes.
    ///
    /// - Parameter out: As wide and high as the photo.
    /// - Throws: ``FaceSegError/argument(_:)`` for floats or rows that are too short, ``FaceSegError/noResult``,
    ///   ``FaceSegError/cancelled``.
    public func labels(into out: PlaneView) throws(FaceSegError) {
        guard out.element == .byte else { throw .argument("labels are bytes: the plane's type must be U8") }
        let result = try current(out)
        nonisolated(unsafe) let plane = out
        let classes = result.classes, width = result.layout.width, cpu = workers.cpu
        try forEachRow(result) { row, _, probabilities in
            labelRow(probabilities, classes, width, plane.bytes(row), cpu)
        }
    }

    /// The probability of a class into `out`: 0...1, or 0...255 as bytes.
    ///
    /// - Parameters:
    ///   - index: The class, from 0.
    ///   - out: As wide and high as the photo.
    /// - Throws: ``FaceSegError/argument(_:)`` for another class or rows that are too short,
    ///   ``FaceSegError/noResult``, ``FaceSegError/cancelled``.
    public func probability(of index: Int, into out: PlaneView) throws(FaceSegError) {
        let result = try current(out)
        guard (0..<result.classes).contains(index) else {
            throw .argument("class \(index) is not between 0 and \(result.classes - 1)")
        }
        try sum([index], result, out)
    }

    /// How much of each pixel belongs to a target: 0...1, or 0...255 as bytes.
    ///
    /// Of their probabilities together a quarter and less is nothing, three quarters and more all, so that what the
    /// network hardly believes leaves no shadow; with ``Refinement/matting`` it is solved for. The classes named "face" and "hair" count, or where there are none, classes 1 and 2.
    ///
    /// - Parameters:
    ///   - target: Face, hair or both.
    ///   - out: As wide and high as the photo.
    /// - Throws: ``FaceSegError/argument(_:)`` if the model has no such class or rows are too short,
    ///   ``FaceSegError/noResult``, ``FaceSegError/cancelled``.
    public func alpha(of target: Target, into out: PlaneView) throws(FaceSegError) {
        let result = try current(out)
        var (face, hair) = (model.place(ofClass: "face"), model.place(ofClass: "hair"))
        if face == nil, hair == nil { (face, hair) = (1, 2) }
        let wanted = target == .face ? [face] : target == .hair ? [hair] : [face, hair]
        let classes = wanted.compactMap { $0 }
        guard !classes.isEmpty, classes.allSatisfy({ $0 < result.classes }) else {
            throw .argument("the model has \(result.classes) classes, none of them \(target)")
        }
        if refinement == .matting { return try mattedAlpha(classes, result, into: out) }
        try sum(classes, result, out, isDecided: true)
    }

    /// The photo with each class but 0 half painted over it in the VOC palette: `[height, width, 3]`, R, G, B.
    /// Reads the photo again.
    ///
    /// - Parameter out: Bytes, as high as the photo and three times as wide.
    /// - Throws: ``FaceSegError/argument(_:)`` for floats, rows that are too short, or a photo that was run as a span
    ///   and so lent for that run alone, ``FaceSegError/noResult``, ``FaceSegError/cancelled``.
    public func overlay(into out: PlaneView) throws(FaceSegError) {
        guard let result else { throw .noResult }
        guard let photo = result.photo else {
            throw .argument("the last photo was lent for its run alone: hand it to overlay(on:into:) again")
        }
        readFrame()
        try overlay(on: photo, into: out)
    }

    /// - photo: laid out as the last one.
    func overlay(on photo: PixelView, into out: PlaneView) throws(FaceSegError) {
        guard out.element == .byte else { throw .argument("overlays are bytes: the plane's type must be U8") }
        let result = try current(out, pixelBytes: 3)
        nonisolated(unsafe) let plane = out, photo = photo
        let labels = try Buffer(count: (photo.width + 3) / 4 * photo.height)
        nonisolated(unsafe) let rows = labels.bytes
        let classes = result.classes, width = photo.width, cpu = workers.cpu
        try forEachRow(result) { row, _, probabilities in
            labelRow(probabilities, classes, width, rows + row * width, cpu)
            overlayRow(photo, row, rows + row * width, plane.bytes(row))
        }
    }

    /// Makes the probabilities of each row at the photo's size for `body`; several threads, each a worker of its own.
    func forEachRow(
        _ result: PhotoResult,
        _ body: @Sendable (_ row: Int, _ worker: Int, _ probabilities: UnsafeMutablePointer<Float>) -> Void
    ) throws(FaceSegError) {
        let width = result.layout.width, classes = result.classes, cpu = workers.cpu
        let count = classes * width * workers.threads
        let whole =
            result.rows.coverPhoto
            ? nil
            : try kept(\.lastRows, { $0.count == count }) { () throws(FaceSegError) in
                try Buffer(count: count)
            }
        nonisolated(unsafe) let rows = result.rows, buffer = whole?.start
        try alone { () throws(FaceSegError) in
            rows.begin()
            workers.forEachWorker(result.layout.height) { row, worker in
                let part = rows.part(row, worker: worker, cpu)
                guard let buffer else { return body(row, worker, part!.values) }
                let out = buffer + worker * classes * width
                part.lay(on: out, width: width, classes: classes)
                body(row, worker, out)
            }
            try checkFinished()
        }
    }

    private func current(_ out: PlaneView, pixelBytes: Int = 1) throws(FaceSegError) -> PhotoResult {
        guard let result else { throw .noResult }
        try out.check(width: result.layout.width, pixelBytes: pixelBytes)
        workers.allow()  // a cancel that came after the run is about nothing
        return result
    }

    /// The sum of some classes' probabilities.
    ///
    /// - isDecided: as alpha, where what is hardly believed is nothing, and what is hardly doubted all.
    func sum(
        _ classes: [Int], _ result: PhotoResult, _ out: PlaneView, isDecided: Bool = false
    ) throws(FaceSegError) {
        nonisolated(unsafe) let plane = out
        let width = result.layout.width, cpu = workers.cpu
        try forEachRow(result) { row, _, probabilities in
            let first = probabilities + classes[0] * width
            for index in classes.dropFirst() {
                for i in 0..<width { first[i] += probabilities[index * width + i] }
            }
            if isDecided { alphaRow(first, width, cpu) }
            if plane.element == .float {
                plane.floats(row).update(from: first, count: width)
            } else {
                byteRow(first, width, plane.bytes(row), cpu)
            }
        }
    }

    /// A cancel in the middle leaves rows unwritten.
    private func checkFinished() throws(FaceSegError) {
        if workers.isCancelled { throw .cancelled }
    }

    /// What was made for the photo before, if it serves this one too, else a new one, which is kept for the next.
    func kept<Stage>(
        _ place: ReferenceWritableKeyPath<Segmenter, Stage?>, _ serves: (Stage) -> Bool,
        _ make: () throws(FaceSegError) -> Stage
    ) throws(FaceSegError) -> Stage {
        if let known = self[keyPath: place], serves(known) { return known }
        let stage = try make()
        self[keyPath: place] = stage
        return stage
    }

    private func photoStage(
        _ photo: PixelView, _ frame: Frame, isForVideo: Bool
    ) throws(FaceSegError) -> PhotoStage {
        try kept(\.lastPhotoStage, { $0.serves(photo, frame, isForVideo: isForVideo) }) {
            () throws(FaceSegError) in
            try PhotoStage(photo, frame, model.preprocessing, isForVideo: isForVideo, workers: workers)
        }
    }

    private func resultStage(
        _ frame: Frame, _ photo: PixelView, _ map: Shape, isWhole: Bool
    ) throws(FaceSegError) -> ResultStage {
        let (width, height) = (photo.width, photo.height)
        let make = { [workers] () throws(FaceSegError) in
            try ResultStage(frame, width: width, height: height, MapPlace(map, frame), workers: workers)
        }
        guard isWhole else { return try make() }
        return try kept(
            \.lastResultStage, { $0.serves(frame, width: width, height: height, map: map) }, make)
    }

    private func guidedStage(
        _ frame: Frame, _ photo: PixelView, _ map: Shape, isWhole: Bool
    ) throws(FaceSegError) -> GuidedStage {
        let (width, height) = (photo.width, photo.height)
        let make = { [workers] () throws(FaceSegError) in
            try GuidedStage(frame, width: width, height: height, map: map, workers: workers)
        }
        guard isWhole else { return try make() }
        return try kept(
            \.lastGuidedStage, { $0.serves(frame, width: width, height: height, map: map) }, make)
    }

    /// Memory of its own for a photo, where the one before was.
    func photoMemory(bytes: Int) throws(FaceSegError) -> Buffer {
        let floats = (bytes + 3) / 4
        if photoCopy?.count != floats { photoCopy = nil }  // both are never held
        let memory = if let photoCopy { photoCopy } else { try Buffer(count: floats) }
        photoCopy = memory
        return memory
    }

    /// A photo that was lent for a run, for the results that are fetched after it. Replaces the one before.
    private func copy(of photo: PixelView) throws(FaceSegError) -> PixelView {
        let rowBytes = photo.width * photo.format.bytes
        let bytes = try photoMemory(bytes: rowBytes * photo.height).bytes
        copyRows(photo.pixels, photo.rowBytes, count: photo.height, bytes: rowBytes, to: bytes)
        return try PixelView(
            pixels: bytes, width: photo.width, height: photo.height, rowBytes: rowBytes, format: photo.format)
    }
}

/// Rows into memory where they lie without gaps.
func copyRows(
    _ source: UnsafePointer<UInt8>, _ rowBytes: Int, count: Int, bytes: Int,
    to destination: UnsafeMutablePointer<UInt8>
) {
    for row in 0..<count { (destination + row * bytes).update(from: source + row * rowBytes, count: bytes) }
}

extension RowPart? {
    /// A whole row, `[classes, width]`: background where there is no part.
    fileprivate func lay(on out: UnsafeMutablePointer<Float>, width: Int, classes: Int) {
        out.update(repeating: 1, count: width)
        (out + width).update(repeating: 0, count: (classes - 1) * width)
        guard let part = self else { return }
        for c in 0..<classes {
            (out + c * width + part.columns.lowerBound).update(
                from: part.values + c * part.step, count: part.columns.count)
        }
    }
}

extension Network {
    /// Whether the main output holds probabilities already.
    var endsInSoftmax: Bool {
        let output = mainOutput
        guard let last = layers.last(where: { $0.outputs.contains(output) }) else { return false }
        if case .softmax = last.operation { return true }
        return false
    }
}
