// Shape: the sides of a blob, checked once so that later arithmetic cannot overflow. Holds no numbers itself.

/// The sides of a blob, outermost first: Caffe's N x C x H x W, or any other rank up to 8.
///
/// Every side is 1 or more and the number of elements at most 2^33, so that products of sides with element
/// sizes fit an `Int`.
///
///     let shape = try Shape([1, 3, 480, 640])
///     print(shape, shape.rank, shape.count, shape[2])
public struct Shape: Hashable, Sendable {
    /// The sides, outermost first. Empty for a single number.
    public let dimensions: [Int]

    static let mostElements = 1 << 33
    static let mostDimensions = 8

    /// Checked sides.
    ///
    /// - Parameters:
    ///   - dimensions: At most 8 of them, outermost first, each 1 or more, their product at most 2^33.
    ///   - layer: Whose shape it is, for the error.
    /// - Throws: ``FaceSegError/shape(layer:expected:got:)`` naming `layer`.
    public init(_ dimensions: [Int], layer: String = "input") throws(FaceSegError) {
        guard dimensions.count <= Shape.mostDimensions else {
            throw .shape(layer: layer, expected: "at most 8 dimensions", got: "\(dimensions.count)")
        }
        var count = 1
        for side in dimensions {
            guard side >= 1 else {
                throw .shape(layer: layer, expected: "sides of 1 or more", got: Shape.text(dimensions))
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: side)
            guard !overflow, product <= Shape.mostElements else {
                throw .shape(layer: layer, expected: "at most 2^33 elements", got: Shape.text(dimensions))
            }
            count = product
        }
        self.dimensions = dimensions
        self.count = count
    }

    /// Number of elements.
    public let count: Int

    /// Number of sides, 0 to 8.
    public var rank: Int { dimensions.count }
    /// The side of an axis, 0 to `rank` - 1.
    public subscript(_ axis: Int) -> Int { dimensions[axis] }

    /// Elements in the dimensions of `range`; 1 for an empty range.
    package func count(_ range: Range<Int>) -> Int { dimensions[range].reduce(1, *) }
    /// Elements before `axis` and after it.
    package func outer(_ axis: Int) -> Int { count(0..<axis) }
    package func inner(_ axis: Int) -> Int { count(axis + 1..<rank) }

    /// `axis` counted from the front: Caffe's negative axes count from the end.
    package func axis(_ axis: Int, layer: String) throws(FaceSegError) -> Int {
        let at = axis < 0 ? axis + rank : axis
        guard at >= 0, at < rank else {
            throw .shape(layer: layer, expected: "an axis \(axis)", got: "\(self)")
        }
        return at
    }

    /// The shape with some dimensions replaced.
    func replacing(_ range: Range<Int>, with sides: [Int], layer: String) throws(FaceSegError) -> Shape {
        var all = dimensions
        all.replaceSubrange(range, with: sides)
        return try Shape(all, layer: layer)
    }

    /// Batch, channels, height, width.
    /// - Throws: if the rank is not 4.
    package func planes(layer: String) throws(FaceSegError) -> (
        batch: Int, channels: Int, height: Int, width: Int
    ) {
        guard rank == 4 else { throw .shape(layer: layer, expected: "4 dimensions", got: "\(self)") }
        return (dimensions[0], dimensions[1], dimensions[2], dimensions[3])
    }

    package static func text(_ dimensions: [Int]) -> String {
        dimensions.isEmpty ? "a single number" : dimensions.map(String.init).joined(separator: " x ")
    }
}

extension Shape: CustomStringConvertible {
    /// `1 x 3 x 512 x 512`.
    public var description: String { Shape.text(dimensions) }
}
