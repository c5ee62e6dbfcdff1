// ResultStage: from small maps, the network's probabilities say, to rows at the photo's size. Row by row: nothing of
// the size channels x photo exists. Made once for a size, then allocates nothing.
import Kernels

/// How a network's maps, or others, lie about the working picture.
struct MapPlace {
    let channels: Int, width: Int, height: Int
    /// The working picture's place in them.
    let place: (x: Double, y: Double, width: Double, height: Double)
    /// What the first map is outside the region; the others are 0 there.
    let outside: Float

    /// Those of probabilities of classes, `[1, classes, height, width]`: outside all is of the first class.
    init(_ map: Shape, _ frame: Frame) {
        self.init(
            channels: map[1], width: map[3], height: map[2],
            place: frame.place(outputWidth: map[3], outputHeight: map[2]), outside: 1)
    }

    init(
        channels: Int, width: Int, height: Int,
        place: (x: Double, y: Double, width: Double, height: Double), outside: Float
    ) {
        (self.channels, self.width, self.height) = (channels, width, height)
        (self.place, self.outside) = (place, outside)
    }
}

/// What a source of rows makes of one: `[channels, step]` at the photo's pixels `columns`.
struct RowPart {
    let values: UnsafeMutablePointer<Float>
    let columns: Range<Int>, step: Int
}

final class ResultStage {
    let frame: Frame
    let width: Int, height: Int
    private let maps: MapPlace
    /// For regions whose rows are the photo's: the photo's pixels `columns` and `lines` see the maps.
    private let straight: Straight?
    /// The photo's pixels that see the maps.
    let columns: Range<Int>
    private let rows: Buffer, sums: Buffer, wide: Buffer
    /// Of each worker.
    private let kept: UnsafeMutableBufferPointer<fsk_map_lines>

    private struct Straight {
        let lines: Range<Int>, columns: Range<Int>
        let vertical: ResamplingTable, horizontal: ResamplingTable
    }

    init(
        _ frame: Frame, width: Int, height: Int, _ maps: MapPlace, workers: Workers
    ) throws(FaceSegError) {
        (self.frame, self.width, self.height, self.maps) = (frame, width, height, maps)
        straight = frame.isStraight ? ResultStage.straight(frame, maps) : nil
        columns = straight?.columns ?? 0..<width
        rows = try Buffer(count: workers.threads * maps.channels * columns.count)
        sums = try Buffer(count: workers.threads * maps.width)
        wide = try Buffer(count: straight == nil ? 0 : workers.threads * 2 * maps.channels * columns.count)
        kept = .allocate(capacity: workers.threads)
    }

    deinit { kept.deallocate() }

    func serves(_ frame: Frame, width: Int, height: Int, map: Shape) -> Bool {
        self.frame == frame && (self.width, self.height) == (width, height)
            && [1, maps.channels, maps.height, maps.width] == map.dimensions
    }

    private static func straight(_ frame: Frame, _ maps: MapPlace) -> Straight {
        let place = maps.place, region = frame.region
        // Pixels whose centres lie in the region.
        let columns = pixels(region.x, region.width), lines = pixels(region.y, region.height)
        func table(
            _ pixels: Range<Int>, _ start: Double, _ side: Double, _ from: Double, _ span: Double, _ n: Int
        )
            -> ResamplingTable
        {
            let scale = span / side
            return ResamplingTable(
                length: n, from: from + (Double(pixels.lowerBound) - start) * scale,
                span: Double(pixels.count) * scale, count: pixels.count)
        }
        return Straight(
            lines: lines, columns: columns,
            vertical: table(lines, region.y, region.height, place.y, place.height, maps.height),
            horizontal: table(columns, region.x, region.width, place.x, place.width, maps.width))
    }

    private static func pixels(_ start: Double, _ length: Double) -> Range<Int> {
        let low = Int((start - 0.5).rounded(.up)), high = Int((start + length - 0.5).rounded(.up))
        return low..<max(high, low)
    }

    /// Whether every row has a part, which is the whole of it.
    var coversPhoto: Bool {
        columns == 0..<width && (straight.map { $0.lines == 0..<height } ?? true)
    }

    /// Row `row` with the maps there; nil: it is outside the region. Several threads, each a worker of its own.
    func part(
        _ row: Int, _ values: UnsafePointer<Float>, worker: Int, _ cpu: UInt32
    ) -> RowPart? {
        let out = self.row(of: worker)
        guard let straight else {
            warp(row, values, out)
            return RowPart(values: out, columns: columns, step: columns.count)
        }
        guard straight.lines.contains(row), !columns.isEmpty else { return nil }
        withRows(straight, values) { rows in
            fsk_map_row(
                &rows, row - straight.lines.lowerBound, kept.baseAddress! + worker, out, cpu)
        }
        return RowPart(values: out, columns: columns, step: columns.count)
    }

    /// The same as a sum of two lines, for who computes with them at once.
    func pair(
        _ row: Int, _ values: UnsafePointer<Float>, worker: Int, _ cpu: UInt32
    ) -> (lines: fsk_line_pair, columns: Range<Int>)? {
        let out = self.row(of: worker)
        guard let straight else {
            warp(row, values, out)
            let lines = fsk_line_pair(
                first: UnsafePointer(out), second: UnsafePointer(out), of_first: 1, of_second: 0,
                step: columns.count)
            return (lines, columns)
        }
        guard straight.lines.contains(row), !columns.isEmpty else { return nil }
        let lines = withRows(straight, values) { rows in
            fsk_map_row_pair(
                &rows, row - straight.lines.lowerBound, kept.baseAddress! + worker, out, cpu)
        }
        return (lines, columns)
    }

    private func row(of worker: Int) -> UnsafeMutablePointer<Float> {
        rows.start + worker * maps.channels * columns.count
    }

    private func withRows<Result>(
        _ straight: Straight, _ values: UnsafePointer<Float>, _ body: (inout fsk_map_rows) -> Result
    ) -> Result {
        ResamplingTable.withTables(straight.vertical, straight.horizontal) { vertical, horizontal in
            var arguments = fsk_map_rows(
                maps: values, channels: maps.channels, height: maps.height, width: maps.width,
                vertical: vertical, horizontal: horizontal, step: columns.count)
            return body(&arguments)
        }
    }

    /// Before the first row of other values.
    func begin() {
        let length = straight == nil ? 0 : 2 * maps.channels * columns.count
        for worker in kept.indices {
            kept.initializeElement(
                at: worker,
                to: fsk_map_lines(
                    lines: (-1, -1), wide: wide.start + worker * length, sum: sums.start + worker * maps.width
                ))
        }
    }

    private func warp(_ row: Int, _ values: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>) {
        var arguments = fsk_map_warp(
            maps: values, channels: maps.channels, height: maps.height, width: maps.width,
            map: frame.photoToMaps(maps.place).forKernels, inside: frame.photoToUnit.forKernels,
            outside: maps.outside, count: width)
        fsk_map_warp_row(&arguments, row, out)
    }
}
