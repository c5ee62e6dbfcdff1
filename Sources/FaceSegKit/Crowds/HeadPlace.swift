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

    /// How much it is believed: also by how well its size is seen.
    private var rank: Double {
        let size = min(seenHeight / 32, 1)
        return Double(confidence) * (0.5 + 0.5 * size) * (hasFace ? 1 : 0.8)
    }

    /// Those that are not another, more believed one, nor a piece of one.
    static func distinct(_ places: [HeadPlace], most: Int) -> [HeadPlace] {
        var kept: [HeadPlace] = []
        for place in places.sorted(by: { $0.rank > $1.rank }) where kept.count < most {
            let isKnown = kept.contains {
                let overlap = $0.overlap(place)
                return overlap.union > 0.4
                    || (overlap.smaller > 0.7 && $0.width * $0.height > place.width * place.height)
            }
            if !isKnown { kept.append(place) }
        }
        return kept
    }

    /// What its longer side is of the part in which it is looked at again.
    static let share = 0.5

    /// A square about it, as far as the photo goes.
    func view(width: Int, height: Int) -> Region {
        let side = max(max(self.width, self.height) / HeadPlace.share, 16)
        func span(_ center: Double, _ length: Double) -> (start: Double, length: Double) {
            let part = min(side, length)
            return (min(max(center - part / 2, 0), length - part), part)
        }
        let across = span((left + right) / 2, Double(width)), down = span((top + bottom) / 2, Double(height))
        return Region(x: across.start, y: down.start, width: across.length, height: down.length)
    }
}
