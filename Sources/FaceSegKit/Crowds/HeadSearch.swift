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

    /// From columns and rows that were looked at to those of the maps, of which they are each `step`-th.
    fileprivate mutating func widen(by step: Int) {
        face?.widen(by: step)
        box.widen(by: step)
        (faceArea, hairArea) = (faceArea * step * step, hairArea * step * step)
    }
}

/// Heads of a picture, and whose each pixel is.
struct HeadSearch {
    private(set) var heads: [FoundHead] = []
    /// Of each pixel that was looked at, `[height, width]` or less: the head's place in `heads`; -1: nobody's.
    private(set) var owners: [Int32]

    /// What is taken for a head.
    struct Rule {
        /// The probability of a pixel of face, or of face and hair, at least.
        let probability: Float
        /// The mean of the pixels of a head, and of one without a face, at least.
        let confidence: Float, hairConfidence: Float
        /// The network's pixels of a face, or of hair alone, and of a head, at least.
        let leastPart: Int, leastHead: Int

        /// The same where a pixel that is looked at stands for `side` by `side` of the network's.
        func coarser(by side: Int) -> Rule {
            let area = side * side
            return Rule(
                probability: probability, confidence: confidence, hairConfidence: hairConfidence,
                leastPart: (leastPart + area - 1) / area, leastHead: (leastHead + area - 1) / area)
        }

        /// For what is told of a photo.
        static let certain = Rule(
            probability: 0.5, confidence: 0.8, hairConfidence: 0.9, leastPart: 12, leastHead: 30)
        /// For what is looked at again. Of what the coarse pass believes in less, nearly nothing is a head when it is
        /// looked at.
        static let possible = Rule(
            probability: 0.3, confidence: 0.4, hairConfidence: 0.5, leastPart: 6, leastHead: 20)
    }

    /// - Parameters:
    ///   - face: Probabilities, `[height, width]`.
    ///   - hair: Likewise.
    ///   - step: From one row and column that is looked at to the next.
    ///   - scale: The network's pixels for one of the maps.
    init(
        width: Int, height: Int, face: UnsafePointer<Float>, hair: UnsafePointer<Float>,
        rule: Rule = .certain, step: Int = 1, scale: Int = 1
    ) {
        let maps = ThinnedMaps(width: width, height: height, face: face, hair: hair, step: step)
        self.init(maps, rule.coarser(by: scale * step))
        for i in heads.indices { heads[i].widen(by: step) }
    }

    private init(_ maps: ThinnedMaps, _ rule: Rule) {
        let (width, height) = (maps.columns, maps.rows)
        guard let map = maps.bits(rule.probability) else {
            owners = [Int32](repeating: -1, count: width * height)
            return
        }
        let faces = Components(width: width, height: height, map: map, bits: HeadSearch.faceBit)
        let whole = Components(width: width, height: height, map: map, bits: HeadSearch.headBit)
        var parts = faces.parts.map { FacePart(box: $0.box, area: $0.area) }
        var hairs = whole.parts.map(\.area)
        for i in faces.owners.indices where faces.owners[i] >= 0 {
            parts[Int(faces.owners[i])].whole = Int(whole.owners[i])
            hairs[Int(whole.owners[i])] -= 1
        }
        for i in parts.indices {
            parts[i].hasHair = hairs[parts[i].whole] * 8 >= whole.parts[parts[i].whole].area
        }
        let seeds = HeadSearch.seeds(parts, rule.leastPart)
        owners = faces.owners.map { $0 < 0 ? -1 : Int32(seeds[Int($0)]) }
        spread(width: width, height: height, map)
        addHair(width: width, height: height, count: (seeds.max() ?? -1) + 1, rule.leastPart, map)
        measure(maps)
        forgetDoubtful(rule)
    }

    fileprivate static let faceBit: UInt8 = 1, headBit: UInt8 = 2

    private struct FacePart {
        let box: PixelBox, area: Int
        /// Which connected part of faces and hair it is in, and whether an eighth of that is hair.
        var whole = -1, hasHair = false
    }

    /// Of each part of face the number of its head; -1: it is too small for one, and may become part of another's.
    private static func seeds(_ parts: [FacePart], _ least: Int) -> [Int] {
        var numbers = [Int](repeating: -1, count: parts.count), heads: [FacePart] = []
        for index in parts.indices.sorted(by: { parts[$0].area > parts[$1].area }) {
            let part = parts[index]
            if part.area < least { break }
            if let owner = heads.firstIndex(where: { belongs(part, to: $0) }) {
                numbers[index] = owner
            } else {
                numbers[index] = heads.count
                heads.append(part)
            }
        }
        return numbers
    }

    /// Whether a part of face is the larger one's: a bit that glasses, hair or a hand cut off, or the neck below a beard,
    /// or without hair of its own below a collar or a chain.
    private static func belongs(_ part: FacePart, to face: FacePart) -> Bool {
        let gap = part.box.gap(to: face.box), isConnected = part.whole == face.whole
        if isConnected, part.area * 10 < face.area, gap * 4 <= face.box.height { return true }
        guard isConnected ? gap * 2 <= face.box.height : !part.hasHair && gap * 6 <= face.box.height else {
            return false
        }
        let isBelow = part.box.center.y > Double(face.box.bottom) - Double(face.box.height) / 8
        return isBelow && part.area * 5 < face.area * 4
            && part.box.sharedColumns(face.box) * 2 >= part.box.width
    }

    /// Pixels of heads become their nearest seed's, along ways within heads.
    private mutating func spread(width: Int, height: Int, _ map: [UInt8]) {
        var front = owners.indices.filter { owners[$0] >= 0 }, next: [Int] = []
        while !front.isEmpty {
            next.removeAll(keepingCapacity: true)
            for pixel in front {
                let x = pixel % width, owner = owners[pixel]
                func take(_ isThere: Bool, _ neighbour: Int) {
                    guard isThere, owners[neighbour] < 0, map[neighbour] & HeadSearch.headBit != 0 else {
                        return
                    }
                    owners[neighbour] = owner
                    next.append(neighbour)
                }
                take(x > 0, pixel - 1)
                take(x < width - 1, pixel + 1)
                take(pixel >= width, pixel - width)
                take(pixel < width * (height - 1), pixel + width)
            }
            swap(&front, &next)
        }
    }

    /// What no face reached and is large enough is the hair of a head that looks away.
    private mutating func addHair(
        width: Int, height: Int, count: Int, _ least: Int, _ map: [UInt8]
    ) {
        let free = owners.indices.map { owners[$0] < 0 ? map[$0] : 0 }
        let rest = Components(width: width, height: height, map: free, bits: HeadSearch.headBit)
        var numbers = [Int32](repeating: -1, count: rest.parts.count), count = count
        for (i, part) in rest.parts.enumerated() where part.area >= least {
            numbers[i] = Int32(count)
            count += 1
        }
        for i in owners.indices where rest.owners[i] >= 0 { owners[i] = numbers[Int(rest.owners[i])] }
        heads = Array(repeating: FoundHead(box: PixelBox(x: 0, y: 0)), count: count)
    }

    private mutating func measure(_ maps: ThinnedMaps) {
        var sums = [Double](repeating: 0, count: heads.count)
        for i in owners.indices where owners[i] >= 0 {
            let head = Int(owners[i]), (y, x) = i.quotientAndRemainder(dividingBy: maps.columns)
            let pixel = PixelBox(x: x, y: y), (face, hair) = maps[x, y]
            if heads[head].area == 0 { heads[head].box = pixel } else { heads[head].box.cover(pixel) }
            if face >= hair {
                heads[head].faceArea += 1
                if heads[head].face == nil {
                    heads[head].face = pixel
                } else {
                    heads[head].face!.cover(pixel)
                }
            } else {
                heads[head].hairArea += 1
            }
            sums[head] += Double(face + hair)
        }
        for i in heads.indices { heads[i].confidence = Float(sums[i] / Double(max(heads[i].area, 1))) }
    }

    private mutating func forgetDoubtful(_ rule: Rule) {
        let isHead = heads.map {
            $0.area >= rule.leastHead
                && $0.confidence >= ($0.face == nil ? rule.hairConfidence : rule.confidence)
        }
        var places = [Int32](repeating: -1, count: heads.count), next: Int32 = 0
        for i in heads.indices where isHead[i] {
            places[i] = next
            next += 1
        }
        heads = heads.indices.filter { isHead[$0] }.map { heads[$0] }
        for i in owners.indices where owners[i] >= 0 { owners[i] = places[Int(owners[i])] }
    }
}

/// Each `step`-th row and column of probabilities.
private struct ThinnedMaps {
    let width: Int, height: Int
    let face: UnsafePointer<Float>, hair: UnsafePointer<Float>
    let step: Int

    var columns: Int { (width + step - 1) / step }
    var rows: Int { (height + step - 1) / step }

    subscript(x: Int, y: Int) -> (face: Float, hair: Float) {
        let at = (y * width + x) * step
        return (face[at], hair[at])
    }

    /// Of each pixel whether it is face, and whether face or hair; nil: none is.
    func bits(_ least: Float) -> [UInt8]? {
        var seen: UInt8 = 0
        let map = [UInt8](unsafeUninitializedCapacity: columns * rows) { map, filled in
            for y in 0..<rows {
                for x in 0..<columns {
                    let (face, hair) = self[x, y]
                    let bits =
                        (face >= least && face >= hair ? HeadSearch.faceBit : 0)
                        | (face + hair >= least ? HeadSearch.headBit : 0)
                    map[y * columns + x] = bits
                    seen |= bits
                }
            }
            filled = columns * rows
        }
        return seen == 0 ? nil : map
    }
}
