// Masks give the numbers that were stored, and colour pictures are refused; PPMs written by hand.

import Testing

@testable import Media

@Suite struct MaskTests {
    private func mask(_ name: String) throws -> Mask { try Mask.decode(Fixture.bytes(name), name: name) }

    @Test(arguments: ["palette.png", "palette_alpha.png"])
    func indicesOfPalettes(name: String) throws {
        #expect(try mask(name) == Mask(width: 4, height: 2, labels: [0, 1, 2, 3, 3, 2, 1, 0]))
    }

    @Test func greyValues() throws {
        #expect(try mask("grey.png") == Mask(width: 7, height: 5, labels: Ramp.grey))
    }

    @Test func singleBits() throws {
        let labels = (0..<25).map { UInt8($0 % 6 == 0 ? 1 : 0) }
        #expect(try mask("black_white.png") == Mask(width: 5, height: 5, labels: labels))
    }

    @Test func whatIsWrittenComesBack() throws {
        let labels = (0...255).map { UInt8($0) }, palette = labels.map { (r: $0, g: $0 / 2, b: UInt8(7)) }
        let file = try encodePalettePNG(width: 32, height: 8, indices: labels, palette: palette)
        #expect(try Mask.decode(file, name: "m") == Mask(width: 32, height: 8, labels: labels))
    }

    @Test(arguments: [
        ("rgba.png", "has colours, not labels; masks are PNGs with a palette or grey ones"),
        ("grey_alpha.png", "has colours, not labels; masks are PNGs with a palette or grey ones"),
        ("grey16.png", "has colours, not labels; masks are PNGs with a palette or grey ones"),
        ("grey.jpg", "not a PNG; masks are PNGs with a palette or grey ones"),
    ])
    func refused(name: String, reason: String) throws {
        #expect(throws: MediaError(path: name, reason: reason)) { try mask(name) }
    }

    @Test func masksThatEndTooEarly() throws {
        let file = Array(try Fixture.bytes("grey.png").dropLast(24))
        #expect(throws: MediaError.self) { try Mask.decode(file, name: "grey.png") }
    }
}

@Suite struct PPMTests {
    private func photo(_ header: String, _ pixels: [UInt8]) throws -> Photo {
        try Photo.decode(ppm: Array(header.utf8) + pixels, name: "a.ppm")
    }

    private let pixels: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 32, 35]

    @Test(arguments: ["P6\n2 2\n255\n", "P6 # made by hand\n#\n 2\t2 255 ", "P6\r2\r2\r255\r"])
    func headers(header: String) throws {
        #expect(try photo(header, pixels) == Photo(width: 2, height: 2, channels: 3, pixels: pixels))
        #expect(try photo(header, pixels + [0]).pixels == pixels, "bytes after the picture")
    }

    @Test(arguments: [
        ("P5\n2 2\n255\n", "not a binary PPM picture (P6)"), ("P6\n2\n", "not a binary PPM picture (P6)"),
        ("P6\n2 -2\n255\n", "not a binary PPM picture (P6)"),
        ("P6\n2 2\n65535\n", "a PPM of values up to 65535; up to 255 are read"),
        ("P6\n0 2\n255\n", "0 x 2 pixels; sides of 1 to 16384 are read"),
        ("P6\n2 3\n255\n", "the PPM is cut off; copy the file again"),
    ])
    func refused(header: String, reason: String) {
        #expect(throws: MediaError(path: "a.ppm", reason: reason)) { try photo(header, pixels) }
    }
}
