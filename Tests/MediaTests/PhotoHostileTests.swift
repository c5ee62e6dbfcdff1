// Photos that are cut off, damaged or lie: an error that says so, or a picture, never a trap.

import Testing

@testable import Media

@Suite struct PhotoHostileTests {
    @Test(arguments: [
        ("cut.jpg", "the JPEG is cut off"), ("cut_progressive.jpg", "the JPEG is cut off"),
        ("cut.png", "the PNG is cut off"), ("cut_lossy.webp", "the WebP is cut off"),
        ("cut_lossless.webp", "the WebP is cut off"), ("damaged.png", "the PNG cannot be decoded"),
        ("damaged.webp", "the WebP is damaged"), ("animated.webp", "an animated WebP"),
        ("wide.png", "16385 x 1 pixels"), ("huge.png", "the PNG cannot be decoded"),
        ("float32.npy", "not a JPEG, PNG or WebP"),
    ])
    func saysWhatIsWrong(name: String, reason: String) throws {
        let bytes = try Fixture.bytes(name)
        let error = failure { () throws(MediaError) in try Photo.decode(bytes, name: name) }
        #expect(error?.path == name)
        #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "")")
    }

    /// A scan that stops early, with an end that makes the file look whole.
    @Test func bytesMissingInTheMiddle() throws {
        let whole = try Fixture.bytes("grey.jpg")
        let bytes = Array(whole.dropLast(12)) + [0xFF, 0xD9]
        let error = failure { () throws(MediaError) in try Photo.decode(bytes, name: "x") }
        #expect(error?.reason == "the JPEG is cut off; copy the file again")
    }

    static let pictures = [
        "orientation1.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "ycck.jpg", "sampling31.jpg",
        "rgb16.png",
        "palette_alpha.png", "interlaced.png", "grey_alpha.png", "turned.png", "lossy.webp", "lossless.webp",
        "lossy_alpha.webp", "turned.webp",
    ]

    /// A PNG may lack its last chunk, which says only that it is the last; nothing else may be missing.
    @Test(arguments: pictures)
    func everyShorterFileFails(name: String) throws {
        let bytes = try Fixture.bytes(name), spare = name.hasSuffix(".png") ? 12 : 0
        for length in 0..<bytes.count - spare {
            #expect(throws: MediaError.self, "\(length) bytes") {
                try Photo.decode(Array(bytes[..<length]), name: name)
            }
        }
    }

    @Test(arguments: pictures, 0..<4)
    func changedBytesNeverTrap(name: String, seed: Int) throws {
        let bytes = try Fixture.bytes(name)
        var random = SplitMix(seed: seed)
        for _ in 0..<100 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            guard let photo = try? Photo.decode(changed, name: name) else { continue }
            #expect(photo.pixels.count == photo.width * photo.height * photo.channels)
        }
    }

    /// The library calls tables without a picture a success.
    @Test func tablesWithoutAPicture() throws {
        let grey = try Fixture.bytes("grey.jpg")
        let frame = try #require(grey.indices.first { grey[$0...].starts(with: [0xFF, 0xC0]) })
        for end in [[], [0xFF, 0xDA, 0, 2]] as [[UInt8]] {
            let bytes = Array(grey[..<frame]) + [0xFF, 0xD9] + end + [0xFF, 0xD9]
            #expect(throws: MediaError.self) { try Photo.decode(bytes, name: "x") }
            #expect(throws: MediaError.self) { try decodeJPEG(ByteView(bytes), name: "x") }
        }
    }

    @Test(arguments: [[], [0xFF], [0xFF, 0xD8, 0xFF], Array("RIFF".utf8), Array("RIFF\0\0\0\0WEBP".utf8)])
    func almostNothing(bytes: [UInt8]) {
        #expect(throws: MediaError.self) { try Photo.decode(bytes, name: "x") }
    }
}

@Suite struct ExifOrientationTests {
    /// A TIFF block of one entry.
    static func block(tag: [UInt8] = [0x01, 0x12], type: UInt8 = 3, value: [UInt8], entries: UInt8 = 1)
        -> ByteView
    {
        let head = Array("MM\0*".utf8) + [0, 0, 0, 8, 0, entries]
        return ByteView(head + tag + [0, type, 0, 0, 0, 1] + value)
    }

    @Test func valuesInRange() {
        #expect(orientation(tiff: Self.block(value: [0, 6, 0, 0])) == 6)
        #expect(orientation(tiff: Self.block(type: 4, value: [0, 0, 0, 8])) == 8)
        #expect(orientation(tiff: Self.block(value: [0, 0, 0, 0])) == 1)
        #expect(orientation(tiff: Self.block(value: [0, 9, 0, 0])) == 1)
    }

    @Test func damageMeansUpright() {
        #expect(orientation(tiff: Self.block(tag: [1, 0], value: [0, 6, 0, 0], entries: 255)) == 1)
        #expect(orientation(tiff: Self.block(value: [0])) == 1)
        #expect(orientation(tiff: ByteView(Array("II*\0".utf8) + [255, 255, 255, 255])) == 1)
        #expect(orientation(tiff: ByteView([])) == 1)
    }

    /// What may stand before the block in each format.
    @Test func foundBehindOtherThings() {
        let tiff = Array(Self.block(value: [0, 6, 0, 0]).bytes), size = UInt8(tiff.count)
        let odd: [UInt8] = [0x4F, 0x44, 0x44, 0x20, 3, 0, 0, 0, 1, 2, 3, 0]
        let webp = [UInt8](repeating: 0, count: 12) + odd + Array("EXIF".utf8) + [size, 0, 0, 0] + tiff
        #expect(exifOrientation(webp: ByteView(webp)) == 6)
        let png = [UInt8](repeating: 0, count: 8 + 12) + [0, 0, 0, size] + Array("eXIf".utf8) + tiff
        #expect(exifOrientation(png: ByteView(png)) == 6)
        let before: [UInt8] = [
            0xFF, 0xD8, 0xFF, 0xD0, 0xFF, 0xE1, 0, 4, 1, 2, 7, 0xFF, 0xFF, 0xFF, 0xE1, 0, size + 8,
        ]
        #expect(exifOrientation(jpeg: ByteView(before + Array("Exif\0\0".utf8) + tiff)) == 6)
    }
}
