// CrowdLook: a head that was looked at by itself: its probabilities at the photo's size, which of its pixels are its
// own, and how much it counts beside other looks. Finding heads is HeadSearch's, running the network the segmenter's.

/// A second look at one head.
final class CrowdLook {
    /// How its probabilities come to the photo's size.
    let rows: PhotoRows
    let place: HeadPlace
    /// The photo's columns that were looked at.
    let columns: Range<Int>
    /// The part of the photo that was looked at, and the photo's height.
    private let view: Region, photoHeight: Int
    /// How much the look counts in each of the columns.
    private let columnWeights: [Float]
    /// Whether a pixel of the maps is the head's own, `[mapHeight, mapWidth]`.
    private let isOwn: [Bool]
    private let mapWidth: Int, mapHeight: Int
    /// From pixels of the photo to those of the maps.
    private let toMaps: AffineMap

    /// - look: its maps may be gone later.
    /// - isOwn: of each pixel of its maps.
    /// - photo: its sides.
    init(
        _ look: Look, rows: PhotoRows, place: HeadPlace, isOwn: [Bool], photo: (width: Int, height: Int)
    ) {
        let view = look.frame.region
        (self.rows, self.place, self.isOwn, self.view, photoHeight) = (rows, place, isOwn, view, photo.height)
        (mapWidth, mapHeight) = (look.maps.shape[3], look.maps.shape[2])
        toMaps = look.frame.photoToMaps(look.frame.place(outputWidth: mapWidth, outputHeight: mapHeight))
        let first = max(Int(view.x), 0), last = min(Int(view.x + view.width) + 1, photo.width)
        columns = first..<max(last, first)
        columnWeights = columns.map { column in
            CrowdLook.weight(
                Double(column) + 0.5, (place.left, place.right), (view.x, view.x + view.width),
                Double(photo.width))
        }
    }

    /// Of a pixel of the photo within the view.
    func owns(x: Int, y: Int) -> Bool {
        let point = toMaps(Double(x) + 0.5, Double(y) + 0.5)
        let u = min(max(Int(point.x), 0), mapWidth - 1), v = min(max(Int(point.y), 0), mapHeight - 1)
        return isOwn[v * mapWidth + u]
    }

    func covers(row: Int) -> Bool {
        Double(row) + 0.5 > view.y && Double(row) + 0.5 < view.y + view.height
    }

    /// How much the look counts along its columns: 1 about the head, less towards the view's sides.
    func weight(column: Int) -> Float { columnWeights[column - columns.lowerBound] }

    /// Likewise along the rows.
    func weight(row: Int) -> Float {
        CrowdLook.weight(
            Double(row) + 0.5, (place.top, place.bottom), (view.y, view.y + view.height), Double(photoHeight))
    }

    /// 1 from a tenth of the head's length before it to a tenth behind it, 0 at the view's ends, but for those that are
    /// the photo's.
    private static func weight(
        _ at: Double, _ head: (Double, Double), _ view: (Double, Double), _ length: Double
    ) -> Float {
        let margin = (head.1 - head.0) / 10, low = head.0 - margin, high = head.1 + margin
        if at < low, view.0 > 0 { return Float(max((at - view.0) / max(low - view.0, 1), 0)) }
        if at > high, view.1 < length { return Float(max((view.1 - at) / max(view.1 - high, 1), 0)) }
        return 1
    }
}
