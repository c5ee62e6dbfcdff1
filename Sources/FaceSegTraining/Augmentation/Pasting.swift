// Pasting: steps that put parts of several pictures into one.
import FaceSegKit

/// Another scene behind face and hair. Nothing happens where some pixels are not known.
package struct ExchangedBackground: AugmentationStep {
    let scenes: SampleDraw

    package init(_ scenes: @escaping SampleDraw) { self.scenes = scenes }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        guard let head = Silhouette(headOf: sample) else { return }
        let labels = sample.labels
        sample.cover(sample.area, with: try scenes(&random), random: &random)
        let place = (Double(head.area.columns.lowerBound), Double(head.area.rows.lowerBound))
        sample.draw(head.layer, Placement(scale: (1, 1), from: (0, 0), to: place))
        sample.labels = labels
    }
}

/// Heads of other samples, cut out by their masks.
package struct PastedHeads: AugmentationStep {
    let heads: SampleDraw
    package var count = 1...4
    /// Of the picture's height.
    package var height: ClosedRange<Float> = 0.05...0.4
    /// Degrees, either way.
    package var rotation: Float = 20

    package init(_ heads: @escaping SampleDraw) { self.heads = heads }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        for _ in 0..<random.integer(in: count) {
            guard let head = Silhouette(headOf: try heads(&random)) else { continue }
            let place = (
                Double(random.unit()) * Double(sample.width), Double(random.unit()) * Double(sample.height)
            )
            let length = Double(random.factor(in: height)) * Double(sample.height)
            let angle = Double(random.number(in: -rotation...rotation))
            sample.paste(head, height: length, at: place, angle: angle, mirrored: random.chance(0.5))
        }
    }
}

/// People before a scene, which takes the sample's place: the smaller, the earlier drawn.
package struct PeopleInScene: AugmentationStep {
    /// Gives someone cut out. Called from several threads at a time.
    package typealias Draw = @Sendable (inout SampleRandom) throws(FaceSegError) -> Silhouette

    let width: Int, height: Int, people: Draw, scenes: SampleDraw
    package var count = 1...6
    /// Of the scene's height. Whoever is taller than it is cut off at its lower edge.
    package var size: ClosedRange<Float> = 0.4...2

    package init(width: Int, height: Int, people: @escaping Draw, scenes: @escaping SampleDraw) {
        (self.width, self.height, self.people, self.scenes) = (width, height, people, scenes)
    }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        sample = Sample(name: sample.name, width: width, height: height)
        sample.cover(sample.area, with: try scenes(&random), random: &random)
        var sizes: [Float] = []
        for _ in 0..<random.integer(in: count) { sizes.append(random.factor(in: size)) }
        for size in sizes.sorted() {
            let person = try people(&random), length = Double(size) * Double(height)
            // Heads are in the scene, and all of whoever is small enough.
            let top = random.unit() * max(1 - size, 0.35) * Float(height)
            let place = (Double(random.unit()) * Double(width), Double(top) + length / 2)
            sample.paste(person, height: length, at: place, angle: 0, mirrored: random.chance(0.5))
        }
    }
}

extension Sample {
    /// - Parameters:
    ///   - height: Of the silhouette, in pixels of this sample.
    ///   - place: Where its middle comes.
    ///   - angle: Degrees, clockwise.
    fileprivate mutating func paste(
        _ cut: Silhouette, height: Double, at place: (Double, Double), angle: Double, mirrored: Bool
    ) {
        let scale = height / Double(cut.sample.height)
        let middle = (Double(cut.sample.width) / 2, Double(cut.sample.height) / 2)
        let placement = Placement(
            scale: (mirrored ? -scale : scale, scale), angle: angle * .pi / 180, from: middle, to: place)
        draw(cut.layer, placement)
    }
}
