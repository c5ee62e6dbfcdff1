// CorruptionLight: brightness and contrast, the damages that look at a pixel at a time.

/// Adds to HSV's value: hue and saturation stay, so all channels grow by one factor.
func brighten(_ pixels: inout [UInt8], by addend: Float) {
    for i in stride(from: 0, to: pixels.count, by: 3) {
        let value = max(pixels[i], pixels[i + 1], pixels[i + 2])
        let brighter = min(Float(value) + 255 * addend, 255)
        for c in i..<i + 3 {
            pixels[c] = byte(value == 0 ? brighter : Float(pixels[c]) / Float(value) * brighter)
        }
    }
}

/// Draws all towards each channel's mean.
func flatten(_ pixels: inout [UInt8], by factor: Float) {
    for channel in 0..<3 {
        let places = stride(from: channel, to: pixels.count, by: 3)
        let sum = places.reduce(0) { $0 + Int(pixels[$1]) }
        let mean = Float(Double(sum) / Double(pixels.count / 3))
        for i in places { pixels[i] = byte((Float(pixels[i]) - mean) * factor + mean) }
    }
}
