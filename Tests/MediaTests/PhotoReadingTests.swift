// Photos that Pillow wrote, or that were put together byte by byte, give the values that went in.

import Testing

@testable import Media

@Suite struct PhotoReadingTests {
    @Test(arguments: 1...8)
    func exifTurnsUpright(orientation: Int) throws {
        #expect(try Fixture.photo("orientation\(orientation).jpg").shows(squares, tolerance: 4))
    }

    @Test func progressiveJPEG() throws {
        #expect(try Fixture.photo("progressive.jpg").shows(squares, tolerance: 4))
    }

    @Test func greyJPEGStaysGrey() throws {
        let luma = squares.map { [(299 * $0[0] + 587 * $0[1] + 114 * $0[2] + 500) / 1000] }
        #expect(try Fixture.photo("grey.jpg").shows(luma, tolerance: 3))
    }

    @Test func rubbishBetweenSegmentsIsSteppedOver() throws {
        #expect(try Fixture.photo("rubbish.jpg") == Fixture.photo("grey.jpg"))
    }

    @Test func inksBecomeColours() throws {
        let darker = squares.map { $0.map { ($0 * 205 + 127) / 255 } }  // black ink at 50 of 255
        #expect(try Fixture.photo("cmyk.jpg").shows(darker, tolerance: 4))
        let pillow = [
            [143, 0, 170], [205, 148, 99], [84, 187, 205], [0, 107, 0], [205, 97, 205], [127, 0, 0],
        ]
        #expect(try Fixture.photo("ycck.jpg").shows(pillow, tolerance: 4))
    }

    @Test func samplingWithoutAName() throws {
        let photo = try Fixture.photo("sampling31.jpg")
        #expect([photo.width, photo.height, photo.channels] == [24, 8, 3])
        for (x, pillow) in [(2, [95, 37, 0]), (12, [165, 107, 70]), (20, [245, 187, 150])] {
            #expect(close(photo.pixel(x, 4), pillow, 2))
        }
    }

    @Test(arguments: [
        ("rgb16.png", 3, Ramp.rgb), ("grey16.png", 1, Ramp.grey), ("interlaced.png", 3, Ramp.rgb),
        ("grey.png", 1, Ramp.grey), ("grey_alpha.png", 4, Ramp.greyAlpha), ("rgba.png", 4, Ramp.rgba),
        ("turned.png", 3, Ramp.rgb), ("lossless.webp", 3, Ramp.rgb), ("alpha.webp", 4, Ramp.rgba),
        ("turned.webp", 3, Ramp.rgb),
    ])
    func nothingIsLost(name: String, channels: Int, pixels: [UInt8]) throws {
        #expect(try Fixture.photo(name) == Photo(width: 7, height: 5, channels: channels, pixels: pixels))
    }

    @Test func blackAndWhite() throws {
        let photo = try Fixture.photo("black_white.png")
        #expect(photo.channels == 1)
        #expect(photo.pixels == (0..<25).map { $0 % 6 == 0 ? 255 : 0 })
    }

    @Test func palettes() throws {
        let colors: [[UInt8]] = [[10, 20, 30], [200, 0, 0], [0, 200, 0], [0, 0, 200]],
            alphas: [UInt8] = [0, 128, 255, 255]
        let order = [0, 1, 2, 3, 3, 2, 1, 0]
        let opaque = Photo(width: 4, height: 2, channels: 3, pixels: order.flatMap { colors[$0] })
        #expect(try Fixture.photo("palette.png") == opaque)
        let clear = Photo(
            width: 4, height: 2, channels: 4, pixels: order.flatMap { colors[$0] + [alphas[$0]] })
        #expect(try Fixture.photo("palette_alpha.png") == clear)
    }

    @Test func lossyWebP() throws {
        let photo = try Fixture.photo("lossy.webp")
        #expect([photo.width, photo.height, photo.channels] == [24, 16, 3])
        for square in 0..<6 {  // colours run into each other at the edges
            #expect(close(photo.pixel(square % 3 * 8 + 4, square / 3 * 8 + 4), squares[square], 8))
        }
    }

    @Test func lossyWebPKeepsAlpha() throws {
        let photo = try Fixture.photo("lossy_alpha.webp")
        #expect([photo.width, photo.height, photo.channels] == [7, 5, 4])
        let alpha = stride(from: 3, to: 4 * 35, by: 4)
        #expect(alpha.map { photo.pixels[$0] } == alpha.map { Ramp.rgba[$0] })
    }

    @Test func nameDoesNotMatter() throws {
        try inFolder { folder in
            try write(Fixture.bytes("rgba.png"), to: folder + "/photo.jpg")
            #expect(try Photo.read(path: folder + "/photo.jpg").pixels == Ramp.rgba)
        }
    }
}
