// What is written comes back when it is read, and is what the format's own bytes say.

import Testing

@testable import Media

@Suite struct PhotoEncodingTests {
    @Test(arguments: [(1, Ramp.grey), (3, Ramp.rgb), (4, Ramp.rgba)])
    func pngKeepsEverything(channels: Int, pixels: [UInt8]) throws {
        let file = try encodePNG(width: 7, height: 5, channels: channels, pixels: pixels)
        let photo = Photo(width: 7, height: 5, channels: channels, pixels: pixels)
        #expect(try Photo.decode(file, name: "x") == photo)
        #expect(file[24] == 8)  // bits
        #expect(file[25] == [0, 0, 0, 2, 6][channels])  // colour type
    }

    @Test(arguments: [(3, Ramp.rgb), (4, Ramp.rgba)])
    func losslessWebPKeepsEverything(channels: Int, pixels: [UInt8]) throws {
        let file = try encodeWebP(width: 7, height: 5, channels: channels, pixels: pixels)
        let photo = Photo(width: 7, height: 5, channels: channels, pixels: pixels)
        #expect(try Photo.decode(file, name: "x") == photo)
    }

    @Test func losslessWebPKeepsWhatIsTransparent() throws {
        let pixels = [UInt8](0..<64).map { $0 % 4 == 3 ? 0 : $0 }
        let file = try encodeWebP(width: 4, height: 4, channels: 4, pixels: pixels)
        #expect(try Photo.decode(file, name: "x").pixels == pixels)
    }

    @Test func noise() throws {
        var random = SplitMix(seed: 0)
        // PNG cannot shrink it.
        let pixels = (0..<211 * 97 * 3).map { _ in UInt8.random(in: 0...255, using: &random) }
        let png = try encodePNG(width: 211, height: 97, channels: 3, pixels: pixels)
        #expect(try Photo.decode(png, name: "x").pixels == pixels)
        let fast = try encodePNG(width: 211, height: 97, channels: 3, pixels: pixels, fast: true)
        #expect(try Photo.decode(fast, name: "x").pixels == pixels)
        let webp = try encodeWebP(width: 211, height: 97, channels: 3, pixels: pixels)
        #expect(try Photo.decode(webp, name: "x").pixels == pixels)
    }

    @Test(arguments: [85, 95])
    func jpegIsClose(quality: Int) throws {
        let source = try Fixture.photo("orientation1.jpg")
        let file = try encodeJPEG(width: 24, height: 16, channels: 3, pixels: source.pixels, quality: quality)
        let photo = try Photo.decode(file, name: "x")
        for square in 0..<6 {
            #expect(close(photo.pixel(square % 3 * 8 + 4, square / 3 * 8 + 4), squares[square], 12))
        }
        let grey = try encodeJPEG(width: 7, height: 5, channels: 1, pixels: Ramp.grey, quality: quality)
        #expect(try Photo.decode(grey, name: "x").channels == 1)
    }

    @Test func lossyWebPIsClose() throws {
        let source = try Fixture.photo("orientation1.jpg")
        let file = try encodeWebP(width: 24, height: 16, channels: 3, pixels: source.pixels, quality: 90)
        let photo = try Photo.decode(file, name: "x")
        for square in 0..<6 {
            #expect(close(photo.pixel(square % 3 * 8 + 4, square / 3 * 8 + 4), squares[square], 12))
        }
    }

    @Test func wrongNumbersAreRefused() {
        let errors = [
            failure { () throws(MediaError) in
                try encodePNG(width: 2, height: 2, channels: 3, pixels: [1, 2, 3, 4, 5])
            },
            failure { () throws(MediaError) in try encodePNG(width: 0, height: 2, channels: 3, pixels: []) },
            failure { () throws(MediaError) in
                try encodePNG(width: .max, height: .max, channels: 3, pixels: [])
            },
            failure { () throws(MediaError) in
                try encodePNG(width: 1, height: 1, channels: 2, pixels: [1, 2])
            },
            failure { () throws(MediaError) in
                try encodeJPEG(width: 1, height: 1, channels: 4, pixels: [1, 2, 3, 4])
            },
            failure { () throws(MediaError) in
                try encodeJPEG(width: 1, height: 1, channels: 1, pixels: [1], quality: 101)
            },
            failure { () throws(MediaError) in
                try encodeWebP(width: 16384, height: 1, channels: 3, pixels: [])
            },
            failure { () throws(MediaError) in
                try encodeWebP(width: 1, height: 1, channels: 3, pixels: [1, 2, 3], quality: -1)
            },
        ]
        #expect(
            errors.map { $0.map(String.init(describing:)) } == [
                "PNG: 5 bytes of pixels are not width 2 * height 2 * channels 3 = 12",
                "PNG: 0 x 2 pixels; sides of 1 to 16384 can be written",
                "PNG: \(Int.max) x \(Int.max) pixels; sides of 1 to 16384 can be written",
                "PNG: 2 channels; this format is written with 1, 3, 4",
                "JPEG: 4 channels; this format is written with 1, 3",
                "JPEG: quality 101 is not from 1 to 100",
                "WebP: 16384 x 1 pixels; sides of 1 to 16383 can be written",
                "WebP: quality -1 is not from 0 to 100",
            ])
    }
}

@Suite struct PalettePNGTests {
    /// Bytes of the chunk that is called so.
    static func chunk(_ name: String, _ file: [UInt8]) -> [UInt8]? {
        let view = ByteView(file)
        var offset = 8
        while let length = view.big(offset, 4) {
            if view.has(name, at: offset + 4) { return view.part(offset + 8, length).map { Array($0.bytes) } }
            offset += 12 + length
        }
        return nil
    }

    /// The palette is stored in its order and every pixel has its label's colour, so indices are the labels.
    @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 21, 255, 256])
    func indicesAreLabels(count: Int) throws {
        // Not in order of brightness, so that a writer that sorts is caught.
        let palette = (0..<count).map { label in
            let byte = UInt8(label)
            return (r: byte &* 101, g: byte &* 59, b: byte)
        }
        let labels = (0..<33 * 31).map { UInt8($0 * 7 % count) }
        let file = try encodePalettePNG(width: 33, height: 31, indices: labels, palette: palette)
        #expect(file[24] == 8)  // bits
        #expect(file[25] == 3)  // palette
        #expect(Self.chunk("PLTE", file)?.starts(with: palette.flatMap { [$0.r, $0.g, $0.b] }) == true)
        let colors = labels.map { palette[Int($0)] }.flatMap { [$0.r, $0.g, $0.b] }
        #expect(try Photo.decode(file, name: "x").pixels == colors)
    }

    @Test func wrongNumbersAreRefused() {
        let two: [(r: UInt8, g: UInt8, b: UInt8)] = [(0, 0, 0), (255, 0, 0)]
        let errors = [
            failure { () throws(MediaError) in
                try encodePalettePNG(width: 2, height: 1, indices: [0, 2], palette: two)
            },
            failure { () throws(MediaError) in
                try encodePalettePNG(width: 2, height: 1, indices: [0, 0], palette: [])
            },
            failure { () throws(MediaError) in
                try encodePalettePNG(width: 2, height: 1, indices: [0], palette: two)
            },
        ]
        #expect(
            errors.map { $0?.reason } == [
                "index 2 has no colour among 2", "a palette of 0 colours; 1 to 256 can be written",
                "1 bytes of pixels are not width 2 * height 1 * channels 1 = 2",
            ])
    }
}
