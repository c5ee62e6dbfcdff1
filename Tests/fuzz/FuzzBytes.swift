// FuzzBytes: decisions out of a fuzzer's bytes: each takes the next byte or two, and zeros when there are none left, so
// that every input means something and a small change of bytes is a small change of meaning.

struct FuzzBytes {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func bool() -> Bool { byte() & 1 == 1 }

    /// Once in `n` (up to 255) of evenly spread bytes; never when there are none left.
    mutating func once(in n: UInt8) -> Bool { byte() % n == n - 1 }

    mutating func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(byte()) % range.count }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[Int(byte()) % items.count] }

    /// Mostly small, now and then at a border of some kind of number.
    mutating func integer() -> Int {
        let byte = byte()
        guard byte >= 224 else { return Int(byte % 8) }
        return Self.borders[Int(byte - 224) % Self.borders.count]
    }

    private static let borders: [Int] = [
        -1, -2, 8, 9, 16, 31, 255, 1024, 4097, 999_999, 65_536, 1 << 20, Int(Int32.max), Int(Int32.min),
        Int(UInt32.max),
        1 << 33, 1 << 36, .max, .min,
    ]

    mutating func float() -> Float {
        let byte = byte()
        guard byte >= 224 else { return Float(Int8(bitPattern: byte)) / 16 }
        return Self.oddFloats[Int(byte - 224) % Self.oddFloats.count]
    }

    private static let oddFloats: [Float] = [
        .nan, .infinity, -.infinity, 0, -0.0, 1, -1, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e10,
        -1e10, 1e-10, 16384, 0.5,
    ]

    /// As many as a byte says, at most.
    mutating func take(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
