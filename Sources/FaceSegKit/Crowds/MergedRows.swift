// MergedRows: rows of a photo from the look at the whole and those at single heads. Each counts by its weight; the whole
// photo's look where no other does.

final class MergedRows {
    private let whole: PhotoRows, looks: [CrowdLook]
    private let width: Int, height: Int, classes: Int
    /// Of each worker: `[classes, width]`, and the sum of weights, `[width]`.
    private let buffer: Buffer
    /// Of each look, by column of its view.
    private let columnWeights: [[Float]], firstColumns: [Int]

    init(
        _ whole: PhotoRows, _ looks: [CrowdLook], width: Int, height: Int, classes: Int,
        workers: Workers
    ) throws(FaceSegError) {
        (self.whole, self.looks) = (whole, looks)
        (self.width, self.height, self.classes) = (width, height, classes)
        buffer = try Buffer(count: workers.threads * (classes + 1) * width)
        firstColumns = looks.map { max(Int($0.view.x), 0) }
        columnWeights = looks.map { look in
            let first = max(Int(look.view.x), 0), last = min(Int(look.view.x + look.view.width) + 1, width)
            return (first..<max(last, first)).map { look.weight(column: $0, photoWidth: width) }
        }
    }

    func begin() {
        whole.begin()
        for look in looks { look.rows.begin() }
    }

    func part(_ row: Int, worker: Int, _ cpu: UInt32) -> RowPart? {
        let out = buffer.start + worker * (classes + 1) * width, weights = out + classes * width
        let part = whole.part(row, worker: worker, cpu)
        let above = looks.indices.filter { covers(looks[$0], row) }
        if above.isEmpty { return part }
        for c in 0..<classes { (out + c * width).update(repeating: 0, count: width) }
        weights.update(repeating: 0, count: width)
        for index in above { add(index, row, worker, cpu, out, weights) }
        blend(part, out, weights)
        return RowPart(values: out, columns: 0..<width, step: width)
    }

    private func covers(_ look: CrowdLook, _ row: Int) -> Bool {
        Double(row) + 0.5 > look.view.y && Double(row) + 0.5 < look.view.y + look.view.height
    }

    private func add(
        _ index: Int, _ row: Int, _ worker: Int, _ cpu: UInt32, _ out: UnsafeMutablePointer<Float>,
        _ weights: UnsafeMutablePointer<Float>
    ) {
        let look = looks[index], down = look.weight(row: row, photoHeight: height)
        guard down > 0, let part = look.rows.part(row, worker: worker, cpu) else { return }
        let first = firstColumns[index]
        columnWeights[index].withUnsafeBufferPointer { across in
            for column in part.columns {
                guard across.indices.contains(column - first) else { continue }
                let weight = down * across[column - first], from = column - part.columns.lowerBound
                weights[column] += weight
                for c in 0..<classes { out[c * width + column] += weight * part.values[c * part.step + from] }
            }
        }
    }

    /// The whole photo's look takes what is left of a weight of 1.
    private func blend(
        _ part: RowPart?, _ out: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>
    ) {
        for column in 0..<width {
            let rest = max(1 - weights[column], 0), share = 1 / max(weights[column], 1)
            for c in 0..<classes {
                var value: Float = c == 0 ? 1 : 0
                if let part, part.columns.contains(column) {
                    value = part.values[c * part.step + column - part.columns.lowerBound]
                }
                out[c * width + column] = out[c * width + column] * share + rest * value
            }
        }
    }
}
