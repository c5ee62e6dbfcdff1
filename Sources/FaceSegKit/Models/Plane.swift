// Plane: a result that owns its memory. Not a view of anybody else's: see PlaneView.

/// A number for each pixel of a photo.
///
///     let labels = try segmenter.segment(rgb.span, width: width, height: height)
///     let middle = labels[labels.width / 2, labels.height / 2]
///     print("class \(middle) of \(labels.pixels.max()! + 1)")
public struct Plane<Element: Sendable>: Sendable {
    /// Pixels a row: the photo's.
    public let width: Int
    /// Rows: the photo's.
    public let height: Int
    /// `width * height` of them, row after row without a gap.
    public let pixels: [Element]

    /// The number at a pixel.
    ///
    /// - Parameters:
    ///   - x: Column from the left, 0 to `width` - 1.
    ///   - y: Row from the top, 0 to `height` - 1.
    public subscript(x: Int, y: Int) -> Element {
        precondition(0..<width ~= x && 0..<height ~= y, "(\(x), \(y)) lies outside \(width) x \(height)")
        return pixels[y * width + x]
    }
}

extension Plane: Equatable where Element: Equatable {}
extension Plane: Hashable where Element: Hashable {}
