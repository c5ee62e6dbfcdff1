// SplitMix: random numbers whose stream is named by what they are for, so that no order of calls and no thread changes
// them. Source: Steele, Lea and Flood 2014.

/// A generator of 64-bit numbers.
package struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A stream of its own for each seed, name and number.
    package init(seed: UInt64, stream: String, _ number: Int = 0) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var mixed = SplitMix(seed: seed ^ hash)
        state = mixed.next() &+ UInt64(bitPattern: Int64(number)) &* 0x9E37_79B9_7F4A_7C15
        state = next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// 0 ..< 1.
    package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }
}
