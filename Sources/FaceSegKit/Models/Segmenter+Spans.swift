// Segmenter+Spans: photos and results as spans and arrays. Nothing here can read or write memory that is gone: a photo
// is lent for the call alone; what guided results read of it is a copy, and overlays are handed it again. The forms by
// pointer are in Segmenter+Photos.

extension Segmenter {
    /// The labels of a photo, in one call.
    ///
    ///     let labels = try segmenter.segment(rgb.span, width: width, height: height)
    ///     print("hair pixels:", labels.pixels.count { $0 == 2 })
    ///
    /// Parameters and errors are those of `run`. Other results of the photo may be asked for afterwards.
    public func segment(
        _ pixels: Span<UInt8>, width: Int, height: Int, rowBytes: Int? = nil, format: PixelFormat = .rgb,
        region: Region? = nil, orientation: Orientation = .up
    ) throws(FaceSegError) -> Plane<UInt8> {
        try run(
            pixels, width: width, height: height, rowBytes: rowBytes, format: format, region: region,
            orientation: orientation)
        return try labels()
    }

    /// Segments a photo. Results are then fetched, as many as are wanted; for guided ones the photo is copied.
    ///
    ///     try segmenter.run(rgb.span, width: width, height: height)
    ///     let labels = try segmenter.labels()
    ///     let head = try segmenter.alpha(of: .head)
    ///     print(labels[0, 0], head[0, 0])
    ///
    /// - Parameters:
    ///   - pixels: The photo, row after row; lent for this call.
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - rowBytes: From row to row, at least `width` times the bytes of a pixel; nil: just as many.
    ///   - format: The order of a pixel's channels.
    ///   - region: A part of the photo; outside it all is background. nil: the whole photo.
    ///   - orientation: How far the photo must be turned clockwise to be upright. Results are not turned.
    ///   - progress: Called in this thread with the share that is done, 0...1; false cancels.
    /// - Throws: ``FaceSegError/argument(_:)`` for sides out of range, too few bytes, or a region out of bounds,
    ///   ``FaceSegError/shape(layer:expected:got:)`` if the network does not take one picture of three channels,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func run(
        _ pixels: Span<UInt8>, width: Int, height: Int, rowBytes: Int? = nil, format: PixelFormat = .rgb,
        region: Region? = nil, orientation: Orientation = .up, progress: ((Float) -> Bool)? = nil
    ) throws(FaceSegError) {
        try run(
            pixels.bytes, width: width, height: height, rowBytes: rowBytes, format: format, region: region,
            orientation: orientation, progress: progress)
    }

    /// The same for bytes of any kind.
    ///
    ///     let gray: [UInt16] = Array(repeating: 0x8080, count: width * height / 2)
    ///     try segmenter.run(gray.span.bytes, width: width, height: height, format: .gray)
    ///
    /// - Parameters:
    ///   - pixels: The photo, row after row; lent for this call.
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - rowBytes: From row to row, at least `width` times the bytes of a pixel; nil: just as many.
    ///   - format: The order of a pixel's channels.
    ///   - region: A part of the photo; outside it all is background. nil: the whole photo.
    ///   - orientation: How far the photo must be turned clockwise to be upright. Results are not turned.
    ///   - progress: Called in this thread with the share that is done, 0...1; false cancels.
    /// - Throws: As for a span of bytes.
    public func run(
        _ pixels: RawSpan, width: Int, height: Int, rowBytes: Int? = nil, format: PixelFormat = .rgb,
        region: Region? = nil, orientation: Orientation = .up, progress: ((Float) -> Bool)? = nil
    ) throws(FaceSegError) {
        forgetPhoto()  // also where this photo is refused: the one before may be gone
        let layout = try PixelLayout(width: width, height: height, rowBytes: rowBytes, format: format)
        try pixels.withPhoto(layout) { (photo) throws(FaceSegError) in
            try run(photo, isKept: false, region: region, orientation: orientation, progress: progress)
        }
    }

    /// The likeliest class of each pixel of the last photo.
    ///
    /// - Returns: Labels from 0, as wide and high as the photo.
    /// - Throws: ``FaceSegError/noResult``, ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func labels() throws(FaceSegError) -> Plane<UInt8> {
        try plane { (out) throws(FaceSegError) in try labels(into: &out) }
    }

    /// The likeliest class of each pixel of the last photo into memory of the caller's.
    ///
    ///     var memory = [UInt8](repeating: 0, count: width * height)
    ///     try segmenter.run(rgb.span, width: width, height: height)
    ///     var labels = memory.mutableSpan
    ///     try segmenter.labels(into: &labels)
    ///
    /// - Parameters:
    ///   - out: As high as the photo; bytes between rows stay.
    ///   - rowBytes: From row to row, at least the photo's width; nil: just as many.
    /// - Throws: ``FaceSegError/argument(_:)`` for rows that are too short or too few, ``FaceSegError/noResult``,
    ///   ``FaceSegError/cancelled``.
    public func labels(into out: inout MutableSpan<UInt8>, rowBytes: Int? = nil) throws(FaceSegError) {
        try write(&out, rowBytes, .byte) { (plane) throws(FaceSegError) in try labels(into: plane) }
    }

    /// The probability of a class at each pixel of the last photo.
    ///
    /// - Parameter index: The class, from 0.
    /// - Returns: 0...1, as wide and high as the photo.
    /// - Throws: ``FaceSegError/argument(_:)`` for another class, ``FaceSegError/noResult``,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func probability(of index: Int) throws(FaceSegError) -> Plane<Float> {
        try plane { (out) throws(FaceSegError) in try probability(of: index, into: &out) }
    }

    /// The probability of a class, 0...1, into memory of the caller's.
    ///
    /// - Parameters:
    ///   - index: The class, from 0.
    ///   - out: As high as the photo; what lies between rows stays.
    ///   - rowBytes: From row to row, a multiple of 4 and at least 4 times the photo's width; nil: just as many.
    /// - Throws: ``FaceSegError/argument(_:)`` for another class or rows that are too short or too few,
    ///   ``FaceSegError/noResult``, ``FaceSegError/cancelled``.
    public func probability(
        of index: Int, into out: inout MutableSpan<Float>, rowBytes: Int? = nil
    ) throws(FaceSegError) {
        try write(&out, rowBytes, .float) { (plane) throws(FaceSegError) in
            try probability(of: index, into: plane)
        }
    }

    /// The probability of a class, 0...255, into memory of the caller's.
    ///
    /// - Parameters:
    ///   - index: The class, from 0.
    ///   - out: As high as the photo; bytes between rows stay.
    ///   - rowBytes: From row to row, at least the photo's width; nil: just as many.
    /// - Throws: As for floats.
    public func probability(
        of index: Int, into out: inout MutableSpan<UInt8>, rowBytes: Int? = nil
    ) throws(FaceSegError) {
        try write(&out, rowBytes, .byte) { (plane) throws(FaceSegError) in
            try probability(of: index, into: plane)
        }
    }

    /// How much of each pixel of the last photo belongs to a target.
    ///
    /// - Parameter target: Face, hair or both: the classes of these names, or where there are none, 1 and 2.
    /// - Returns: 0...1, as wide and high as the photo.
    /// - Throws: ``FaceSegError/argument(_:)`` if the model has no such class, ``FaceSegError/noResult``,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func alpha(of target: Target) throws(FaceSegError) -> Plane<Float> {
        try plane { (out) throws(FaceSegError) in try alpha(of: target, into: &out) }
    }

    /// How much of each pixel belongs to a target, 0...1, into memory of the caller's.
    ///
    /// - Parameters:
    ///   - target: Face, hair or both: the classes of these names, or where there are none, 1 and 2.
    ///   - out: As high as the photo; what lies between rows stays.
    ///   - rowBytes: From row to row, a multiple of 4 and at least 4 times the photo's width; nil: just as many.
    /// - Throws: ``FaceSegError/argument(_:)`` if the model has no such class or rows are too short or too few,
    ///   ``FaceSegError/noResult``, ``FaceSegError/cancelled``.
    public func alpha(
        of target: Target, into out: inout MutableSpan<Float>, rowBytes: Int? = nil
    ) throws(FaceSegError) {
        try write(&out, rowBytes, .float) { (plane) throws(FaceSegError) in
            try alpha(of: target, into: plane)
        }
    }

    /// How much of each pixel belongs to a target, 0...255, into memory of the caller's.
    ///
    /// - Parameters:
    ///   - target: Face, hair or both: the classes of these names, or where there are none, 1 and 2.
    ///   - out: As high as the photo; bytes between rows stay.
    ///   - rowBytes: From row to row, at least the photo's width; nil: just as many.
    /// - Throws: As for floats.
    public func alpha(
        of target: Target, into out: inout MutableSpan<UInt8>, rowBytes: Int? = nil
    ) throws(FaceSegError) {
        try write(&out, rowBytes, .byte) { (plane) throws(FaceSegError) in
            try alpha(of: target, into: plane)
        }
    }

    /// The last photo with each class but 0 half painted over it in the VOC palette.
    ///
    ///     try segmenter.run(rgb.span, width: width, height: height)
    ///     let picture = try segmenter.overlay(on: rgb.span)
    ///     print(picture.count == width * height * 3)
    ///
    /// - Parameter pixels: The photo again, laid out as it was run.
    /// - Returns: R, G, B of each pixel: `[height, width, 3]`.
    /// - Throws: ``FaceSegError/argument(_:)`` for too few bytes, ``FaceSegError/noResult``,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func overlay(on pixels: Span<UInt8>) throws(FaceSegError) -> [UInt8] {
        let layout = try lastLayout
        var picture = try zeros(layout.width * layout.height * 3, of: UInt8.self)
        var out = picture.mutableSpan
        try overlay(on: pixels, into: &out)
        return picture
    }

    /// The same into memory of the caller's.
    ///
    /// - Parameters:
    ///   - pixels: The photo again, laid out as it was run.
    ///   - out: As high as the photo, R, G, B of each pixel; bytes between rows stay.
    ///   - rowBytes: From row to row of `out`, at least 3 times the photo's width; nil: just as many.
    /// - Throws: ``FaceSegError/argument(_:)`` for too few bytes or rows that are too short,
    ///   ``FaceSegError/noResult``, ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func overlay(
        on pixels: Span<UInt8>, into out: inout MutableSpan<UInt8>, rowBytes: Int? = nil
    ) throws(FaceSegError) {
        let layout = try lastLayout
        try pixels.bytes.withPhoto(layout) { (photo) throws(FaceSegError) in
            try write(&out, rowBytes, .byte, pixelBytes: 3) { (plane) throws(FaceSegError) in
                try overlay(on: photo, into: plane)
            }
        }
    }
}
