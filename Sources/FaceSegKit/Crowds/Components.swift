// Components: connected parts of a picture. Knows no classes.

/// Parts of a picture whose pixels touch, also at corners.
struct Components {
    struct Part {
        var box: PixelBox, area: Int
    }

    /// Of each pixel the part's place in `parts`; -1: outside.
    private(set) var owners: [Int32]
    private(set) var parts: [Part] = []

    /// - map: `[height, width]`; pixels that have one of `bits` are in a part.
    init(width: Int, height: Int, map: [UInt8], bits: UInt8) {
        let inside = { (i: Int) in map[i] & bits != 0 }
        owners = [Int32](repeating: -1, count: width * height)
        var front: [Int] = []
        for start in owners.indices where owners[start] < 0 && inside(start) {
            let number = Int32(parts.count)
            var part = Part(box: PixelBox(x: start % width, y: start / width), area: 0)
            owners[start] = number
            front.append(start)
            while let pixel = front.popLast() {
                let x = pixel % width, y = pixel / width
                part.area += 1
                part.box.cover(PixelBox(x: x, y: y))
                for v in max(y - 1, 0)...min(y + 1, height - 1) {
                    for u in max(x - 1, 0)...min(x + 1, width - 1) {
                        let next = v * width + u
                        if owners[next] < 0 && inside(next) {
                            owners[next] = number
                            front.append(next)
                        }
                    }
                }
            }
            parts.append(part)
        }
    }
}
