// ResultStage: from the network's probabilities to rows at the photo's size. Row by row: nothing of the size
// classes x photo exists. Made once for a size, then allocates nothing.
import Kernels

final class ResultStage {
    let frame: Frame
    let width: Int, height: Int
    let classes: Int, mapWidth: Int, mapHeight: Int
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
        _ frame: Frame, width: Int, height: Int, classes: Int, mapWidth: Int, mapHeight: Int, workers: Workers
    ) throws(FaceSegError) {
        (self.frame, self.width, self.height) = (frame, width, height)
        (self.classes, self.mapWidth, self.mapHeight) = (classes, mapWidth, mapHeight)
        straight =
            frame.isStraight ? ResultStage.straight(frame, mapWidth: mapWidth, mapHeight: mapHeight) : nil
        rows = try Buffer(count: workers.threads * classes * width)
        sums = try Buffer(count: workers.threads * mapWidth)
        wide = try Buffer(count: workers.threads * 2 * classes * (straight?.columns.count ?? 0))
        kept = .allocate(capacity: workers.threads)
    }

    deinit { kept.deallocate() }

    func serves(_ frame: Frame, width: Int, height: Int, map: Shape) -> Bool {
        self.frame == frame && (self.width, self.height) == (width, height)
            && [1, classes, mapHeight, mapWidth] == map.dimensions
    }

    private static func straight(_ frame: Frame, mapWidth: Int, mapHeight: Int) -> Straight {
        let place = frame.place(outputWidth: mapWidth, outputHeight: mapHeight), region = frame.region
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
            vertical: table(lines, region.y, region.height, place.y, place.height, mapHeight),
            horizontal: table(columns, region.x, region.width, place.x, place.width, mapWidth))
    }

    private static func pixels(_ start: Double, _ length: Double) -> Range<Int> {
        let low = Int((start - 0.5).rounded(.up)), high = Int((start + length - 0.5).rounded(.up))
        return low..<max(high, low)
    }

    /// Calls `body` for each row of the photo with the probabilities there, `[classes, width]`; several threads.
    func forEachRow(
        _ maps: UnsafePointer<Float>, _ workers: Workers,
        _ body: @Sendable (_ row: Int, _ probabilities: UnsafePointer<Float>) -> Void
    ) {
        nonisolated(unsafe) let maps = maps, stage = self
        let cpu = workers.cpu
        forgetLines()
        workers.forEachWorker(height) { row, worker in
            let out = stage.rows.start + worker * stage.classes * stage.width
            stage.fill(row, maps, out, stage.kept.baseAddress! + worker, cpu)
            body(row, out)
        }
    }

    /// Those that were kept are of other maps.
    private func forgetLines() {
        let length = 2 * classes * (straight?.columns.count ?? 0)
        for worker in kept.indices {
            kept.initializeElement(
                at: worker,
                to: fsk_map_lines(
                    lines: (-1, -1), wide: wide.start + worker * length, sum: sums.start + worker * mapWidth))
        }
    }

    private func fill(
        _ row: Int, _ maps: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
        _ kept: UnsafeMutablePointer<fsk_map_lines>, _ cpu: UInt32
    ) {
        guard let straight else { return warp(row, maps, out) }
        if straight.columns.count < width || !straight.lines.contains(row) {
            for c in 0..<classes { (out + c * width).update(repeating: c == 0 ? 1 : 0, count: width) }
        }
        guard straight.lines.contains(row), !straight.columns.isEmpty else { return }
        straight.vertical.withTable { vertical in
            straight.horizontal.withTable { horizontal in
                var arguments = fsk_map_rows(
                    maps: maps, channels: classes, height: mapHeight, width: mapWidth, vertical: vertical,
                    horizontal: horizontal, step: width)
                fsk_map_row(
                    &arguments, row - straight.lines.lowerBound, kept,
                    out + straight.columns.lowerBound, cpu)
            }
        }
    }

    private func warp(_ row: Int, _ maps: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>) {
        let place = frame.place(outputWidth: mapWidth, outputHeight: mapHeight), unit = frame.photoToUnit
        var arguments = fsk_map_warp(
            maps: maps, channels: classes, height: mapHeight, width: mapWidth,
            map: unit.then(.scale(place.width, place.height)).then(.move(place.x, place.y)).forKernels,
            inside: unit.forKernels, count: width)
        fsk_map_warp_row(&arguments, row, out)
    }
}
