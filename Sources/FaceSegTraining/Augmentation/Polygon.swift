// Polygon: which pixels lie within a closed line.

/// Corners in order, in pixels' edges; the line may cross itself, where inside is what is crossed an odd
/// number of times.
struct Polygon {
    var corners: [(x: Float, y: Float)]

    /// Calls `body` with each row and the pixels of it whose centres are inside.
    func forEachRun(width: Int, height: Int, _ body: (_ y: Int, _ columns: Range<Int>) -> Void) {
        let ys = corners.map(\.y)
        let first = max(Int(min(ys.min()!, Float(height)).rounded(.up)) - 1, 0)
        for y in first..<max(min(Int(max(ys.max()!, 0)) + 1, height), first) {
            let crossings = crossings(at: Float(y) + 0.5).sorted()
            for i in stride(from: 0, to: crossings.count - 1, by: 2) {
                let (left, right) = (column(crossings[i], width), column(crossings[i + 1], width))
                if left < right { body(y, left..<right) }
            }
        }
    }

    private func crossings(at y: Float) -> [Float] {
        corners.indices.compactMap { i in
            let a = corners[i], b = corners[(i + 1) % corners.count]
            guard (a.y <= y) != (b.y <= y) else { return nil }
            return a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)
        }
    }

    /// The first pixel with its centre right of this place.
    private func column(_ x: Float, _ width: Int) -> Int {
        Int(min(max((x - 0.5).rounded(.up), 0), Float(width)))
    }
}
