// MeanField: a dense CRF's rounds over one picture: its lattice, its memory, its kernels' calls in their order. What the
// numbers mean stands in DenseCRF, the arithmetic in Kernels/crf.
import Kernels

struct MeanField {
    let crf: DenseCRF
    let width: Int, height: Int, classes: Int

    /// Makes maps agree with a picture.
    ///
    /// - guide: `[3, height, width]`, B, G, R, 0...255.
    /// - maps: probabilities `[classes, height, width]`, in and out.
    /// - progress: called in this thread after each round with the share that is done; false cancels.
    func run(
        guide: UnsafePointer<Float>, maps: UnsafeMutablePointer<Float>, _ workers: Workers,
        progress: ((Float) -> Bool)? = nil
    ) throws(FaceSegError) {
        let points = width * height, kinds = Int(FSK_LATTICE_KINDS)
        let corners = try Numbers<UInt32>(kinds * points), weights = try Buffer(count: kinds * points)
        // Keys of the points first, then the points of each vertex.
        let keys = try Numbers<UInt64>(kinds * points)
        var lattice = fsk_lattice()
        (lattice.points, lattice.corner, lattice.weight) = (points, corners.start, weights.start)
        lattice.keys = keys.start
        let vertices = try grow(&lattice, guide, workers)
        let all = lattice.first.6
        let starts = try Numbers<UInt32>(all + 1), neighbours = try Numbers<UInt32>(2 * kinds * all)
        (lattice.starts, lattice.neighbours) = (starts.start, neighbours.start)
        lattice.order = UnsafeMutableRawPointer(keys.start).assumingMemoryBound(to: UInt32.self)
        lattice.share = UnsafeMutableRawPointer(lattice.order + kinds * points).assumingMemoryBound(
            to: Float.self)
        workers.withPool { fsk_lattice_connect(&lattice, $0) }
        if workers.isCancelled { throw .cancelled }
        try rounds(&lattice, maps, workers, progress)
        withExtendedLifetime((corners, weights, keys, vertices, starts, neighbours)) {}
    }

    /// Finds the lattice's vertices.
    ///
    /// - Returns: What keeps them.
    private func grow(
        _ lattice: inout fsk_lattice, _ guide: UnsafePointer<Float>, _ workers: Workers
    ) throws(FaceSegError) -> (Numbers<UInt64>, Numbers<UInt32>) {
        let slots = try Numbers<UInt32>(Int(FSK_LATTICE_KINDS) * fsk_lattice_slots(lattice.points))
        lattice.slots = slots.start
        workers.withPool {
            fsk_lattice_place(
                &lattice, guide, height, width, crf.appearanceDistance, crf.colorDistance, $0)
        }
        if workers.isCancelled { throw .cancelled }
        let vertices = try (
            Numbers<UInt64>(fsk_lattice_bound(&lattice)), Numbers<UInt32>(fsk_lattice_bound_slots(&lattice))
        )
        (lattice.vertex_keys, lattice.vertex_slots) = (vertices.0.start, vertices.1.start)
        workers.withPool { fsk_lattice_grow(&lattice, $0) }
        if workers.isCancelled { throw .cancelled }
        withExtendedLifetime(slots) {}
        return vertices
    }

    private func rounds(
        _ lattice: inout fsk_lattice, _ maps: UnsafeMutablePointer<Float>, _ workers: Workers,
        _ progress: ((Float) -> Bool)?
    ) throws(FaceSegError) {
        var failure: FaceSegError?
        withUnsafePointer(to: &lattice) { lattice in
            var arguments = fsk_crf(
                lattice: lattice, maps: maps, classes: classes, height: height, width: width,
                appearance: crf.appearanceWeight, smoothness: crf.smoothnessWeight,
                smoothness_distance: crf.smoothnessDistance, scratch: nil)
            do throws(FaceSegError) {
                let scratch = try Buffer(count: fsk_crf_scratch(&arguments, workers.threads))
                arguments.scratch = scratch.start
                workers.lead {
                    workers.withPool { fsk_crf_begin(&arguments, $0) }
                    for round in 0..<crf.rounds where failure == nil && !workers.isCancelled {
                        workers.withPool { fsk_crf_round(&arguments, $0) }
                        let share = Float(round + 1) / Float(crf.rounds)
                        if let progress, !progress(share) { failure = .cancelled }
                    }
                }
                withExtendedLifetime(scratch) {}
            } catch { failure = error }
        }
        if let failure { throw failure }
        if workers.isCancelled { throw .cancelled }
    }
}

/// Memory for whole numbers, freed with the object. Not initialized.
private final class Numbers<Number: FixedWidthInteger> {
    private let buffer: Buffer
    let start: UnsafeMutablePointer<Number>

    init(_ count: Int) throws(FaceSegError) {
        buffer = try Buffer(count: count * (MemoryLayout<Number>.size / MemoryLayout<Float>.size))
        start = UnsafeMutableRawPointer(buffer.start).assumingMemoryBound(to: Number.self)
    }
}
