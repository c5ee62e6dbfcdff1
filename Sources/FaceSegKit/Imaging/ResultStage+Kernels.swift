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

final class ResultStage {
    let frame: Frame
    let width: Int, height: Int
    private let maps: MapPlace
    /// For regions whose rows are the photo's: the photo's pixels `columns` and `lines` see the maps.
    private let straight: Straight?
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
        rows = try Buffer(count: workers.threads * maps.channels * width)
        sums = try Buffer(count: workers.threads * maps.width)
        wide = try Buffer(count: workers.threads * 2 * maps.channels * (straight?.columns.count ?? 0))
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

    /// Calls `body` for each row of the photo with the maps there, `[channels, width]`; several threads.
    func forEachRow(
        _ values: UnsafePointer<Float>, _ workers: Workers,
        _ body: @Sendable (_ row: Int, _ values: UnsafeMutablePointer<Float>) -> Void
    ) {
        nonisolated(unsafe) let values = values, stage = self
        let cpu = workers.cpu
        forgetLines()
        workers.forEachWorker(height) { row, worker in
            let out = stage.row(of: worker)
            stage.fill(row, values, out, stage.kept.baseAddress! + worker, cpu)
            body(row, out)
        }
    }

    /// What ``forEachPair`` tells of a row: of the photo's pixels `columns`, which lie in the region, the maps as a sum
    /// of two lines, of `columns.count` pixels a map and more. No column: the row is outside.
    struct RowPair {
        let row: Int, worker: Int, columns: Range<Int>
        let lines: fsk_line_pair
    }

    /// The same with the maps as they lie before the last step, for who computes with the pair at once.
    func forEachPair(
        _ values: UnsafePointer<Float>, _ workers: Workers, _ body: @Sendable (RowPair) -> Void
    ) {
        nonisolated(unsafe) let values = values, stage = self
        let cpu = workers.cpu
        forgetLines()
        workers.forEachWorker(height) { row, worker in
            body(stage.pair(row, worker, values, cpu))
        }
    }

    private func row(of worker: Int) -> UnsafeMutablePointer<Float> {
        rows.start + worker * maps.channels * width
    }

    private func pair(_ row: Int, _ worker: Int, _ values: UnsafePointer<Float>, _ cpu: UInt32) -> RowPair {
        let out = self.row(of: worker)
        guard let straight else {
            warp(row, values, out)
            let lines = fsk_line_pair(
                first: UnsafePointer(out), second: UnsafePointer(out), of_first: 1, of_second: 0, step: width)
            return RowPair(row: row, worker: worker, columns: 0..<width, lines: lines)
        }
        guard straight.lines.contains(row), !straight.columns.isEmpty else {
            return RowPair(row: row, worker: worker, columns: 0..<0, lines: fsk_line_pair())
        }
        let lines = withRows(straight, values) { rows in
            fsk_map_row_pair(
                &rows, row - straight.lines.lowerBound, kept.baseAddress! + worker, out, cpu)
        }
        return RowPair(row: row, worker: worker, columns: straight.columns, lines: lines)
    }

    private func withRows<Result>(
        _ straight: Straight, _ values: UnsafePointer<Float>, _ body: (inout fsk_map_rows) -> Result
    ) -> Result {
        straight.vertical.withTable { vertical in
            straight.horizontal.withTable { horizontal in
                var arguments = fsk_map_rows(
                    maps: values, channels: maps.channels, height: maps.height, width: maps.width,
                    vertical: vertical, horizontal: horizontal, step: width)
                return body(&arguments)
            }
        }
    }

    /// Those that were kept are of other maps.
    private func forgetLines() {
        let length = 2 * maps.channels * (straight?.columns.count ?? 0)
        for worker in kept.indices {
            kept.initializeElement(
                at: worker,
                to: fsk_map_lines(
                    lines: (-1, -1), wide: wide.start + worker * length, sum: sums.start + worker * maps.width
                ))
        }
    }

    private func fill(
        _ row: Int, _ values: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
        _ kept: UnsafeMutablePointer<fsk_map_lines>, _ cpu: UInt32
    ) {
        guard let straight else { return warp(row, values, out) }
        if straight.columns.count < width || !straight.lines.contains(row) {
            for c in 0..<maps.channels {
                (out + c * width).update(repeating: c == 0 ? maps.outside : 0, count: width)
            }
        }
        guard straight.lines.contains(row), !straight.columns.isEmpty else { return }
        withRows(straight, values) { rows in
            fsk_map_row(
                &rows, row - straight.lines.lowerBound, kept, out + straight.columns.lowerBound, cpu)
        }
    }

    private func warp(_ row: Int, _ values: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>) {
        let place = maps.place, unit = frame.photoToUnit
        var arguments = fsk_map_warp(
            maps: values, channels: maps.channels, height: maps.height, width: maps.width,
            map: unit.then(.scale(place.width, place.height)).then(.move(place.x, place.y)).forKernels,
            inside: unit.forKernels, outside: maps.outside, count: width)
        fsk_map_warp_row(&arguments, row, out)
    }
}
