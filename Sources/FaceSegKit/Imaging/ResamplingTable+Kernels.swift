// ResamplingTable: which inputs make each output along one side, and how much of each: the mean of the area where
// a side shrinks, linear interpolation where it grows. Centres of pixels lie at half numbers.
import Kernels

final class ResamplingTable {
    private let first: [Int32]
    private let weights: [Float]
    let taps: Int, count: Int

    /// - length: inputs. from, span: the stretch of them that the outputs cover, in inputs.
    /// - count: outputs.
    init(length: Int, from: Double = 0, span: Double, count: Int) {
        let scale = span / Double(count)
        let low = max(Int(from.rounded(.down)), 0)
        let high = max(min(Int((from + span).rounded(.up)), length), low + 1)
        let taps = min(scale > 1 ? Int(scale.rounded(.up)) + 1 : 2, length)
        var first: [Int32] = [], weights = [Float](repeating: 0, count: taps * count)
        first.reserveCapacity(count)
        for i in 0..<count {
            let begin = from + Double(i) * scale
            let pieces =
                scale > 1
                ? ResamplingTable.area(begin, begin + scale, low, high)
                : ResamplingTable.linear(begin + scale / 2 - 0.5, low, high)
            let start = min(pieces.first, length - taps)
            for (k, weight) in pieces.weights.enumerated() {
                weights[i * taps + min(pieces.first - start + k, taps - 1)] += Float(weight)
            }
            first.append(Int32(start))
        }
        (self.first, self.weights, self.taps, self.count) = (first, weights, taps, count)
    }

    /// How much of inputs from `first` on lies between `begin` and `end`, as shares of the whole.
    private static func area(
        _ begin: Double, _ end: Double, _ low: Int, _ high: Int
    ) -> (first: Int, weights: [Double]) {
        let from = min(max(begin, Double(low)), Double(high) - 1),
            to = min(max(end, from + 1e-9), Double(high))
        let first = Int(from)
        let last = max(Int(to.rounded(.up)) - 1, first)
        let parts = (first...last).map { max(min(to, Double($0) + 1) - max(from, Double($0)), 0) }
        let total = parts.reduce(0, +)
        return (first, parts.map { $0 / total })
    }

    private static func linear(_ x: Double, _ low: Int, _ high: Int) -> (first: Int, weights: [Double]) {
        let held = min(max(x, Double(low)), Double(high - 1))
        let first = min(Int(held), max(high - 2, low))
        let part = held - Double(first)
        return high - low < 2 ? (low, [1]) : (first, [1 - part, part])
    }

    /// The C forms of a table for rows and one for columns. Valid while `body` runs.
    static func withTables<Result>(
        _ vertical: ResamplingTable, _ horizontal: ResamplingTable,
        _ body: (_ vertical: fsk_table, _ horizontal: fsk_table) -> Result
    ) -> Result {
        vertical.withTable { vertical in horizontal.withTable { body(vertical, $0) } }
    }

    func withTable<Result>(_ body: (fsk_table) -> Result) -> Result {
        first.withUnsafeBufferPointer { first in
            weights.withUnsafeBufferPointer { weights in
                body(
                    fsk_table(
                        first: first.baseAddress, weights: weights.baseAddress, taps: taps, count: count))
            }
        }
    }
}

/// Planes of one size to planes of another.
struct PlaneResampling {
    private let from: (width: Int, height: Int), to: (width: Int, height: Int)
    private let vertical: ResamplingTable, horizontal: ResamplingTable

    /// - place: the part of the planes that is wanted; nil: the whole.
    init(
        from: (width: Int, height: Int), to: (width: Int, height: Int),
        place: (x: Double, y: Double, width: Double, height: Double)? = nil
    ) {
        (self.from, self.to) = (from, to)
        let place = place ?? (0, 0, Double(from.width), Double(from.height))
        vertical = ResamplingTable(length: from.height, from: place.y, span: place.height, count: to.height)
        horizontal = ResamplingTable(length: from.width, from: place.x, span: place.width, count: to.width)
    }

    /// - planes: `count` of them. lines: a line of theirs for each worker.
    func run(
        _ planes: UnsafePointer<Float>, count: Int, to out: UnsafeMutablePointer<Float>,
        lines: UnsafeMutablePointer<Float>, _ workers: Workers
    ) {
        nonisolated(unsafe) let planes = planes, out = out, lines = lines
        let (from, to) = (from, to), cpu = workers.cpu
        ResamplingTable.withTables(vertical, horizontal) { vertical, horizontal in
            nonisolated(unsafe) let tables = (vertical, horizontal)
            workers.forEachWorker(count * to.height) { index, worker in
                var (vertical, horizontal) = tables
                fsk_plane_row(
                    planes + index / to.height * from.width * from.height, from.width, &vertical,
                    index % to.height, &horizontal, lines + worker * from.width, out + index * to.width,
                    cpu)
            }
        }
    }
}
