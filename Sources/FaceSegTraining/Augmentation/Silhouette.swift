// Silhouette: the part of a picture that is cut out to be pasted elsewhere.

/// The rectangle around what is cut out, and how much of each pixel belongs to it.
package struct Silhouette: Sendable {
    let sample: Sample
    /// `[height, width]`, 255 is inside; edges are soft.
    let alpha: [UInt8]
    /// Where in the whole picture the rectangle is.
    let area: Area

    /// - mask: `[height, width]`, not 0 inside. nil: nothing is inside.
    /// - Precondition: The mask has the sample's size.
    package init?(_ whole: Sample, mask: [UInt8]) {
        precondition(mask.count == whole.labels.count)
        guard let inside = Silhouette.area(mask, width: whole.width) else { return nil }
        let area = inside.grown(by: 1).clipped(to: whole.area)
        (self.area, sample) = (area, whole.part(area))
        let cut = area.rows.flatMap { y in
            mask[y * whole.width + area.columns.lowerBound..<y * whole.width + area.columns.upperBound]
        }
        alpha = softened(cut, width: sample.width)
    }

    /// Face and hair of a sample of which all is known; nil: there is none, or some pixels are not known.
    init?(headOf sample: Sample) {
        guard sample.isFullyLabelled else { return nil }
        self.init(sample, mask: sample.labels)
    }

    var layer: Layer { Layer(sample, alpha: alpha) }

    /// Around all that is not 0.
    private static func area(_ mask: [UInt8], width: Int) -> Area? {
        guard let first = mask.firstIndex(where: { $0 != 0 }), let last = mask.lastIndex(where: { $0 != 0 })
        else { return nil }
        let rows = first / width..<last / width + 1
        var left = width, right = 0
        for row in rows.map({ mask[$0 * width..<($0 + 1) * width] }) {
            guard let start = row.firstIndex(where: { $0 != 0 }), let end = row.lastIndex(where: { $0 != 0 })
            else { continue }
            left = min(left, start - row.startIndex)
            right = max(right, end - row.startIndex + 1)
        }
        return Area(columns: left..<right, rows: rows)
    }
}

/// Shares of 3 x 3 pixels that are inside; the picture goes on beyond its edges.
private func softened(_ mask: [UInt8], width: Int) -> [UInt8] {
    let inside = mask.map { $0 != 0 ? UInt8(1) : 0 }
    let across = threes(inside, step: 1, length: width)
    return threes(across, step: width, length: mask.count / width).map { UInt8(Int($0) * 255 / 9) }
}

/// Each value with its two neighbours along a line of this length.
private func threes(_ values: [UInt8], step: Int, length: Int) -> [UInt8] {
    values.indices.map { i in
        let place = i / step % length
        return values[i] + values[place > 0 ? i - step : i] + values[place + 1 < length ? i + step : i]
    }
}
