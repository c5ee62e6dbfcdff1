// SteadyStage: the past of a video: probabilities of uncertain pixels are held by the last frame's, moved as the picture
// moved, and so is what guides the refinement. Made once for a size, then allocates nothing. The arithmetic is
// Kernels/steady; what is held of the photo itself is HeldPhoto's.
import Kernels

final class SteadyStage {
    /// Constants, chosen on clips as benchmarks/steady.py makes them.
    private enum Rule {
        /// How much of the past an uncertain pixel keeps, and where uncertainty ends: the distance of the two likeliest
        /// classes.
        static let hold: Float = 0.9, open: Float = 0.5, closed: Float = 0.95
        /// Levels of luminance between which the past stops to count, and the mean agreement below which it is another
        /// scene.
        static let near: Float = 5, far: Float = 14, leastAgreement = 0.5
        /// Beyond that distance of classes edges do not matter.
        static let certain: Float = 0.9
        /// How much of a new pixel the guide takes, and the levels between which it is believed to be noise.
        static let gain: Float = 0.1, guideNear: Float = 6, guideFar: Float = 14
        /// The luminance picture's longest side.
        static let mostSide = 256
    }

    private let frame: Frame, layout: PixelLayout, map: Shape
    /// The part of the maps that shows the photo, in their pixels.
    private let left: Int, top: Int, width: Int, height: Int
    /// Pixels of the maps for one of the luminance picture, whose sides are `small`.
    private let scale: Int, small: (width: Int, height: Int)
    /// From the network's picture, where that has other sides.
    private let resampling: PlaneResampling?
    private let resampled: Buffer, lines: Buffer
    private var now: Buffer, before: Buffer
    private let flow: Buffer, agreement: Buffer, sums: Buffer, search: Buffer, scratch: Buffer
    /// Of each block: whether edges matter in it; in it or beside it.
    private let unsettled: Buffer, matters: Buffer
    private var past: Buffer, kept: Buffer
    private let heldPlanes: Buffer
    /// What is held of the photo; nil: nothing reads it.
    let photo: HeldPhoto?
    private var hasPast = false

    /// - map: shape of the maps, `[1, classes, height, width]`.
    /// - isGuide: whether the photo guides what is made of them.
    init(_ frame: Frame, _ layout: PixelLayout, map: Shape, isGuide: Bool, workers: Workers)
        throws(FaceSegError)
    {
        (self.frame, self.layout, self.map) = (frame, layout, map)
        let place = frame.place(outputWidth: map[3], outputHeight: map[2])
        (left, width) = SteadyStage.pixels(place.x, place.width, of: map[3])
        (top, height) = SteadyStage.pixels(place.y, place.height, of: map[2])
        let scale = (max(width, height) + Rule.mostSide - 1) / Rule.mostSide
        self.scale = scale
        small = ((width + scale - 1) / scale, (height + scale - 1) / scale)
        let seen = frame.working, pixels = small.width * small.height
        resampling = small == seen ? nil : PlaneResampling(from: seen, to: small)
        resampled = try Buffer(count: resampling == nil ? 0 : 3 * pixels)
        lines = try Buffer(count: resampling == nil ? 0 : workers.threads * seen.width)
        let luminance = fsk_luminance_bytes(small.height, small.width)
        now = try Buffer(bytes: luminance)
        before = try Buffer(bytes: luminance)
        let down = fsk_motion_blocks(small.height), blocks = down * fsk_motion_blocks(small.width)
        flow = try Buffer(count: 2 * blocks)
        agreement = try Buffer(count: pixels)
        sums = try Buffer(count: down)
        search = try Buffer(count: 2 * blocks)
        unsettled = try Buffer(bytes: blocks)
        matters = try Buffer(bytes: blocks)
        scratch = try Buffer(count: fsk_steady_scratch(map[1], width, workers.threads))
        past = try Buffer(count: map[1] * width * height)
        kept = try Buffer(count: map[1] * width * height)
        heldPlanes = try Buffer(count: isGuide ? 3 * seen.width * seen.height : 0)
        guard isGuide else {
            photo = nil
            return
        }
        let toMaps = frame.photoToMaps(place), side = Double(FSK_MOTION_BLOCK * scale)
        let (left, top, across) = (left, top, blocks / down)
        photo = try HeldPhoto(layout, workers: workers) { x, y in
            SteadyStage.block(
                x, y, toMaps, left: left, top: top, side: side, across: across, down: down)
        }
    }

    /// Whole pixels of a side of `count` that a stretch touches.
    private static func pixels(_ start: Double, _ length: Double, of count: Int) -> (first: Int, count: Int) {
        let first = min(max(Int(start.rounded(.down)), 0), count - 1)
        let end = min(Int((start + length).rounded(.up)), count)
        return (first, max(end - first, 1))
    }

    /// Whether its past is one of such photos too.
    func serves(_ frame: Frame, _ layout: PixelLayout, map: Shape) -> Bool {
        self.frame == frame && self.map == map
            && (self.layout.width, self.layout.height) == (layout.width, layout.height)
            && self.layout.format == layout.format
    }

    /// The next frame has no past.
    func forget() { hasPast = false }

    /// The picture that guides the refinement, `[3, frame.working]`. Valid after ``run``; nil: none does.
    var planes: UnsafePointer<Float>? { photo == nil ? nil : UnsafePointer(heldPlanes.start) }

    /// Holds a frame by the past, and makes it the past of the next one.
    ///
    /// - maps: probabilities, `map`; the photo's part is written.
    /// - planes: the frame at the network's size without its canvas, `[3, frame.working]`, 0...255.
    func run(
        _ maps: UnsafeMutablePointer<Float>, planes: UnsafePointer<Float>, _ view: PixelView,
        _ workers: Workers
    ) {
        let isFirst = !hasPast
        hasPast = false  // until the frame is done: a cancel leaves tasks out
        findLuminance(planes, workers)
        let isNew = isFirst || !agrees(workers)
        blend(maps, isNew: isNew, workers)
        if let photo {
            holdPlanes(planes, isNew: isNew, workers)
            spread()
            photo.update(view, isNew: isNew, blocks: matters.bytes, workers)
        }
        (now, before, past, kept) = (before, now, kept, past)
        hasPast = !workers.isCancelled
    }

    private func findLuminance(_ planes: UnsafePointer<Float>, _ workers: Workers) {
        resampling?.run(planes, count: 3, to: resampled.start, lines: lines.start, workers)
        var arguments = fsk_luminance(
            planes: resampling == nil ? planes : UnsafePointer(resampled.start), height: small.height,
            width: small.width, out: now.bytes)
        workers.withPool { fsk_luminance_run(&arguments, $0) }
    }

    /// Finds the motion since the last frame; false: it was another scene.
    private func agrees(_ workers: Workers) -> Bool {
        var arguments = fsk_motion(
            now: now.bytes, before: before.bytes, height: small.height, width: small.width,
            near: Rule.near, far: Rule.far, flow: flow.start, agreement: agreement.start,
            sums: sums.start, search: search.numbers(of: Int32.self))
        workers.withPool { fsk_motion_run(&arguments, $0) }
        if workers.isCancelled { return false }
        let total = sums.whole.reduce(0) { $0 + Double($1) }
        return total >= Rule.leastAgreement * Double(small.width * small.height)
    }

    private func blend(_ maps: UnsafeMutablePointer<Float>, isNew: Bool, _ workers: Workers) {
        var arguments = fsk_steady_blend(
            maps: maps + top * map[3] + left, channels: map[1], height: height, width: width,
            plane: map[2] * map[3], row: map[3], scale: scale, past: isNew ? nil : UnsafePointer(past.start),
            kept: kept.start, flow: flow.start, agreement: agreement.start, hold: Rule.hold,
            open: Rule.open, closed: Rule.closed, certain: Rule.certain, unsettled: unsettled.bytes,
            scratch: scratch.start)
        workers.withPool { fsk_steady_blend_run(&arguments, $0) }
    }

    private func holdPlanes(_ planes: UnsafePointer<Float>, isNew: Bool, _ workers: Workers) {
        let count = heldPlanes.count / 3
        if isNew { return heldPlanes.start.update(from: planes, count: 3 * count) }
        var arguments = fsk_held_planes(
            now: planes, held: heldPlanes.start, count: count, least: Rule.gain, near: Rule.guideNear,
            far: Rule.guideFar)
        workers.withPool { fsk_held_planes_run(&arguments, $0) }
    }

    /// Blocks where edges matter spread to those beside them: the refinement's windows reach so far.
    private func spread() {
        let across = fsk_motion_blocks(small.width), down = fsk_motion_blocks(small.height)
        for row in 0..<down {
            for column in 0..<across {
                var any: UInt8 = 0
                for j in max(row - 1, 0)..<min(row + 2, down) {
                    for i in max(column - 1, 0)..<min(column + 2, across) {
                        any |= unsettled.bytes[j * across + i]
                    }
                }
                matters.bytes[row * across + column] = any
            }
        }
    }

    /// The block in which a pixel of the photo lies; nil: in none.
    private static func block(
        _ x: Double, _ y: Double, _ toMaps: AffineMap, left: Int, top: Int, side: Double, across: Int,
        down: Int
    ) -> Int? {
        let (u, v) = toMaps(x, y)
        let column = ((u - Double(left)) / side).rounded(.down),
            row = ((v - Double(top)) / side).rounded(.down)
        guard column >= 0, row >= 0, column < Double(across), row < Double(down) else { return nil }
        return Int(row) * across + Int(column)
    }
}
