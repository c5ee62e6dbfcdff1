// Photo+Covering: a picture at the size of a video, cut where their shapes differ.
import Media

extension Photo {
    /// The picture's middle, `UInt8 [height, width, 3]`, as large as covers all of it. What is transparent is black.
    func covering(width: Int, height: Int) -> [UInt8] {
        let scale = min(Float(self.width) / Float(width), Float(self.height) / Float(height))
        let across = Taps(
            count: width, scale: scale, of: self.width,
            start: Float(self.width) / 2 - scale * Float(width) / 2)
        let down = Taps(
            count: height, scale: scale, of: self.height,
            start: Float(self.height) / 2 - scale * Float(height) / 2)
        var rows = [Float](repeating: 0, count: self.height * width * 3)
        for y in 0..<self.height {
            for x in 0..<width {
                across.each(x) { column, weight in
                    let color = self.color(y * self.width + column)
                    for channel in 0..<3 { rows[3 * (y * width + x) + channel] += weight * color[channel] }
                }
            }
        }
        var result = [UInt8](repeating: 0, count: height * width * 3)
        for y in 0..<height {
            for i in 0..<3 * width {
                var sum: Float = 0.5
                down.each(y) { row, weight in sum += weight * rows[3 * width * row + i] }
                result[3 * width * y + i] = UInt8(max(min(sum, 255), 0))
            }
        }
        return result
    }

    private func color(_ index: Int) -> SIMD3<Float> {
        let from = channels * index
        if channels == 1 { return SIMD3(repeating: Float(pixels[from])) }
        let color = SIMD3(Float(pixels[from]), Float(pixels[from + 1]), Float(pixels[from + 2]))
        return channels == 3 ? color : color * Float(pixels[from + 3]) / 255
    }
}

/// Weights along a side: linear between pixels where it is enlarged, a triangle over what falls together where it is
/// reduced.
private struct Taps {
    let count: Int, scale: Float, of: Int, start: Float

    func each(_ pixel: Int, _ body: (Int, Float) -> Void) {
        let reach = max(scale, 1), center = start + (Float(pixel) + 0.5) * scale - 0.5
        let first = max(Int((center - reach).rounded(.up)), 0)
        let last = min(Int((center + reach).rounded(.down)), of - 1)
        guard first <= last else { return body(min(max(Int(center.rounded()), 0), of - 1), 1) }
        var sum: Float = 0
        for tap in first...last { sum += max(1 - abs(Float(tap) - center) / reach, 0) }
        guard sum > 0 else { return body(min(max(Int(center.rounded()), 0), of - 1), 1) }
        for tap in first...last { body(tap, max(1 - abs(Float(tap) - center) / reach, 0) / sum) }
    }
}
