// Pyramid: which parts of a photo the network sees, and how large, so that heads of every size are seen at a size
// that it finds them at. Sizes alone, no pixels.

/// A part of the photo as the network sees it.
struct PyramidTile: Equatable {
    /// In the photo, inside it.
    let left: Double, top: Double, width: Double, height: Double
    /// Longest side in the network.
    let side: Int
    /// Pixels of the network's picture for one of the photo.
    let scale: Double

    /// How high a head may be, in the network's pixels: larger ones are the next level's. Most are seen in two levels,
    /// as a head that one of them misses is often found in the other.
    static let mostHead = 96
}

enum Pyramid {
    /// Height in the network's picture of the smallest head.
    static let leastHead = 18.0
    /// Of maps as large as a tile every other row and column is enough to find a head.
    static let step = 2
    /// Longest side of a tile, and what neighbours share: any head that the next level sees small lies within one whole.
    private static let mostSide = 960, shared = 64

    /// Tiles of all levels but the coarsest, which is the whole photo at the network's usual size.
    ///
    /// - smallest: height of the smallest head looked for, in the photo's pixels.
    /// - whole: longest side of the whole photo in the network.
    static func tiles(width: Int, height: Int, smallest: Int, whole: Int) -> [PyramidTile] {
        var scale = min(leastHead / Double(smallest), 1), tiles: [PyramidTile] = []
        while Double(max(width, height)) * scale > Double(whole) * 1.2 {
            tiles += level(width: width, height: height, scale: scale)
            scale /= 2
        }
        return tiles
    }

    private static func level(width: Int, height: Int, scale: Double) -> [PyramidTile] {
        let columns = spans(Double(width) * scale), rows = spans(Double(height) * scale)
        return rows.flatMap { row in
            columns.map { column in
                let left = column.start / scale, top = row.start / scale
                return PyramidTile(
                    left: left, top: top, width: min(column.length / scale, Double(width) - left),
                    height: min(row.length / scale, Double(height) - top),
                    side: Int(max(column.length, row.length).rounded()), scale: scale)
            }
        }
    }

    /// Equal parts of a length that overlap.
    private static func spans(_ length: Double) -> [(start: Double, length: Double)] {
        guard length > Double(mostSide) else { return [(0, length)] }
        let count = ((length - Double(shared)) / Double(mostSide - shared)).rounded(.up)
        let part = ((length - Double(shared)) / count + Double(shared)).rounded(.up)
        return (0..<Int(count)).map { ((length - part) * Double($0) / (count - 1), part) }
    }
}
