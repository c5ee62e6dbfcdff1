// Color: what a pixel can be, for fills and paint.

/// Red, green and blue, 0...255.
package struct Color: Sendable, Equatable {
    package var red: UInt8, green: UInt8, blue: UInt8

    package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    package static let black = Color(0, 0, 0)

    static func random(_ random: inout SampleRandom) -> Color {
        let bits = random.next()
        return Color(
            UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8),
            UInt8(truncatingIfNeeded: bits >> 16))
    }
}
