// PixelBox: rectangles of whole pixels. No picture.

/// Columns `left..<right` of rows `top..<bottom`.
struct PixelBox: Equatable, Sendable {
    var left: Int, top: Int, right: Int, bottom: Int

    init(left: Int, top: Int, right: Int, bottom: Int) {
        (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
    }

    /// One pixel.
    init(x: Int, y: Int) { self.init(left: x, top: y, right: x + 1, bottom: y + 1) }

    var width: Int { right - left }
    var height: Int { bottom - top }
    var center: (x: Double, y: Double) { (Double(left + right) / 2, Double(top + bottom) / 2) }

    mutating func cover(_ other: PixelBox) {
        (left, right) = (min(left, other.left), max(right, other.right))
        (top, bottom) = (min(top, other.top), max(bottom, other.bottom))
    }

    /// From columns and rows of a picture to those of one `factor` times as large.
    mutating func widen(by factor: Int) {
        (left, top, right, bottom) = (left * factor, top * factor, right * factor, bottom * factor)
    }

    /// Pixels of columns that both have.
    func sharedColumns(_ other: PixelBox) -> Int { max(min(right, other.right) - max(left, other.left), 0) }

    /// Pixels between the two, along the side where it is more; 0: they touch or overlap.
    func gap(to other: PixelBox) -> Int {
        max(
            max(left, other.left) - min(right, other.right), max(top, other.top) - min(bottom, other.bottom),
            0)
    }
}
