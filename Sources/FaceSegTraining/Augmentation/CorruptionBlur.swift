// CorruptionBlur: Gaussian blur and defocus.
import Glibc

/// Pixels past the edge are the edge's; the filter ends at four deviations, as in scikit-image.
func blur(_ pixels: inout [UInt8], _ width: Int, _ height: Int, deviation: Float) {
    let reach = Int(4 * deviation + 0.5)
    let weights = bell(reach: reach, deviation: deviation)
    let across = Filter(width: weights.count, height: 1, weights: weights)
    let down = Filter(width: 1, height: weights.count, weights: weights)
    var image = FloatImage(pixels, width: width, height: height)
    image = down.applied(to: across.applied(to: image, edge: nearest), edge: nearest)
    pixels = image.bytes
}

/// A disk, its edge softened a little; pixels past the edge are mirrored, as by OpenCV's filter2D.
func putOutOfFocus(_ pixels: inout [UInt8], _ width: Int, _ height: Int, radius: Int) {
    let image = FloatImage(pixels, width: width, height: height)
    pixels = disk(radius: radius).applied(to: image, edge: mirrored).bytes
}

/// ImageNet-C's: on a square of 17 pixels or more, smoothed by a Gaussian of 3 pixels, from a radius of 9 on
/// by one of 5.
private func disk(radius: Int) -> Filter {
    let half = max(radius, 8), side = 2 * half + 1
    let inside = (0..<side * side).map { i in
        let x = i % side - half, y = i / side - half
        return Float(x * x + y * y <= radius * radius ? 1 : 0)
    }
    let area = inside.reduce(0, +)
    let soft = bell(reach: radius <= 8 ? 1 : 2, deviation: radius == 3 ? 0.1 : 0.5)
    let rows = smoothed(inside.map { $0 / area }, side, soft, step: 1)
    return Filter(width: side, height: side, weights: smoothed(rows, side, soft, step: side))
}

/// Along rows with a step of 1, along columns with a step of `side`; mirrored at the edges.
private func smoothed(_ values: [Float], _ side: Int, _ weights: [Float], step: Int) -> [Float] {
    values.indices.map { i in
        let place = i / step % side, line = i - place * step
        return weights.indices.reduce(0) { sum, k in
            sum + weights[k] * values[line + step * mirrored(place + k - weights.count / 2, side)]
        }
    }
}

/// A Gaussian's `2 reach + 1` weights, of sum 1.
func bell(reach: Int, deviation: Float) -> [Float] {
    let values = (-reach...reach).map { exp(-Float($0 * $0) / (2 * deviation * deviation)) }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
}
