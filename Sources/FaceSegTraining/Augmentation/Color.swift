// Color: what a pixel can be, for fills and paint.

/// Red, green and blue, 0...255.
package struct Color: Sendable, Equatable {
    package var red: UInt8, green: UInt8, blue: UInt8

    package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    package static let black = Color(0, 0, 0)
    /// What the built-in network's input has around photos.
    static let canvas = Color(123, 117, 104)

    static func random(_ random: inout SampleRandom) -> Color {
        let bits = random.next()
        return Color(
            UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8),
            UInt8(truncatingIfNeeded: bits >> 16))
    }
}

extension Sample {
    /// Of all pixels.
    var meanColor: Color {
        let count = width * height
        func mean(_ channel: Int) -> UInt8 {
            let sum = stride(from: channel, to: pixels.count, by: 3).reduce(0) { $0 + Int(pixels[$1]) }
            return UInt8((2 * sum + count) / (2 * count))
        }
        return Color(mean(0), mean(1), mean(2))
    }
}
