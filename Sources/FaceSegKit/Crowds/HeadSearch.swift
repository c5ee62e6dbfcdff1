// HeadSearch: which pixels of a picture's maps are one head: a face with its hair, or hair alone. Of one scale; where
// the maps come from, and how large heads are in the photo, is others' business.

/// A head in the maps, in their pixels.
struct FoundHead: Equatable {
    /// nil: only hair is seen.
    var face: PixelBox?
    /// Face and hair.
    var box: PixelBox
    var faceArea = 0, hairArea = 0
    /// The mean probability of face and hair over its pixels, 0.5...1.
    var confidence: Float = 0

    var area: Int { faceArea + hairArea }
}

/// Heads of a picture, and whose each pixel is.
struct HeadSearch {
    private(set) var heads: [FoundHead] = []
    /// `[height, width]`: the head's place in `heads`; -1: nobody's.
    private(set) var owners: [Int32]

    /// A face, or hair without one, has so many pixels at least.
    private static let leastArea = 12

    /// - Parameters:
    ///   - face: Probabilities, `[height, width]`.
    ///   - hair: Likewise.
    init(width: Int, height: Int, face: UnsafePointer<Float>, hair: UnsafePointer<Float>) {
        let isFace = { (i: Int) in face[i] >= 0.5 }
        let isHead = { (i: Int) in face[i] + hair[i] >= 0.5 }
        let faces = Components(width: width, height: height, inside: isFace)
        let seeds = HeadSearch.seeds(faces.parts)
        owners = faces.owners.map { $0 < 0 ? -1 : Int32(seeds[Int($0)]) }
        spread(width: width, height: height, isHead)
        addHair(width: width, height: height, count: (seeds.max() ?? -1) + 1, isHead)
        measure(width: width, face, hair)
    }

    /// Of each part of face the number of its head; -1: it is too small for one, and may become part of another's.
    private static func seeds(_ parts: [Components.Part]) -> [Int] {
        var numbers = [Int](repeating: -1, count: parts.count), heads: [Components.Part] = []
        for index in parts.indices.sorted(by: { parts[$0].area > parts[$1].area }) {
            let part = parts[index]
            if part.area < leastArea { break }
            if let owner = heads.firstIndex(where: { belongs(part, to: $0) }) {
                numbers[index] = owner
            } else {
                numbers[index] = heads.count
                heads.append(part)
            }
        }
        return numbers
    }

    /// Whether a part of face is the larger one's: a bit that glasses, hair or a hand cut off, or the neck below a beard
    /// or a chain.
    private static func belongs(_ part: Components.Part, to face: Components.Part) -> Bool {
        guard part.box.gap(to: face.box) * 2 <= face.box.height else { return false }
        if part.area * 6 < face.area { return true }
        let isBelow = part.box.center.y > Double(face.box.bottom) - Double(face.box.height) / 8
        return isBelow && part.area * 5 < face.area * 4
            && part.box.sharedColumns(face.box) * 2 >= part.box.width
    }

    /// Pixels of heads become their nearest seed's, along ways within heads.
    private mutating func spread(width: Int, height: Int, _ isHead: (Int) -> Bool) {
        var front = owners.indices.filter { owners[$0] >= 0 }, next: [Int] = []
        while !front.isEmpty {
            next.removeAll(keepingCapacity: true)
            for pixel in front {
                let x = pixel % width
                for (isThere, neighbour) in [
                    (x > 0, pixel - 1), (x < width - 1, pixel + 1), (pixel >= width, pixel - width),
                    (pixel < width * (height - 1), pixel + width),
                ] where isThere && owners[neighbour] < 0 && isHead(neighbour) {
                    owners[neighbour] = owners[pixel]
                    next.append(neighbour)
                }
            }
            swap(&front, &next)
        }
    }

    /// What no face reached and is large enough is the hair of a head that looks away.
    private mutating func addHair(width: Int, height: Int, count: Int, _ isHead: (Int) -> Bool) {
        let known = owners
        let rest = Components(width: width, height: height) { known[$0] < 0 && isHead($0) }
        var numbers = [Int32](repeating: -1, count: rest.parts.count), count = count
        for (i, part) in rest.parts.enumerated() where part.area >= HeadSearch.leastArea {
            numbers[i] = Int32(count)
            count += 1
        }
        for i in owners.indices where rest.owners[i] >= 0 { owners[i] = numbers[Int(rest.owners[i])] }
        heads = Array(repeating: FoundHead(box: PixelBox(x: 0, y: 0)), count: count)
    }

    private mutating func measure(
        width: Int, _ face: UnsafePointer<Float>, _ hair: UnsafePointer<Float>
    ) {
        var sums = [Double](repeating: 0, count: heads.count)
        for i in owners.indices where owners[i] >= 0 {
            let head = Int(owners[i]), pixel = PixelBox(x: i % width, y: i / width)
            if heads[head].area == 0 { heads[head].box = pixel } else { heads[head].box.cover(pixel) }
            if face[i] >= hair[i] {
                heads[head].faceArea += 1
                if heads[head].face == nil {
                    heads[head].face = pixel
                } else {
                    heads[head].face!.cover(pixel)
                }
            } else {
                heads[head].hairArea += 1
            }
            sums[head] += Double(face[i] + hair[i])
        }
        for i in heads.indices { heads[i].confidence = Float(sums[i] / Double(max(heads[i].area, 1))) }
    }
}
