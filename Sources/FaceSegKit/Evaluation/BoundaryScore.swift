// BoundaryScore: how well the edges of what was found lie on the true ones. Areas are ConfusionMatrix's.

/// Boundary F1 of each class in one photo: 2PR / (P + R), where P is the share of the class's boundary pixels
/// as found that lie within a tolerance of its true boundary, R the share of true ones within it of those
/// found.
///
/// - Boundary: pixels of the class with one of another class left, right, above or below. A pixel that is
///   unknown, or has an unknown neighbour, is on none.
/// - Undefined: where neither picture has a boundary, and for classes that a data set does not know
///   (``ConfusionMatrix``).
/// - Source: Csurka, Larlus, Perronnin, Meylan, "What is a good evaluation measure for semantic
///   segmentation?", BMVC 2013: the tolerance is 0.75 % of the photo's diagonal.
package struct BoundaryScore {
    /// How far an edge may be away.
    package enum Tolerance: Sendable {
        /// A share of the photo's diagonal.
        case diagonal(Double)
        case pixels(Double)
    }

    /// The paper's, and two that show how sharp edges are.
    package static let tolerances: [Tolerance] = [.diagonal(0.0075), .pixels(2), .pixels(4)]

    private let width: Int, height: Int
    /// Of each tolerance, steps to all pixels within it.
    private let discs: [[(x: Int, y: Int)]]

    package init(width: Int, height: Int, tolerances: [Tolerance] = tolerances) {
        (self.width, self.height) = (width, height)
        discs = tolerances.map { tolerance in
            switch tolerance {
            case .diagonal(let share):
                BoundaryScore.disc(share * Double(width * width + height * height).squareRoot())
            case .pixels(let pixels): BoundaryScore.disc(pixels)
            }
        }
    }

    private static func disc(_ radius: Double) -> [(x: Int, y: Int)] {
        let reach = Int(radius)
        return (-reach...reach).flatMap { y in
            (-reach...reach).filter { Double($0 * $0 + y * y) <= radius * radius }.map { ($0, y) }
        }
    }

    /// - Parameters:
    ///   - truth: `[height, width]`, as ``Truth`` reads them.
    ///   - labels: `[height, width]`, what was found.
    /// - Returns: Of each tolerance, of each class.
    package func f1(truth: [UInt8], labels: [UInt8], classes: Int) -> [[Double?]] {
        let table = Truth.table(classes: classes)
        var occurs = [Bool](repeating: false, count: 256)
        for label in truth { occurs[Int(label)] = true }
        let hasExclusions = table.indices.contains {
            if case .isNot = table[$0] { occurs[$0] } else { false }
        }
        let ofClasses: [[Double?]] = (0..<classes).map { i in
            if hasExclusions && !occurs[i] { return discs.map { _ in nil } }
            let places = table.map { Place($0, i) }
            let known = truth.map { places[Int($0)] }
            let found = zip(known, labels).map { known, label in
                known == .unknown ? .unknown : Int(label) == i ? Place.inside : .outside
            }
            let edges = (boundary(known), boundary(found))
            return discs.map { f1(edges.0, edges.1, $0) }
        }
        return discs.indices.map { tolerance in ofClasses.map { $0[tolerance] } }
    }

    private func f1(_ truth: [Int], _ found: [Int], _ disc: [(x: Int, y: Int)]) -> Double? {
        if truth.isEmpty && found.isEmpty { return nil }
        guard let precision = share(found, near: truth, disc), let recall = share(truth, near: found, disc),
            precision + recall > 0
        else { return 0 }
        return 2 * precision * recall / (precision + recall)
    }

    /// Pixels' places.
    private func boundary(_ map: [Place]) -> [Int] {
        map.indices.filter { i in
            guard map[i] == .inside else { return false }
            let x = i % width
            var meetsOutside = false
            for (isThere, neighbour) in [
                (x > 0, i - 1), (x < width - 1, i + 1), (i >= width, i - width),
                (i < width * (height - 1), i + width),
            ] where isThere {
                if map[neighbour] == .unknown { return false }
                if map[neighbour] == .outside { meetsOutside = true }
            }
            return meetsOutside
        }
    }

    /// nil: there are none.
    private func share(_ pixels: [Int], near others: [Int], _ disc: [(x: Int, y: Int)]) -> Double? {
        var isNear = [Bool](repeating: false, count: width * height)
        for other in others {
            for step in disc {
                let x = other % width + step.x, y = other / width + step.y
                if 0..<width ~= x && 0..<height ~= y { isNear[y * width + x] = true }
            }
        }
        return FaceSegKit.share(pixels.count { isNear[$0] }, pixels.count)
    }
}

/// Where a pixel lies, as seen from a class.
private enum Place: UInt8 {
    case outside, inside, unknown

    init(_ truth: Truth, _ i: Int) {
        self =
            switch truth {
            case .isClass(let label): label == i ? .inside : .outside
            case .isNot(let label): label == i ? .outside : .unknown
            case .nothing: .unknown
            }
    }
}
