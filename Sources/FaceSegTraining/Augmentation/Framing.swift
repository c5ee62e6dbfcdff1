// Framing: the steps of the FaceFCN post, each as the post has it. What the post leaves open is said at each.
import FaceSegKit

/// To a size, whatever the shape: bilinear, labels nearest, centres of pixels aligned.
package struct Resized: AugmentationStep {
    let width: Int, height: Int

    package init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        sample = sample.resized(width: width, height: height)
    }
}

/// Left and right exchanged.
package struct Mirrored: AugmentationStep {
    package init() {}

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        sample.labels.mirror(width: sample.width, channels: 1)
        sample.pixels.mirror(width: sample.width, channels: 3)
    }
}

extension [UInt8] {
    fileprivate mutating func mirror(width: Int, channels: Int) {
        var values = mutableSpan
        for row in stride(from: 0, to: values.count, by: channels * width) {
            for i in 0..<width / 2 * channels {
                let x = i / channels, channel = i % channels
                values.swapAt(row + i, row + (width - 1 - x) * channels + channel)
            }
        }
    }
}

/// A border of random width on all four sides: black before the mean is subtracted, background.
package struct Padded: AugmentationStep {
    /// The post says "a random zero padding between 0 and 250": for each side, or in all?
    package enum Meaning: Sendable {
        /// One number, for each of the sides; all in it becomes 600 / 1100 as large at the least.
        case eachSide
        /// One number for what is added to the width, and as much to the height, half on either side.
        case inAll
    }

    let border: ClosedRange<Int>, meaning: Meaning

    package init(_ border: ClosedRange<Int>, _ meaning: Meaning = .eachSide) {
        (self.border, self.meaning) = (border, meaning)
    }

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        let drawn = random.integer(in: border)
        let before = meaning == .eachSide ? drawn : drawn / 2
        let added = meaning == .eachSide ? 2 * drawn : drawn
        var padded = Sample(name: sample.name, width: sample.width + added, height: sample.height + added)
        padded.draw(
            Layer(sample), Placement(scale: (1, 1), from: (0, 0), to: (Double(before), Double(before))))
        sample = padded
    }
}

/// Larger or smaller by one random factor; sides are rounded.
package struct Rescaled: AugmentationStep {
    let factor: ClosedRange<Float>

    package init(_ factor: ClosedRange<Float>) { self.factor = factor }

    package func apply(to sample: inout Sample, random: inout SampleRandom) {
        let factor = random.number(in: factor)
        sample = sample.resized(
            width: Int((Float(sample.width) * factor).rounded()),
            height: Int((Float(sample.height) * factor).rounded()))
    }
}

/// A random part of this size.
package struct Cropped: AugmentationStep {
    let width: Int, height: Int

    package init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        guard sample.width >= width, sample.height >= height else {
            throw .argument(
                "\(sample.name): \(sample.width) x \(sample.height) pixels are less than the crop of "
                    + "\(width) x \(height); resize it before")
        }
        let left = random.integer(in: 0...sample.width - width)
        let top = random.integer(in: 0...sample.height - height)
        sample = sample.part(Area(columns: left..<left + width, rows: top..<top + height))
    }
}

extension Sample {
    func resized(width: Int, height: Int) -> Sample {
        if (width, height) == (self.width, self.height) { return self }
        var resized = Sample(name: name, width: width, height: height)
        resized.draw(Layer(self), .stretched(from: (self.width, self.height), to: (width, height)))
        return resized
    }

    /// - Precondition: The area lies within the sample.
    func part(_ area: Area) -> Sample {
        var pixels: [UInt8] = [], labels: [UInt8] = []
        for row in area.rows.map({ $0 * width }) {
            labels += self.labels[row + area.columns.lowerBound..<row + area.columns.upperBound]
            pixels += self.pixels[3 * (row + area.columns.lowerBound)..<3 * (row + area.columns.upperBound)]
        }
        return Sample(
            name: name, width: area.columns.count, height: area.rows.count, pixels: pixels, labels: labels)
    }
}
