// Placed: scale, translation, rotation and aspect at once, by one resampling onto a canvas.
import FaceSegKit

/// What stands where no picture is.
package indirect enum Canvas: Sendable {
    case color(Color)
    case randomColor
    /// The placed picture's own mean.
    case meanColor
    /// One of these, as often as their weights say.
    case chosen([(weight: Float, canvas: Canvas)])
    /// A picture, enlarged to cover all, with its own labels.
    case picture(SampleDraw)

    /// An empty canvas for a picture.
    func sample(
        for picture: Sample, width: Int, height: Int, random: inout SampleRandom
    ) throws(FaceSegError) -> Sample {
        func filled(_ color: Color) -> Sample {
            Sample(name: picture.name, width: width, height: height, color: color)
        }
        switch self {
        case .color(let color): return filled(color)
        case .randomColor: return filled(.random(&random))
        case .meanColor: return filled(picture.meanColor)
        case .chosen(let choices):
            return try choices[random.place(byWeights: choices.map(\.weight))].canvas.sample(
                for: picture, width: width, height: height, random: &random)
        case .picture(let draw):
            var canvas = Sample(name: picture.name, width: width, height: height)
            canvas.cover(canvas.area, with: try draw(&random), random: &random)
            return canvas
        }
    }
}

/// A picture at a random place, in a random size and attitude.
package struct Placed: AugmentationStep {
    package let width: Int, height: Int
    /// 1: the picture just fits the canvas. Small ones are as frequent as large ones (in logarithms).
    package var scale: ClosedRange<Float> = 0.7...1.5
    /// Degrees, either way.
    package var rotation: Float = 15
    /// Width over height is changed by this factor at most, either way.
    package var aspect: Float = 1.15
    /// Of the room that there is: 0 keeps the picture in the middle, 1 lets it go wherever it stays inside,
    /// or, if it is larger than the canvas, wherever it covers it; more lets a part be cut off.
    package var translation: Float = 1
    package var canvas = Canvas.color(.black)

    package init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        var placed = try canvas.sample(for: sample, width: width, height: height, random: &random)
        placed.draw(Layer(sample), placement(of: sample, random: &random))
        sample = placed
    }

    private func placement(of sample: Sample, random: inout SampleRandom) -> Placement {
        let fit = min(Double(width) / Double(sample.width), Double(height) / Double(sample.height))
        let scale = fit * Double(random.factor(in: scale))
        let stretch = Double(random.factor(in: 1 / aspect...aspect)).squareRoot()
        let (x, y) = (scale * stretch, scale / stretch)
        return Placement(
            scale: (x, y), angle: Double(random.number(in: -rotation...rotation)) * .pi / 180,
            from: (Double(sample.width) / 2, Double(sample.height) / 2),
            to: (
                middle(width, x * Double(sample.width), &random),
                middle(height, y * Double(sample.height), &random)
            ))
    }

    /// Where the middle of a side of this length goes.
    private func middle(_ room: Int, _ length: Double, _ random: inout SampleRandom) -> Double {
        let play = abs(Double(room) - length) / 2
        return Double(room) / 2 + play * Double(random.number(in: -translation...translation))
    }
}

extension Sample {
    /// Fills an area with a random part of a picture that is as large as it can be.
    mutating func cover(_ area: Area, with other: Sample, random: inout SampleRandom) {
        let (width, height) = (Double(area.columns.count), Double(area.rows.count))
        let scale = max(width / Double(other.width), height / Double(other.height))
        let spare = (x: Double(other.width) - width / scale, y: Double(other.height) - height / scale)
        let from = (x: spare.x * Double(random.unit()), y: spare.y * Double(random.unit()))
        draw(
            Layer(other),
            Placement(
                scale: (scale, scale), from: from,
                to: (Double(area.columns.lowerBound), Double(area.rows.lowerBound))), within: area)
    }
}
