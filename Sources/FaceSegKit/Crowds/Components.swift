// Components: connected parts of a picture, by runs of pixels in its rows. Knows no classes.

/// Parts of a picture whose pixels touch, also at corners.
struct Components {
    struct Part {
        var box: PixelBox, area: Int
    }

    /// Of each pixel the part's place in `parts`; -1: outside.
    private(set) var owners: [Int32]
    /// In the order of their first pixels.
    private(set) var parts: [Part] = []

    /// - map: `[height, width]`; pixels that have one of `bits` are in a part.
    init(width: Int, height: Int, map: [UInt8], bits: UInt8) {
        var runs = Runs()
        map.withUnsafeBufferPointer { map in
            for y in 0..<height { runs.add(row: y, map[(y * width)..<((y + 1) * width)], bits) }
        }
        owners = [Int32](repeating: -1, count: width * height)
        var numbers = [Int](repeating: 0, count: runs.all.count)
        for (index, run) in runs.all.enumerated() {
            let root = runs.root(of: index)
            if root == index {
                numbers[index] = parts.count
                parts.append(Part(box: run, area: 0))
            }
            let number = numbers[root]
            parts[number].box.cover(run)
            parts[number].area += run.width
            owners.withUnsafeMutableBufferPointer { owners in
                for x in run.left..<run.right { owners[run.top * width + x] = Int32(number) }
            }
        }
    }
}

/// Runs of pixels side by side, and which of them are of one part: the forest of Galler and Fischer (1964), a part's
/// first run its root.
private struct Runs {
    /// Boxes of one row.
    private(set) var all: [PixelBox] = []
    private var parents: [Int] = []
    /// Those of the row above.
    private var above = 0..<0

    /// - row: rows come one after the other.
    mutating func add(row: Int, _ map: Swift.Slice<UnsafeBufferPointer<UInt8>>, _ bits: UInt8) {
        let first = all.count, start = map.startIndex, end = map.endIndex
        var at = start
        while at < end {
            while at < end, map[at] & bits == 0 { at += 1 }
            let left = at
            while at < end, map[at] & bits != 0 { at += 1 }
            if left < at {
                parents.append(all.count)
                all.append(PixelBox(left: left - start, top: row, right: at - start, bottom: row + 1))
            }
        }
        join(first..<all.count)
        above = first..<all.count
    }

    /// With those of the row above that they touch.
    private mutating func join(_ row: Range<Int>) {
        var first = above.lowerBound
        for run in row {
            while first < above.upperBound, all[first].right < all[run].left { first += 1 }
            var other = first
            while other < above.upperBound, all[other].left <= all[run].right {
                let (a, b) = (root(of: other), root(of: run))
                parents[max(a, b)] = min(a, b)
                other += 1
            }
        }
    }

    /// Shortens the way for the next time.
    mutating func root(of run: Int) -> Int {
        var at = run
        while parents[at] != at {
            parents[at] = parents[parents[at]]
            at = parents[at]
        }
        return at
    }
}
