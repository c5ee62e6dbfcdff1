// Glare: light that falls into the lens, or back from the skin.
import FaceSegKit

/// Bright soft spots, white in their middle where they are strong.
package struct Glare: AugmentationStep {
    package var count = 1...3
    /// Of the longer side.
    package var radius: ClosedRange<Float> = 0.05...0.5
    /// Levels added in the middle.
    package var light: ClosedRange<Float> = 60...350

    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        for _ in 0..<random.integer(in: count) { addSpot(to: &sample, random: &random) }
    }

    /// An ellipse; the light falls as (1 - r^2)^2 and ends at its rim.
    private func addSpot(to sample: inout Sample, random: inout SampleRandom) {
        let (x, y) = (random.unit() * Float(sample.width), random.unit() * Float(sample.height))
        let longer = Float(max(sample.width, sample.height))
        let (a, b) = (longer * random.factor(in: radius), longer * random.factor(in: radius))
        let light = random.factor(in: light)
        let tint = [light, light * random.number(in: 0.85...1), light * random.number(in: 0.6...1)]
        let around = Area(columns: Int(x - a)..<Int(x + a) + 1, rows: Int(y - b)..<Int(y + b) + 1)
            .clipped(to: sample.area)
        let width = sample.width
        var pixels = sample.pixels.mutableSpan
        for row in around.rows {
            let v = (Float(row) + 0.5 - y) / b
            for column in around.columns {
                let u = (Float(column) + 0.5 - x) / a, rest = max(1 - u * u - v * v, 0)
                let place = 3 * (row * width + column)
                for c in 0..<3 { pixels[place + c] = byte(Float(pixels[place + c]) + rest * rest * tint[c]) }
            }
        }
    }
}
