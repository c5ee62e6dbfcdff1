// HeadNumbers: whose a pixel of the photo is, where several heads were found.

/// A head in a photo: a face with its hair, or hair alone.
public struct HeadInstance: Sendable, Equatable {
    /// 1...255, what its pixels are in ``Segmenter/headNumbers(into:)``; larger heads have smaller ones.
    public let number: Int
    /// Columns of the smallest rectangle about its pixels.
    public let columns: Range<Int>
    /// Its rows.
    public let rows: Range<Int>
    /// Pixels labelled face.
    public let faceArea: Int
    /// Pixels labelled hair.
    public let hairArea: Int
    /// The mean probability of face and hair within it where it was looked at, 0.5...1.
    public let confidence: Float
}

/// Tells the head of each pixel.
enum HeadNumbers {
    /// Of several looks: the one that counts most and calls the pixel its own.
    case looks([CrowdLook])
    /// Of the look at the whole photo.
    case whole(WholeHeads)

    /// Confidence of each head, by number from 1.
    var confidences: [Float] {
        switch self {
        case .looks(let looks): looks.map(\.place.confidence)
        case .whole(let heads): heads.confidences
        }
    }

    /// The numbers of a row's pixels; 0: nobody's.
    func fill(_ numbers: UnsafeMutablePointer<UInt8>, row: Int, width: Int) {
        numbers.update(repeating: 0, count: width)
        switch self {
        case .whole(let heads):
            for x in 0..<width { numbers[x] = heads.number(x: x, y: row) }
        case .looks(let looks):
            var best = [Float](repeating: 0, count: width)
            for (index, look) in looks.enumerated() where look.covers(row: row) {
                let down = look.weight(row: row)
                for x in look.columns {
                    let weight = down * look.weight(column: x)
                    if weight > best[x], look.owns(x: x, y: row) {
                        (best[x], numbers[x]) = (weight, UInt8(index + 1))
                    }
                }
            }
        }
    }
}

/// The heads of one look at the whole photo.
struct WholeHeads {
    let confidences: [Float]
    /// `[height, width]` of the maps: 0: nobody's.
    private let numbers: [UInt8]
    private let width: Int, height: Int
    private let toMaps: AffineMap

    /// - look: its maps may be gone later.
    init(_ look: Look, _ search: HeadSearch) {
        (width, height) = (look.maps.shape[3], look.maps.shape[2])
        let order = search.heads.indices.sorted { search.heads[$0].area > search.heads[$1].area }.prefix(255)
        var places = [UInt8](repeating: 0, count: search.heads.count)
        for (place, head) in order.enumerated() { places[head] = UInt8(place + 1) }
        confidences = order.map { search.heads[$0].confidence }
        numbers = search.owners.map { $0 < 0 ? 0 : places[Int($0)] }
        toMaps = look.frame.photoToMaps(look.frame.place(outputWidth: width, outputHeight: height))
    }

    func number(x: Int, y: Int) -> UInt8 {
        let point = toMaps(Double(x) + 0.5, Double(y) + 0.5)
        let u = Int(point.x.rounded(.down)), v = Int(point.y.rounded(.down))
        guard u >= 0, u < width, v >= 0, v < height else { return 0 }
        return numbers[v * width + u]
    }
}
