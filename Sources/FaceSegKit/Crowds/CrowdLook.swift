// CrowdLook: a head that was looked at by itself: its probabilities at the photo's size, which of its pixels are its
// own, and how much it counts beside other looks. Finding heads is HeadSearch's, running the network the segmenter's.

/// A second look at one head.
final class CrowdLook {
    /// How its probabilities come to the photo's size.
    let rows: PhotoRows
    let place: HeadPlace
    /// The part of the photo that was looked at.
    let view: Region
    /// Whether a pixel of the maps is the head's own, `[mapHeight, mapWidth]`.
    private let isOwn: [Bool]
    private let mapWidth: Int, mapHeight: Int
    /// From pixels of the photo to those of the maps.
    private let toMaps: AffineMap

    init(
        rows: PhotoRows, place: HeadPlace, frame: Frame, isOwn: [Bool], mapWidth: Int, mapHeight: Int
    ) {
        (self.rows, self.place, view, self.isOwn) = (rows, place, frame.region, isOwn)
        (self.mapWidth, self.mapHeight) = (mapWidth, mapHeight)
        let part = frame.place(outputWidth: mapWidth, outputHeight: mapHeight)
        toMaps = frame.photoToUnit.then(.scale(part.width, part.height)).then(.move(part.x, part.y))
    }

    /// Of a pixel of the photo within the view.
    func owns(x: Int, y: Int) -> Bool {
        let point = toMaps(Double(x) + 0.5, Double(y) + 0.5)
        let u = min(max(Int(point.x), 0), mapWidth - 1), v = min(max(Int(point.y), 0), mapHeight - 1)
        return isOwn[v * mapWidth + u]
    }

    /// How much the look counts along the columns: 1 about the head, less towards the view's sides.
    func weight(column: Int, photoWidth: Int) -> Float {
        CrowdLook.weight(
            Double(column) + 0.5, (place.left, place.right), (view.x, view.x + view.width), Double(photoWidth)
        )
    }

    /// Likewise along the rows.
    func weight(row: Int, photoHeight: Int) -> Float {
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
