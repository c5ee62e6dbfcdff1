// Placement: where a picture lies on another. Coordinates are of edges: pixel i reaches from i to i + 1.
import Glibc

/// An affine map from a source picture to a target: `target = matrix (source - from) + to`.
struct Placement {
    /// `[xx, xy, yx, yy]`
    let matrix: [Double]
    let from: (x: Double, y: Double), to: (x: Double, y: Double)

    /// Scales first, then turns clockwise; a negative scale mirrors.
    init(
        scale: (x: Double, y: Double), angle: Double = 0, from: (x: Double, y: Double),
        to: (x: Double, y: Double)
    ) {
        matrix = [cos(angle) * scale.x, -sin(angle) * scale.y, sin(angle) * scale.x, cos(angle) * scale.y]
        (self.from, self.to) = (from, to)
    }

    /// All of a picture of the first size over all of one of the second.
    static func stretched(from: (width: Int, height: Int), to: (width: Int, height: Int)) -> Placement {
        Placement(
            scale: (Double(to.width) / Double(from.width), Double(to.height) / Double(from.height)),
            from: (0, 0), to: (0, 0))
    }

    var inverse: Placement {
        let determinant = matrix[0] * matrix[3] - matrix[1] * matrix[2]
        let inverted = [matrix[3], -matrix[1], -matrix[2], matrix[0]].map { $0 / determinant }
        return Placement(matrix: inverted, from: to, to: from)
    }

    private init(matrix: [Double], from: (x: Double, y: Double), to: (x: Double, y: Double)) {
        (self.matrix, self.from, self.to) = (matrix, from, to)
    }

    func apply(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        let (dx, dy) = (x - from.x, y - from.y)
        return (matrix[0] * dx + matrix[1] * dy + to.x, matrix[2] * dx + matrix[3] * dy + to.y)
    }

    /// Lengths in the target, for 1 in the source, on average.
    var scale: Double { abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]).squareRoot() }

    /// The pixels that a source of this size may touch.
    func reach(width: Int, height: Int) -> Area {
        let corners = [(0, 0), (width, 0), (0, height), (width, height)].map { apply(Double($0), Double($1)) }
        let (xs, ys) = (corners.map(\.x), corners.map(\.y))
        return Area(columns: span(xs.min()!, xs.max()!), rows: span(ys.min()!, ys.max()!))
    }

    /// Far places are all the same: they are off every picture.
    private func span(_ low: Double, _ high: Double) -> Range<Int> {
        let most = 1e6
        return Int(min(max(low, -most), most).rounded(.down))..<Int(min(max(high, -most), most).rounded(.up))
            + 1
    }
}

/// A rectangle of pixels.
struct Area: Equatable {
    var columns: Range<Int>, rows: Range<Int>

    func clipped(to other: Area) -> Area {
        Area(columns: columns.clamped(to: other.columns), rows: rows.clamped(to: other.rows))
    }

    func grown(by border: Int) -> Area {
        Area(
            columns: columns.lowerBound - border..<columns.upperBound + border,
            rows: rows.lowerBound - border..<rows.upperBound + border)
    }
}
