// GuidedStage: from the network's probabilities and the photo as the network saw it to rows at the photo's size that
// follow its edges: the guided filter on a small grid, its coefficients enlarged row by row. Made once for a size, then
// allocates nothing. The filter itself is Kernels/guided.
import Kernels

/// Memory that a stage needs while its coefficients are found; of all stages of a segmenter.
final class GuidedScratch {
    fileprivate private(set) var buffer: Buffer?

    /// Makes room for a stage's ``GuidedStage/fill(_:planes:_:_:)``.
    func reserve(for stage: GuidedStage) throws(FaceSegError) {
        if let buffer, buffer.count >= stage.scratchCount { return }
        buffer = nil  // both are never held
        buffer = try Buffer(count: stage.scratchCount)
    }
}

final class GuidedStage {
    private let frame: Frame, width: Int, height: Int
    private let classes: Int, mapWidth: Int, mapHeight: Int
    /// Sides of the filter's pictures.
    private let grid: (width: Int, height: Int)
    /// Background is what the other classes leave.
    private let filtered: Int
    private let mapResampling: PlaneResampling
    /// From the network's picture to the grid, where they differ.
    private let guideResampling: PlaneResampling?
    /// `[classes - 1, 4, grid]`.
    private let coefficients: Buffer
    /// Of each worker: a row's, `[classes, width]` at most.
    private let probabilities: Buffer
    private let enlarging: ResultStage
    private let threads: Int
    /// What rows read instead of the photo, in a video.
    var held: HeldPhoto?

    /// The longest side of the grid: coarser than this, photos lose edges; finer, the filter its speed.
    private static let mostSide = 512
    /// A window's radius by the grid's longest side, and the filter's epsilon by the variance of the guide.
    private static let radius = 0.012, smoothness: Float = 0.005

    init(_ frame: Frame, width: Int, height: Int, map: Shape, workers: Workers) throws(FaceSegError) {
        (self.frame, self.width, self.height) = (frame, width, height)
        (classes, mapHeight, mapWidth, filtered) = (map[1], map[2], map[3], map[1] - 1)
        let seen = frame.working, longest = Double(max(seen.width, seen.height))
        // Parts of a photo that are enlarged for the network by far have no finer edges.
        let photo = max(frame.uprightWidth, frame.uprightHeight) / longest
        let shrink = min(Double(Self.mostSide) / longest, photo < 0.7 ? photo : 1, 1)
        grid = (
            max(Int((Double(seen.width) * shrink).rounded()), 1),
            max(Int((Double(seen.height) * shrink).rounded()), 1)
        )
        mapResampling = PlaneResampling(
            from: (mapWidth, mapHeight), to: grid,
            place: frame.place(outputWidth: mapWidth, outputHeight: mapHeight))
        guideResampling = grid == seen ? nil : PlaneResampling(from: seen, to: grid)
        let pixels = grid.width * grid.height
        threads = workers.threads
        coefficients = try Buffer(count: filtered * 4 * pixels)
        enlarging = try ResultStage(
            frame, width: width, height: height,
            MapPlace(
                channels: filtered * 4, width: grid.width, height: grid.height,
                place: (0, 0, Double(grid.width), Double(grid.height)), outside: 0),
            workers: workers)
        probabilities = try Buffer(count: threads * classes * enlarging.columns.count)
    }

    /// Floats of ``GuidedScratch``: the guide, the maps and a line for each worker, and what the filter takes.
    fileprivate var scratchCount: Int { scratch.end }

    private var scratch: (maps: Int, lines: Int, filter: Int, end: Int) {
        let pixels = grid.width * grid.height, maps = 3 * pixels, lines = maps + filtered * pixels
        let filter = lines + threads * max(mapWidth, frame.working.width)
        return (
            maps, lines, filter,
            filter + fsk_guided_scratch(grid.height, grid.width, Self.radius(grid), threads)
        )
    }

    private static func radius(_ grid: (width: Int, height: Int)) -> Int {
        max(Int((Double(max(grid.width, grid.height)) * radius).rounded()), 1)
    }

    func serves(_ frame: Frame, width: Int, height: Int, map: Shape) -> Bool {
        self.frame == frame && (self.width, self.height) == (width, height)
            && [1, classes, mapHeight, mapWidth] == map.dimensions
    }

    /// Finds the coefficients.
    ///
    /// - maps: probabilities, `[1, classes, mapHeight, mapWidth]`.
    /// - planes: the photo at the network's size without its canvas, `[3, frame.working]`, 0...255.
    /// - memory: reserved for this stage.
    func fill(
        _ maps: UnsafePointer<Float>, planes: UnsafePointer<Float>, _ memory: GuidedScratch,
        _ workers: Workers
    ) {
        guard let guide = memory.buffer?.start else { return }
        let places = scratch, lines = guide + places.lines
        mapResampling.run(
            maps + mapWidth * mapHeight, count: filtered, to: guide + places.maps, lines: lines, workers)
        guideResampling?.run(planes, count: 3, to: guide, lines: lines, workers)
        var arguments = fsk_guided(
            guide: guideResampling == nil ? planes : UnsafePointer(guide),
            maps: UnsafePointer(guide + places.maps), channels: filtered, height: grid.height,
            width: grid.width, radius: Self.radius(grid), smoothness: Self.smoothness,
            coefficients: coefficients.start, scratch: guide + places.filter)
        workers.withPool { fsk_guided_run(&arguments, $0) }
    }

    /// Whether every row has a part, which is the whole of it.
    var coversPhoto: Bool { enlarging.coversPhoto }

    /// Before the first row of a photo.
    func begin() { enlarging.begin() }

    /// Row `row` with the probabilities there; nil: it is outside the region. Several threads, each a worker of its own.
    ///
    /// - photo: the one that was run.
    func part(_ row: Int, of photo: PixelView, worker: Int, _ cpu: UInt32) -> RowPart? {
        guard let pair = enlarging.pair(row, coefficients.start, worker: worker, cpu) else { return nil }
        let step = pair.columns.count, out = probabilities.start + worker * classes * step
        var photo = held?.row(row, of: photo, worker: worker, cpu) ?? photo.borrowed, lines = pair.lines
        fsk_guided_row(&photo, row, pair.columns.lowerBound, step, &lines, filtered, out, step, cpu)
        return RowPart(values: out, columns: pair.columns, step: step)
    }
}
