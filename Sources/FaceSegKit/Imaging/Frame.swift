// Frame: where a photo, or a region of it, lies in the network's input and in its output: sizes and maps, no
// pixels.

#if canImport(Glibc)
    import Glibc
#endif

/// A part of the photo, in its pixels: where a face detector found somebody, say.
///
///     let face = Region(x: 100, y: 80, width: 200, height: 240, angle: 15)
///     let labels = try segmenter.segment(rgb.span, width: width, height: height, region: face)
///     print("outside it is only background:", labels[0, 0] == 0)
public struct Region: Sendable, Equatable {
    /// The left side, before the turn; may lie beyond the photo.
    public var x: Double
    /// The top, before the turn; may lie beyond the photo.
    public var y: Double
    /// From left to right, 1 to 65536 pixels.
    public var width: Double
    /// From top to bottom, 1 to 65536 pixels.
    public var height: Double
    /// Degrees, clockwise, about the region's own centre: how far its content is turned.
    public var angle: Double

    /// A rectangle, which is checked when a photo is run.
    public init(x: Double, y: Double, width: Double, height: Double, angle: Double = 0) {
        (self.x, self.y, self.width, self.height, self.angle) = (x, y, width, height, angle)
    }
}

/// How far a photo's memory must be turned clockwise to be upright.
public enum Orientation: Int32, Sendable, CaseIterable {
    /// It is upright.
    case up = 0
    /// By 90 degrees.
    case right = 90
    /// By 180 degrees.
    case down = 180
    /// By 270 degrees.
    case left = 270
}

/// (u, v) -> (xx u + xy v + x0, yx u + yy v + y0).
struct AffineMap: Equatable {
    var xx = 1.0, xy = 0.0, x0 = 0.0, yx = 0.0, yy = 1.0, y0 = 0.0

    func callAsFunction(_ u: Double, _ v: Double) -> (x: Double, y: Double) {
        (xx * u + xy * v + x0, yx * u + yy * v + y0)
    }

    /// First self, then `next`.
    func then(_ next: AffineMap) -> AffineMap {
        let origin = next(x0, y0)
        return AffineMap(
            xx: next.xx * xx + next.xy * yx, xy: next.xx * xy + next.xy * yy, x0: origin.x,
            yx: next.yx * xx + next.yy * yx, yy: next.yx * xy + next.yy * yy, y0: origin.y)
    }

    static func scale(_ x: Double, _ y: Double) -> AffineMap { AffineMap(xx: x, yy: y) }
    static func move(_ x: Double, _ y: Double) -> AffineMap { AffineMap(x0: x, y0: y) }

    /// A clockwise turn (y points down). Exact for multiples of 90 degrees.
    static func turn(degrees: Double) -> AffineMap {
        let (sine, cosine) = exactSineCosine(degrees)
        return AffineMap(xx: cosine, xy: -sine, yx: sine, yy: cosine)
    }
}

private func exactSineCosine(_ degrees: Double) -> (Double, Double) {
    switch fmod(fmod(degrees, 360) + 360, 360) {
    case 0: (0, 1)
    case 90: (1, 0)
    case 180: (0, -1)
    case 270: (-1, 0)
    default: (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
    }
}

/// The way of a photo through a network, worked out from sizes alone.
struct Frame: Equatable {
    /// The region's sides when upright, in photo pixels.
    let uprightWidth: Double, uprightHeight: Double
    /// From the upright region to the photo.
    let toPhoto: AffineMap
    /// Whether rows of the region are rows of the photo, inside it: then rows and columns separate.
    let isStraight: Bool
    let region: Region, orientation: Orientation
    /// Sides after the first reduction and in the network.
    let reduced: (width: Int, height: Int), working: (width: Int, height: Int)
    /// The network's input, and the photo's place in it.
    let input: (width: Int, height: Int), left: Int, top: Int

    static func == (a: Frame, b: Frame) -> Bool {
        a.toPhoto == b.toPhoto && a.region == b.region && a.reduced == b.reduced && a.working == b.working
            && a.input == b.input && a.isStraight == b.isStraight
    }

    init(
        width: Int, height: Int, region: Region?, orientation: Orientation, _ preprocessing: Preprocessing
    ) throws(FaceSegError) {
        let whole = Region(x: 0, y: 0, width: Double(width), height: Double(height))
        let region = region ?? whole
        try Frame.check(region)
        let isTurned = orientation == .right || orientation == .left
        uprightWidth = isTurned ? region.height : region.width
        uprightHeight = isTurned ? region.width : region.height
        toPhoto = AffineMap.move(-uprightWidth / 2, -uprightHeight / 2)
            .then(.turn(degrees: region.angle - Double(orientation.rawValue)))
            .then(.move(region.x + region.width / 2, region.y + region.height / 2))
        isStraight =
            region.angle == 0 && orientation == .up && region.x >= 0 && region.y >= 0
            && region.x + region.width <= whole.width && region.y + region.height <= whole.height
        (self.region, self.orientation) = (region, orientation)
        let longest = max(uprightWidth, uprightHeight)
        let target = preprocessing.workingSize.map(Double.init) ?? longest
        let first = preprocessing.reduceSize.map { min(Double($0), longest) } ?? target
        working = Frame.size(uprightWidth, uprightHeight, target / longest)
        // Without a reduction, or where it would be none, the photo goes to its working size in one step.
        let reducesTwice = preprocessing.reduceSize != nil && first < longest && first != target
        reduced = reducesTwice ? Frame.size(uprightWidth, uprightHeight, first / longest) : working
        var sides = working
        if preprocessing.canvas == .square, let size = preprocessing.workingSize { sides = (size, size) }
        let multiple = preprocessing.multipleOf
        input = (Frame.up(sides.width, multiple), Frame.up(sides.height, multiple))
        left = (input.width - working.width) / 2
        top = (input.height - working.height) / 2
    }

    /// A whole photo, upright, at its own size or FaceFCN's.
    init(wholeOf width: Int, _ height: Int) throws(FaceSegError) {
        try self.init(width: width, height: height, region: nil, orientation: .up, Preprocessing())
    }

    /// From a pixel of the photo to the square 0...1 that the region covers.
    var photoToUnit: AffineMap {
        inverse(toPhoto).then(.scale(1 / uprightWidth, 1 / uprightHeight))
    }

    /// From a pixel of the photo to one of maps in which the working picture has this place.
    func photoToMaps(_ place: (x: Double, y: Double, width: Double, height: Double)) -> AffineMap {
        photoToUnit.then(.scale(place.width, place.height)).then(.move(place.x, place.y))
    }

    /// The working picture's place in an output of the network that has these sides.
    func place(outputWidth: Int, outputHeight: Int) -> (x: Double, y: Double, width: Double, height: Double) {
        let across = Double(outputWidth) / Double(input.width),
            down = Double(outputHeight) / Double(input.height)
        return (
            Double(left) * across, Double(top) * down, Double(working.width) * across,
            Double(working.height) * down
        )
    }

    private static func check(_ region: Region) throws(FaceSegError) {
        let numbers = [region.x, region.y, region.width, region.height, region.angle]
        guard numbers.allSatisfy({ $0.isFinite && abs($0) <= 1e6 }) else {
            throw .argument("region \(numbers) has a number beyond a million")
        }
        guard min(region.width, region.height) >= 1, max(region.width, region.height) <= 65_536 else {
            throw .argument("region sides \(region.width) x \(region.height) are not between 1 and 65536")
        }
    }

    private static func size(_ width: Double, _ height: Double, _ scale: Double) -> (width: Int, height: Int)
    {
        (max(Int((width * scale).rounded()), 1), max(Int((height * scale).rounded()), 1))
    }

    private static func up(_ side: Int, _ multiple: Int) -> Int {
        (side + multiple - 1) / multiple * multiple
    }
}

/// The inverse of a turn and a move (a matrix whose inverse is its transpose).
private func inverse(_ map: AffineMap) -> AffineMap {
    AffineMap(
        xx: map.xx, xy: map.yx, x0: -(map.xx * map.x0 + map.yx * map.y0), yx: map.xy, yy: map.yy,
        y0: -(map.xy * map.x0 + map.yy * map.y0))
}
