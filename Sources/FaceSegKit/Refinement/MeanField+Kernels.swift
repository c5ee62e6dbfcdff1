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
        let corners = try Buffer(count: kinds * points), weights = try Buffer(count: kinds * points)
        // Keys of 64 bits of the points first, then the points of each vertex.
        let keys = try Buffer(count: 2 * kinds * points)
        var lattice = fsk_lattice()
        (lattice.points, lattice.weight) = (points, weights.start)
        (lattice.corner, lattice.keys) = (corners.numbers(of: UInt32.self), keys.numbers(of: UInt64.self))
        let vertices = try grow(&lattice, guide, workers)
        let all = lattice.first.6
        let starts = try Buffer(count: all + 1), neighbours = try Buffer(count: 2 * kinds * all)
        lattice.starts = starts.numbers(of: UInt32.self)
        lattice.neighbours = neighbours.numbers(of: UInt32.self)
        (lattice.order, lattice.share) = (keys.numbers(of: UInt32.self), keys.start + kinds * points)
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
    ) throws(FaceSegError) -> [Buffer] {
        let slots = try Buffer(count: Int(FSK_LATTICE_KINDS) * fsk_lattice_slots(lattice.points))
        lattice.slots = slots.numbers(of: UInt32.self)
        workers.withPool {
            fsk_lattice_place(
                &lattice, guide, height, width, crf.appearanceDistance, crf.colorDistance, $0)
        }
        if workers.isCancelled { throw .cancelled }
        let vertexKeys = try Buffer(count: 2 * fsk_lattice_bound(&lattice))
        let vertexSlots = try Buffer(count: fsk_lattice_bound_slots(&lattice))
        lattice.vertex_keys = vertexKeys.numbers(of: UInt64.self)
        lattice.vertex_slots = vertexSlots.numbers(of: UInt32.self)
        workers.withPool { fsk_lattice_grow(&lattice, $0) }
        if workers.isCancelled { throw .cancelled }
        withExtendedLifetime(slots) {}
        return [vertexKeys, vertexSlots]
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
