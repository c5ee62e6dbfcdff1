// Condition: what is done to a photo before a network is judged on it, to see what that costs. Always the
// same for the same photo, so that figures compare; what makes training photos various is augmentation.
import Glibc
import Media

package enum Condition: Hashable, Sendable {
    case plain
    /// y = 0.35 x^2.2 on 0...1.
    case dark
    /// The photo at 40 % of its sides, at a random place on a canvas of its own size and mean colour.
    case small
    case corrupted(Corruption, severity: Int)

    /// - Parameter index: The photo's place in its set, on which random numbers depend, and on nothing else.
    /// - Throws: ``MediaError`` if the JPEG encoder has no memory.
    package func applied(to sample: Sample, index: Int) throws(MediaError) -> Sample {
        switch self {
        case .plain: return sample
        case .dark: return sample.darkened
        case .small:
            var random = SampleRandom(seed: 0, sample: index)
            return sample.laidOnCanvas(random: &random)
        case .corrupted(let corruption, let severity):
            var changed = sample
            try corruption.apply(
                to: &changed.pixels, width: sample.width, height: sample.height, severity: severity,
                seed: UInt64(index))
            return changed
        }
    }

    /// Whether a pixel is still where it was.
    package var keepsPlaces: Bool { self != .small }
}

extension Sample {
    fileprivate var darkened: Sample {
        let table = (0...255).map { UInt8((255 * 0.35 * pow(Double($0) / 255, 2.2)).rounded()) }
        var dark = self
        dark.pixels = pixels.map { table[Int($0)] }
        return dark
    }

    fileprivate func laidOnCanvas(random: inout SampleRandom) -> Sample {
        let columns = share(of: width), rows = share(of: height)
        let left = random.integer(in: 0...width - columns), top = random.integer(in: 0...height - rows)
        let small = meansOfAreas(columns, rows), mean = meanColor, label = canvasLabel
        let color = [mean.red, mean.green, mean.blue]
        var canvas = self
        for y in 0..<height {
            for x in 0..<width {
                let i = y * width + x, column = x - left, row = y - top
                let isInside = 0..<columns ~= column && 0..<rows ~= row
                for channel in 0..<3 {
                    canvas.pixels[3 * i + channel] =
                        isInside ? small[3 * (row * columns + column) + channel] : color[channel]
                }
                // The label under the small pixel's centre.
                let source =
                    (2 * row + 1) * height / (2 * rows) * width + (2 * column + 1) * width / (2 * columns)
                canvas.labels[i] = isInside ? labels[source] : label
            }
        }
        return canvas
    }

    private func share(of side: Int) -> Int { max(Int((0.4 * Double(side)).rounded()), 1) }

    /// Background, or what a set that knows one class alone says of it.
    private var canvasLabel: UInt8 { labels.first { Sample.excluded(by: $0) != nil } ?? 0 }

    /// Each pixel is the mean of the area that it covers, parts of pixels weighted.
    private func meansOfAreas(_ columns: Int, _ rows: Int) -> [UInt8] {
        let across = parts(of: width, columns), down = parts(of: height, rows)
        var means = [UInt8](repeating: 0, count: 3 * columns * rows)
        for row in 0..<rows {
            for column in 0..<columns {
                for channel in 0..<3 {
                    var sum = 0
                    for y in down[row] {
                        for x in across[column] {
                            sum +=
                                y.weight * x.weight * Int(pixels[3 * (y.pixel * width + x.pixel) + channel])
                        }
                    }
                    // The weights of a row of pixels are its length, those of all their product.
                    let area = width * height
                    means[3 * (row * columns + column) + channel] = UInt8((2 * sum + area) / (2 * area))
                }
            }
        }
        return means
    }

    /// Of `length` pixels those that each of `count` equal parts covers, in units of 1 / count of a pixel.
    private func parts(of length: Int, _ count: Int) -> [[(pixel: Int, weight: Int)]] {
        (0..<count).map { part in
            let start = part * length, end = start + length
            return (start / count...(end - 1) / count).map { pixel in
                (pixel, min(end, (pixel + 1) * count) - max(start, pixel * count))
            }
        }
    }
}
