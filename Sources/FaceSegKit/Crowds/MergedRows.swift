// MergedRows: rows of a photo from the look at the whole and those at single heads. A closer look lies over a wider one,
// by its weight; the whole photo's look is below all.

final class MergedRows {
    private let whole: PhotoRows, looks: [CrowdLook]
    private let width: Int, classes: Int
    /// Of each worker: `[classes, width]`, and how much of each pixel is taken, `[width]`.
    private let buffer: Buffer

    /// - whole: covers the photo.
    /// - looks: the widest first.
    init(
        _ whole: PhotoRows, _ looks: [CrowdLook], width: Int, classes: Int, workers: Workers
    ) throws(FaceSegError) {
        (self.whole, self.looks, self.width, self.classes) = (whole, looks, width, classes)
        buffer = try Buffer(count: workers.threads * (classes + 1) * width)
    }

    func begin() {
        whole.begin()
        for look in looks { look.rows.begin() }
    }

    func part(_ row: Int, worker: Int, _ cpu: UInt32) -> RowPart? {
        let out = buffer.start + worker * (classes + 1) * width, weights = out + classes * width
        let part = whole.part(row, worker: worker, cpu)
        let above = looks.filter { $0.covers(row: row) }
        guard let part, !above.isEmpty else { return part }
        out.update(repeating: 0, count: (classes + 1) * width)
        for look in above.reversed() { add(look, row, worker, cpu, out, weights) }
        blend(part, out, weights)
        return RowPart(values: out, columns: 0..<width, step: width)
    }

    private func add(
        _ look: CrowdLook, _ row: Int, _ worker: Int, _ cpu: UInt32, _ out: UnsafeMutablePointer<Float>,
        _ weights: UnsafeMutablePointer<Float>
    ) {
        let down = look.weight(row: row)
        guard down > 0, let part = look.rows.part(row, worker: worker, cpu) else { return }
        for column in part.columns.clamped(to: look.columns) {
            let weight = down * look.weight(column: column) * (1 - weights[column])
            let from = column - part.columns.lowerBound
            weights[column] += weight
            for c in 0..<classes { out[c * width + column] += weight * part.values[c * part.step + from] }
        }
    }

    /// The whole photo's look takes what is left.
    private func blend(
        _ part: RowPart, _ out: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>
    ) {
        for column in 0..<width {
            let rest = 1 - weights[column]
            for c in 0..<classes { out[c * width + column] += rest * part.values[c * part.step + column] }
        }
    }
}
