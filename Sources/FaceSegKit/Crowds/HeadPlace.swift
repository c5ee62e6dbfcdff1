// HeadPlace: heads in the photo's pixels: where they are thought to be, which are the same, and the part of the photo
// in which one is looked at again.

/// A head somewhere in the photo.
struct HeadPlace {
    /// Face and hair, in the photo's pixels.
    var left: Double, top: Double, right: Double, bottom: Double
    var confidence: Float, hasFace: Bool
    /// Height in the picture in which it was found.
    var seenHeight: Double

    var width: Double { right - left }
    var height: Double { bottom - top }

    /// Shares of the union, and of the smaller one, that both cover.
    func overlap(_ other: HeadPlace) -> (union: Double, smaller: Double) {
        let across = max(min(right, other.right) - max(left, other.left), 0)
        let down = max(min(bottom, other.bottom) - max(top, other.top), 0)
        let both = across * down, areas = (width * height, other.width * other.height)
        return (both / (areas.0 + areas.1 - both), both / min(areas.0, areas.1))
    }

    var area: Double { width * height }

    /// Whether two looks saw one head, or a head and a piece of it.
    func isSame(as other: HeadPlace) -> Bool {
        let overlap = overlap(other)
        return overlap.union > 0.5 || overlap.smaller > 0.7
    }

    /// Whether no side but the photo's own cuts it off.
    func isInside(_ view: Region, photoWidth: Int, photoHeight: Int) -> Bool {
        let least = max(view.width, view.height) / 100
        return (left > view.x + least || view.x <= 0) && (top > view.y + least || view.y <= 0)
            && (right < view.x + view.width - least || view.x + view.width >= Double(photoWidth))
            && (bottom < view.y + view.height - least || view.y + view.height >= Double(photoHeight))
    }

    /// Twice as large about its middle: it goes on where it was not seen.
    var doubled: HeadPlace {
        var place = self
        (place.left, place.right) = (left - width / 2, right + width / 2)
        (place.top, place.bottom) = (top - height / 2, bottom + height / 2)
        return place
    }

    /// Each head once, at the scale at which it is most believed.
    static func distinct(_ places: [HeadPlace]) -> [HeadPlace] {
        func rank(_ place: HeadPlace) -> Double {
            Double(place.confidence) * (0.5 + 0.5 * min(place.seenHeight / 32, 1)) * (place.hasFace ? 1 : 0.8)
        }
        var kept: [HeadPlace] = []
        for place in places.sorted(by: { rank($0) > rank($1) })
        where !kept.contains(where: { $0.overlap(place).union > 0.6 }) {
            kept.append(place)
        }
        return kept
    }

    /// What its longer side is of the part in which it is looked at again.
    static let share = 0.5

    /// A square about it, as far as the photo goes.
    func view(width: Int, height: Int) -> Region {
        let side = max(max(self.width, self.height) / HeadPlace.share, 16)
        func span(_ center: Double, _ length: Double) -> (start: Double, length: Double) {
            let part = min(side, length), start = min(max(center - part / 2, 0), length - part)
            return (start, min(part, length - start))
        }
        let across = span((left + right) / 2, Double(width)), down = span((top + bottom) / 2, Double(height))
        return Region(x: across.start, y: down.start, width: across.length, height: down.length)
    }
}
