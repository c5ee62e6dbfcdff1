// PPM in: binary pictures of three bytes a pixel, in which LFW's masks are. No other Netpbm format.

extension Photo {
    /// A binary PPM (`P6`) of values up to 255.
    ///
    /// - Throws: ``MediaError`` when the file cannot be read, is of another kind, or is not as long as its
    ///   sides say.
    package static func read(ppm path: String) throws(MediaError) -> Photo {
        try decode(ppm: readFile(path), name: path)
    }

    /// The same from bytes; `name` stands in messages.
    package static func decode(ppm bytes: [UInt8], name: String) throws(MediaError) -> Photo {
        var header = PPMHeader(rest: bytes[...])
        guard bytes.starts(with: Array("P6".utf8)), let width = header.number(), let height = header.number(),
            let largest = header.number()
        else { throw MediaError(path: name, reason: "not a binary PPM picture (P6)") }
        guard largest == 255 else {
            throw MediaError(path: name, reason: "a PPM of values up to \(largest); up to 255 are read")
        }
        let size = try decodedSize(name, width, height, 3)
        let pixels = header.rest.dropFirst()  // one space
        guard pixels.count >= size else { throw cutOff("PPM", name) }
        return Photo(width: width, height: height, channels: 3, pixels: Array(pixels.prefix(size)))
    }
}

/// What is left of a file, once its kind is known.
private struct PPMHeader {
    var rest: ArraySlice<UInt8>

    init(rest: ArraySlice<UInt8>) { self.rest = rest.dropFirst(2) }

    /// The next one, after spaces and comments; nil where there is none, or one of more than five digits.
    mutating func number() -> Int? {
        while let first = rest.first, first == UInt8(ascii: "#") || isSpace(first) {
            rest = first == UInt8(ascii: "#") ? rest.drop { $0 != UInt8(ascii: "\n") } : rest.dropFirst()
        }
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        guard (1...5).contains(digits.count), rest.first.map(isSpace) == true else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
