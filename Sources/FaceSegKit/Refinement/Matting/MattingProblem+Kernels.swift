// MattingProblem: a trimap at the size that it is solved at, and its alpha there. How large that is stands here; the
// equations are Kernels/matting.
import Kernels

final class MattingProblem {
    let width: Int, height: Int
    /// `[height, width]` bytes.
    private let trimap: Buffer
    private let unknown: Int

    /// More is reduced: memory grows with the unknown pixels, some 1.5 kB each.
    private static let mostPixels = 1 << 21, mostUnknown = 300_000
    private static let epsilon = 1e-7, tolerance = 1e-7
    /// It is felt some 30 pixels from what is known, or where nothing known is near; a band of hair does not feel it.
    private static let priorWeight = 1e-3

    /// - trimap: bytes, with something known and something unknown.
    convenience init(
        _ trimap: PlaneView, width: Int, height: Int, _ workers: Workers
    ) throws(FaceSegError) {
        let pixels = Double(width * height)
        var scale = min((Double(Self.mostPixels) / pixels).squareRoot(), 1)
        while true {
            let side = { (whole: Int) in max(Int(Double(whole) * scale), 1) }
            let (smallWidth, smallHeight) = scale == 1 ? (width, height) : (side(width), side(height))
            let (small, unknown) = try Self.reduce(
                trimap, (width, height), to: (smallWidth, smallHeight), workers)
            if unknown <= Self.mostUnknown {
                self.init(width: smallWidth, height: smallHeight, trimap: small, unknown: unknown)
                return
            }
            scale *= min((Double(Self.mostUnknown) / Double(unknown)).squareRoot(), 0.98)
        }
    }

    private init(width: Int, height: Int, trimap: Buffer, unknown: Int) {
        (self.width, self.height, self.trimap, self.unknown) = (width, height, trimap, unknown)
    }

    private static func reduce(
        _ trimap: PlaneView, _ from: (width: Int, height: Int), to: (width: Int, height: Int),
        _ workers: Workers
    ) throws(FaceSegError) -> (Buffer, unknown: Int) {
        let small = try Buffer(bytes: to.width * to.height)
        nonisolated(unsafe) let start = trimap.bytes(0), out = small.bytes
        let rowBytes = trimap.rowBytes
        workers.forEachWorker(to.height) { row, _ in
            fsk_trimap_reduce_row(
                start, rowBytes, from.height, from.width, row, to.height, to.width, out + row * to.width)
        }
        if workers.isCancelled { throw .cancelled }
        return (small, fsk_matting_unknown(small.bytes, to.width * to.height))
    }

    /// Alpha, `[height, width]`.
    ///
    /// - colors: of the photo at this size, `[3, height, width]`, 0...255.
    /// - prior: what unknown pixels are drawn to where the photo leaves them free, `[height, width]`, 0...255; or nil.
    func solve(
        _ colors: Buffer, prior: Buffer?, _ workers: Workers
    ) throws(FaceSegError) -> Buffer {
        let alpha = try Buffer(count: width * height)
        if unknown == width * height || min(width, height) < 3 || unknown == 0 {
            keepTrimap(alpha)
            return alpha
        }
        let memory = try MattingMemory(width: width, height: height, unknown: unknown)
        var order = fsk_matting_order(
            trimap: trimap.bytes, height: height, width: width, unknown: unknown,
            places: memory.places.numbers(of: Int32.self), pixels: memory.pixels.numbers(of: Int32.self),
            scratch: memory.scratch.numbers(of: Int32.self), fronts: nil, front_capacity: 0, front_count: 0,
            lists: nil,
            list_capacity: 0, list_count: 0, task_count: 0, panel_floats: 0, update_floats: (0, 0),
            widest: 0, cancelled: nil)
        let kept = try dissect(&order, workers)
        let isSolved = try withExtendedLifetime(kept) { () throws(FaceSegError) in
            try run(&order, colors, prior, alpha, workers)
        }
        if workers.isCancelled { throw .cancelled }
        if !isSolved { keepTrimap(alpha) }
        return alpha
    }

    /// - Returns: What the order's lists lie in.
    private func dissect(
        _ order: inout fsk_matting_order, _ workers: Workers
    ) throws(FaceSegError) -> [Buffer] {
        var fronts = unknown / 8 + 64, lists = 6 * unknown + 1024
        while true {
            let words = MemoryLayout<fsk_front>.stride / MemoryLayout<Float>.stride
            let memory = [try Buffer(count: fronts * words), try Buffer(count: lists)]
            order.fronts = memory[0].numbers(of: fsk_front.self)
            (order.front_capacity, order.lists, order.list_capacity) = (
                fronts, memory[1].numbers(of: Int32.self), lists
            )
            let fits = workers.withPool { pool in
                order.cancelled = pool.pointee.cancelled
                return fsk_matting_dissect(&order)
            }
            if workers.isCancelled { throw .cancelled }
            if fits { return memory }
            (fronts, lists) = (2 * fronts, 2 * lists)
        }
    }

    private func run(
        _ order: inout fsk_matting_order, _ colors: Buffer, _ prior: Buffer?, _ alpha: Buffer,
        _ workers: Workers
    ) throws(FaceSegError) -> Bool {
        let matrix = try Buffer(count: 2 * unknown * Int(FSK_MATTING_STENCIL))
        let vectors = try Buffer(count: 2 * fsk_matting_vectors(&order))
        let panels = try Buffer(count: order.panel_floats)
        let updates = (
            try Buffer(count: order.update_floats.0), try Buffer(count: order.update_floats.1)
        )
        return withUnsafePointer(to: &order) { order in
            var arguments = fsk_matting(
                order: order, colors: colors.start, epsilon: Self.epsilon, tolerance: Self.tolerance,
                prior: prior.map { UnsafePointer($0.start) }, prior_weight: Self.priorWeight,
                matrix: matrix.numbers(of: Double.self), vectors: vectors.numbers(of: Double.self),
                panels: panels.start,
                updates: (updates.0.start, updates.1.start), alpha: alpha.start, iterations: 0, residual: 0)
            var isSolved = false
            workers.lead { isSolved = workers.withPool { fsk_matting_run(&arguments, $0) } }
            return isSolved
        }
    }

    private func keepTrimap(_ alpha: Buffer) {
        for i in 0..<width * height { alpha.start[i] = Float(trimap.bytes[i]) / 255 }
    }
}

/// What the order of elimination takes, but for its lists.
private struct MattingMemory {
    let places: Buffer, pixels: Buffer, scratch: Buffer

    init(width: Int, height: Int, unknown: Int) throws(FaceSegError) {
        let margin = 2 * Int(FSK_MATTING_MARGIN)
        places = try Buffer(count: (width + margin) * (height + margin))
        pixels = try Buffer(count: unknown)
        scratch = try Buffer(count: unknown + max(width, height) + margin)
    }
}
