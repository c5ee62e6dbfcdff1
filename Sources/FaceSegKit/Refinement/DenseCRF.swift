// DenseCRF: the fully connected conditional random field as callers have it: its parameters, and their own maps of
// probabilities made to agree with a photo. How a segmenter uses it stands in CRFLook, the rounds in MeanField.

/// A fully connected conditional random field over the pixels of a photo: probabilities of classes become such that
/// pixels of like colours and near places agree.
///
///     var maps = [Float](repeating: 0.5, count: 2 * width * height)  // two classes, a map after the other
///     var probabilities = maps.mutableSpan
///     try DenseCRF(rounds: 5).refine(&probabilities, classes: 2, by: rgb.span, width: width, height: height)
///     print(maps[0])
///
/// The energy of a labelling is the sum of -log p over all pixels, p at least 1e-5, and over all pairs of pixels with
/// different labels (Potts' model) of two terms:
///
/// - `appearanceWeight * exp(-place² / 2 appearanceDistance² - color² / 2 colorDistance²)`
/// - `smoothnessWeight * exp(-place² / 2 smoothnessDistance²)`
///
/// Both kernels are normalized symmetrically: each value is divided by the roots of the sums of its row and of
/// its column, as in the authors' program. Mean field approximates the probabilities of each pixel's label. The first
/// kernel's sums run on the permutohedral lattice and are approximate: labels agree with those of exact sums on 99.5 %
/// of the pixels and more.
///
/// - Source: Kraehenbuehl and Koltun, "Efficient inference in fully connected CRFs with Gaussian edge potentials",
///   NIPS 2011; Adams, Baek and Davis, "Fast high-dimensional filtering using the permutohedral lattice", 2010.
public struct DenseCRF: Sendable, Equatable {
    /// How much pixels of like colour and near place want the same label, 0 to 1000: the paper's w1.
    public var appearanceWeight: Float
    /// Pixels, 0.01 to 100000: how far such pixels reach, theta alpha.
    public var appearanceDistance: Float
    /// Of 255, 0.01 to 100000: how unlike their colours may be, theta beta.
    public var colorDistance: Float
    /// How much near pixels of any colour want the same label, 0 to 1000: w2.
    public var smoothnessWeight: Float
    /// Pixels, 0.01 to 100: how far they reach, theta gamma.
    public var smoothnessDistance: Float
    /// Rounds of mean field, 0 to 1000. Without any, probabilities are only made to sum to 1.
    public var rounds: Int

    /// What is not said has the value of the authors' program.
    public init(
        appearanceWeight: Float = 10, appearanceDistance: Float = 80, colorDistance: Float = 13,
        smoothnessWeight: Float = 3, smoothnessDistance: Float = 3, rounds: Int = 10
    ) {
        (self.appearanceWeight, self.appearanceDistance) = (appearanceWeight, appearanceDistance)
        (self.colorDistance, self.smoothnessWeight) = (colorDistance, smoothnessWeight)
        (self.smoothnessDistance, self.rounds) = (smoothnessDistance, rounds)
    }

    /// Makes probabilities agree with a photo.
    ///
    /// - Parameters:
    ///   - probabilities: `[classes, height, width]`, in and out. Any numbers: below 1e-5, and NaN, they count as that.
    ///   - classes: 1 to 256.
    ///   - image: The photo, row after row; lent for this call.
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - rowBytes: From row to row of the photo; nil: rows without a gap.
    ///   - format: The order of a pixel's channels.
    ///   - threads: 1 to 1024; nil: one a processor. Results do not depend on it.
    ///   - progress: Called in this thread with the share that is done, 0...1; false cancels.
    /// - Throws: ``FaceSegError/argument(_:)`` for numbers out of range or too few of them,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``; the probabilities are then as they were.
    public func refine(
        _ probabilities: inout MutableSpan<Float>, classes: Int, by image: Span<UInt8>, width: Int,
        height: Int,
        rowBytes: Int? = nil, format: PixelFormat = .rgb, threads: Int? = nil,
        progress: ((Float) -> Bool)? = nil
    ) throws(FaceSegError) {
        let layout = try PixelLayout(width: width, height: height, rowBytes: rowBytes, format: format)
        try checkClasses(classes)
        let plane = width * height
        guard probabilities.count >= classes * plane else {
            throw .argument(
                "\(probabilities.count) probabilities, \(classes) classes of \(width) x \(height) pixels need \(classes * plane)"
            )
        }
        try image.bytes.withPhoto(layout) { (photo) throws(FaceSegError) in
            try probabilities.withUnsafeMutableBufferPointer { (numbers) throws(FaceSegError) in
                var planes: [PlaneView] = []
                for index in 0..<classes {
                    planes.append(
                        try PlaneView(
                            start: numbers.baseAddress! + index * plane, rowBytes: width * 4, element: .float)
                    )
                }
                try refine(planes, by: photo, threads: threads, progress: progress)
            }
        }
    }

    /// The same over memory by pointer.
    ///
    /// - Parameters:
    ///   - probabilities: A plane of floats for each class, as wide and high as the photo, in and out.
    ///   - image: The photo.
    ///   - threads: 1 to 1024; nil: one a processor.
    ///   - progress: Called in this thread with the share that is done, 0...1; false cancels.
    /// - Throws: As for spans.
    public func refine(
        _ probabilities: [PlaneView], by image: PixelView, threads: Int? = nil,
        progress: ((Float) -> Bool)? = nil
    ) throws(FaceSegError) {
        let workers = Workers(threads: try Workers.checked(threads: threads))
        try refine(probabilities, by: image, workers, progress: progress)
    }

    package func refine(
        _ probabilities: [PlaneView], by image: PixelView, _ workers: Workers, progress: ((Float) -> Bool)?
    ) throws(FaceSegError) {
        let classes = probabilities.count, (width, height) = (image.width, image.height)
        try checkClasses(classes)
        for plane in probabilities {
            guard plane.element == .float else {
                throw .argument("probabilities are floats: the planes' type must be F32")
            }
            try plane.check(width: width)
        }
        try check(width: width, height: height)
        let guide = try PhotoStage.planes(of: image, workers)
        let maps = try Buffer(count: classes * width * height)
        let rows = (0..<classes).flatMap { index in (0..<height).map { (index, $0) } }
        for (place, (index, row)) in rows.enumerated() {
            (maps.start + place * width).update(from: probabilities[index].floats(row), count: width)
        }
        try MeanField(crf: self, width: width, height: height, classes: classes).run(
            guide: guide.planes, maps: maps.start, workers, progress: progress)
        for (place, (index, row)) in rows.enumerated() {
            probabilities[index].floats(row).update(from: maps.start + place * width, count: width)
        }
        withExtendedLifetime(guide) {}
    }

    private func checkClasses(_ classes: Int) throws(FaceSegError) {
        guard (1...256).contains(classes) else {
            throw .argument("classes \(classes) is not between 1 and 256")
        }
    }

    /// How far apart two pixels may lie, by distances of place and colour: keys of vertices have so many bits.
    private static let widest: Float = 1000

    /// Checks the parameters for photos of a size.
    func check(width: Int, height: Int) throws(FaceSegError) {
        func check(_ value: Float, _ name: String, _ range: ClosedRange<Float>) throws(FaceSegError) {
            guard range.contains(value) else {
                throw .argument("\(name) \(value) is not between \(range.lowerBound) and \(range.upperBound)")
            }
        }
        try check(appearanceWeight, "appearance weight", 0...1000)
        try check(appearanceDistance, "appearance distance", 0.01...100_000)
        try check(colorDistance, "color distance", 0.01...100_000)
        try check(smoothnessWeight, "smoothness weight", 0...1000)
        try check(smoothnessDistance, "smoothness distance", 0.01...100)
        guard (0...1000).contains(rounds) else {
            throw .argument("rounds \(rounds) is not between 0 and 1000")
        }
        let across = Float(width) / appearanceDistance, down = Float(height) / appearanceDistance
        let colors = 255 / colorDistance
        guard (across * across + down * down + 3 * colors * colors).squareRoot() <= Self.widest else {
            throw .argument(
                "appearance distance \(appearanceDistance) or color distance \(colorDistance) is too small for \(width) x \(height) pixels"
            )
        }
    }
}
