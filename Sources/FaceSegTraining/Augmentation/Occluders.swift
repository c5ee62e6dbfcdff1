// Occluders: things before the face that are neither face nor hair.
import FaceSegKit
import Glibc

/// Polygons, bars and blobs, each of one color, striped, or a piece of a scene; what they cover is label 0.
package struct Occluders: AugmentationStep {
    package var count = 1...4
    /// Radius, of the longer side.
    package var size: ClosedRange<Float> = 0.03...0.2
    /// Where pieces come from; nil: none have such.
    package var scenes: SampleDraw?

    package init(scenes: SampleDraw? = nil) { self.scenes = scenes }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        for _ in 0..<random.integer(in: count) {
            let shape = shape(in: sample, random: &random)
            let paint = try paint(like: sample, random: &random)
            sample.fill(shape, with: paint)
        }
    }

    private func shape(in sample: Sample, random: inout SampleRandom) -> Polygon {
        let radius = random.factor(in: size) * Float(max(sample.width, sample.height))
        let middle = (x: random.unit() * Float(sample.width), y: random.unit() * Float(sample.height))
        let turn = random.number(in: 0...(2 * .pi))
        switch random.integer(in: 0...2) {
        case 0: return ring(middle, radius, random.integer(in: 3...7), roughness: 0.6, turn, &random)
        case 1: return bar(middle, radius, turn, &random)
        default: return ring(middle, radius, 24, roughness: 0.12, turn, &random)
        }
    }

    /// Corners around the middle, each nearer than the radius by a random share up to `roughness`.
    private func ring(
        _ middle: (x: Float, y: Float), _ radius: Float, _ count: Int, roughness: Float, _ turn: Float,
        _ random: inout SampleRandom
    ) -> Polygon {
        var corners: [(x: Float, y: Float)] = []
        for i in 0..<count {
            let angle = turn + 2 * .pi * Float(i) / Float(count)
            let length = radius * (1 - roughness * random.unit())
            corners.append((middle.x + length * cos(angle), middle.y + length * sin(angle)))
        }
        return Polygon(corners: corners)
    }

    /// Six to twenty times as long as wide.
    private func bar(
        _ middle: (x: Float, y: Float), _ radius: Float, _ turn: Float, _ random: inout SampleRandom
    ) -> Polygon {
        let (length, width) = (3 * radius, 3 * radius / random.number(in: 6...20))
        let (x, y) = (cos(turn), sin(turn))
        return Polygon(
            corners: [(1, 1), (1, -1), (-1, -1), (-1, 1)].map { (along: Float, across: Float) in
                (
                    middle.x + along * length * x - across * width * y,
                    middle.y + along * length * y + across * width * x
                )
            })
    }

    private func paint(
        like sample: Sample, random: inout SampleRandom
    ) throws(FaceSegError) -> Paint {
        let kind = random.integer(in: 0...2)
        if kind == 0, let scenes {
            var piece = Sample(name: sample.name, width: sample.width, height: sample.height)
            piece.cover(piece.area, with: try scenes(&random), random: &random)
            return .picture(piece.pixels)
        }
        let color = Color.random(&random)
        if kind != 1 { return .color(color) }
        let angle = random.number(in: 0...(2 * .pi)), period = random.factor(in: 3...30)
        return .stripes(color, .random(&random), (cos(angle) / period, sin(angle) / period))
    }
}

private enum Paint {
    case color(Color)
    /// Two colors, and how many stripes of both there are along a pixel of x and of y.
    case stripes(Color, Color, (x: Float, y: Float))
    /// `[height, width, 3]`, of the sample's size.
    case picture([UInt8])

    func color(_ x: Int, _ y: Int, _ place: Int) -> Color {
        switch self {
        case .color(let color): return color
        case .stripes(let one, let other, let density):
            let phase = Float(x) * density.x + Float(y) * density.y
            return phase - phase.rounded(.down) < 0.5 ? one : other
        case .picture(let pixels):
            return Color(pixels[3 * place], pixels[3 * place + 1], pixels[3 * place + 2])
        }
    }
}

extension Sample {
    fileprivate mutating func fill(_ shape: Polygon, with paint: Paint) {
        let width = width
        shape.forEachRun(width: width, height: height) { y, columns in
            for x in columns {
                let place = y * width + x, color = paint.color(x, y, place)
                labels[place] = 0
                (pixels[3 * place], pixels[3 * place + 1], pixels[3 * place + 2]) = (
                    color.red, color.green, color.blue
                )
            }
        }
    }
}
