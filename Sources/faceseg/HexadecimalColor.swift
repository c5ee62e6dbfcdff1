// HexadecimalColor: colours as they are typed: `#rrggbb`. What else an option's value says is its command's.

/// The number behind `#`; nil: it has not just so many hexadecimal digits.
func hexadecimal(_ text: Substring, digits: Int) -> UInt32? {
    let number = text.dropFirst()
    guard text.first == "#", number.count == digits, number.allSatisfy(\.isHexDigit) else { return nil }
    return UInt32(number, radix: 16)
}

/// - number: 0xRRGGBB.
func color(_ number: UInt32) -> Color {
    (UInt8(number >> 16), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF))
}
