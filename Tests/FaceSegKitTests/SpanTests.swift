// SpanTests: the safe forms against the forms by pointer, what they refuse, and that no photo is read after its run.
import Media
import Testing

@testable import FaceSegKit

struct SpanTests {
    /// The astronaut with 7 bytes between rows.
    private struct Picture {
        let width: Int, height: Int, rowBytes: Int
        var bytes: [UInt8]

        init() throws {
            let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
            let photo = try Photo.read(path: path + "/examples/photos/astronaut.png")
            try #require(photo.channels == 3)
            (width, height, rowBytes) = (photo.width, photo.height, photo.width * 3 + 7)
            bytes = [UInt8](repeating: 77, count: rowBytes * height - 7)
            for row in 0..<height {
                for i in 0..<3 * width { bytes[row * rowBytes + i] = photo.pixels[row * 3 * width + i] }
            }
        }

        func run(_ segmenter: Segmenter) throws(FaceSegError) {
            try segmenter.run(bytes.span, width: width, height: height, rowBytes: rowBytes)
        }
    }

    /// What the form by pointer writes into rows with a gap of `gap` numbers that hold 9.
    private func byPointer<Number: Numeric>(
        _ picture: Picture, _ element: PlaneView.Element, pixelNumbers: Int = 1, gap: Int = 0,
        _ fetch: (Segmenter, PlaneView) throws -> Void
    ) throws -> [Number] {
        let segmenter = try Segmenter(Model.builtIn()), row = picture.width * pixelNumbers + gap
        var out = [Number](repeating: 9, count: row * picture.height)
        try picture.bytes.withUnsafeBufferPointer { pixels in
            try segmenter.run(
                PixelView(
                    pixels: pixels.baseAddress!, width: picture.width, height: picture.height,
                    rowBytes: picture.rowBytes, format: .rgb))
            try out.withUnsafeMutableBytes {
                try fetch(
                    segmenter,
                    PlaneView(
                        start: $0.baseAddress!, rowBytes: row * MemoryLayout<Number>.stride, element: element)
                )
            }
        }
        return out
    }

    @Test func labelsAreThoseByPointer() throws {
        let picture = try Picture(), segmenter = try Segmenter(Model.builtIn()), row = picture.width + 5
        let wanted: [UInt8] = try byPointer(picture, .byte, gap: 5) { try $0.labels(into: $1) }
        try picture.run(segmenter)
        var labels = [UInt8](repeating: 9, count: row * picture.height)
        var out = labels.mutableSpan
        try segmenter.labels(into: &out, rowBytes: row)
        #expect((labels == wanted) as Bool)
        #expect(Set(labels) == [0, 1, 2, 9])
        let dense: [UInt8] = try byPointer(picture, .byte) { try $0.labels(into: $1) }
        let plane = try segmenter.labels()
        #expect((plane.pixels == dense) as Bool)
        #expect((plane.width, plane.height) == (picture.width, picture.height))
        #expect(plane[226, 150] == 1 && plane[215, 40] == 2 && plane[30, 60] == 0)
        let once = try segmenter.segment(
            picture.bytes.span, width: picture.width, height: picture.height, rowBytes: picture.rowBytes)
        #expect((once == plane) as Bool)
    }

    @Test func floatsAreThoseByPointer() throws {
        let picture = try Picture(), segmenter = try Segmenter(Model.builtIn()), row = picture.width + 3
        try picture.run(segmenter)
        let hair: [Float] = try byPointer(picture, .float, gap: 3) { try $0.probability(of: 2, into: $1) }
        var numbers = [Float](repeating: 9, count: row * picture.height)
        var out = numbers.mutableSpan
        try segmenter.probability(of: 2, into: &out, rowBytes: row * 4)
        #expect((numbers == hair) as Bool)
        let head: [Float] = try byPointer(picture, .float, gap: 3) { try $0.alpha(of: .head, into: $1) }
        out = numbers.mutableSpan
        try segmenter.alpha(of: .head, into: &out, rowBytes: row * 4)
        #expect((numbers == head) as Bool)
        let plane = try segmenter.alpha(of: .head), other = try segmenter.probability(of: 2)
        #expect(plane[10, 500] == head[500 * row + 10] && other[215, 40] == hair[40 * row + 215])
    }

    @Test func bytesAreThoseByPointer() throws {
        let picture = try Picture(), segmenter = try Segmenter(Model.builtIn())
        try picture.run(segmenter)
        var bytes = [UInt8](repeating: 0, count: picture.width * picture.height)
        var out = bytes.mutableSpan
        try segmenter.probability(of: 1, into: &out)
        let face: [UInt8] = try byPointer(picture, .byte) { try $0.probability(of: 1, into: $1) }
        #expect((bytes == face) as Bool)
        out = bytes.mutableSpan
        try segmenter.alpha(of: .hair, into: &out)
        let hair: [UInt8] = try byPointer(picture, .byte) { try $0.alpha(of: .hair, into: $1) }
        #expect((bytes == hair) as Bool)
    }

    @Test func overlayTakesThePhotoAgain() throws {
        let picture = try Picture(), segmenter = try Segmenter(Model.builtIn())
        let wanted: [UInt8] = try byPointer(picture, .byte, pixelNumbers: 3, gap: 2) {
            try $0.overlay(into: $1)
        }
        try picture.run(segmenter)
        let row = picture.width * 3 + 2
        var rgb = [UInt8](repeating: 9, count: row * picture.height)
        var out = rgb.mutableSpan
        try segmenter.overlay(on: picture.bytes.span, into: &out, rowBytes: row)
        #expect((rgb == wanted) as Bool)
        let whole = try segmenter.overlay(on: picture.bytes.span)
        #expect(whole.count == picture.width * picture.height * 3)
        #expect((whole[..<(3 * picture.width)] == wanted[..<(3 * picture.width)]) as Bool)
        // Another array is read in its place, never the photo of the run.
        let black = try segmenter.overlay(on: [UInt8](repeating: 0, count: picture.bytes.count).span)
        #expect(black[(60 * picture.width + 30) * 3] == 0)
    }

    @Test func noPhotoIsKept() throws {
        let picture = try Picture(), segmenter = try Segmenter(Model.builtIn())
        try picture.run(segmenter)
        var rgb = [UInt8](repeating: 0, count: picture.width * picture.height * 3)
        let error = #expect(throws: FaceSegError.self) {
            try rgb.withUnsafeMutableBytes {
                try segmenter.overlay(
                    into: PlaneView(
                        start: $0.baseAddress!, rowBytes: picture.width * 3, element: .byte))
            }
        }
        let reason = "the last photo was lent for its run alone: hand it to overlay(on:into:) again"
        #expect(error == .argument(reason))
    }

    /// A photo by pointer is lent until the next run, even one that is refused.
    @Test func refusedRunForgetsThePhotoBefore() throws {
        let segmenter = try Segmenter(Model.builtIn()), pixels = [UInt8](repeating: 90, count: 8 * 8 * 3)
        try pixels.withUnsafeBufferPointer { pixels in
            try segmenter.run(
                PixelView(pixels: pixels.baseAddress!, width: 8, height: 8, rowBytes: 24, format: .rgb))
        }
        #expect(throws: FaceSegError.self) { try segmenter.run(pixels.span, width: 9, height: 8) }
        #expect(throws: FaceSegError.noResult) { try segmenter.labels() }
    }

    @Test func bytesOfAnyKind() throws {
        let picture = try Picture(), segmenter = try Segmenter(Model.builtIn())
        try segmenter.run(
            picture.bytes.span.bytes, width: picture.width, height: picture.height, rowBytes: picture.rowBytes
        )
        let raw = try segmenter.labels()
        try picture.run(segmenter)
        #expect(try (raw == segmenter.labels()) as Bool)
    }

    @Test func photosThatDoNotHoldTheirRows() throws {
        let segmenter = try Segmenter(Model.builtIn()), bytes = [UInt8](repeating: 1, count: 19)
        func message(_ count: Int, _ width: Int, _ height: Int, _ rowBytes: Int?) -> String {
            do throws(FaceSegError) {
                try segmenter.run(
                    bytes.span.extracting(0..<count), width: width, height: height, rowBytes: rowBytes)
                return ""
            } catch { return error.description }
        }
        #expect(message(19, 2, 3, 7) == "the photo has 19 bytes, 3 rows of row_bytes 7 need 20")
        #expect(message(19, 1, 3, 8) == "")  // the last row ends without a gap
        #expect(message(18, 1, 3, 8) == "the photo has 18 bytes, 3 rows of row_bytes 8 need 19")
        #expect(message(0, 1, 1, nil) == "the photo has 0 bytes, 1 rows of row_bytes 3 need 3")
        #expect(message(19, 2, 3, 5) == "row_bytes 5 is below 3 * width = 6")
        #expect(message(19, 2, 3, .min) == "row_bytes \(Int.min) is below 3 * width = 6")
        #expect(message(19, 2, 3, .max) == "row_bytes \(Int.max) is above 1099511627776")
        #expect(message(19, 0, 3, nil) == "width 0 is not between 1 and 16384")
        #expect(message(19, 3, .min, nil) == "height \(Int.min) is not between 1 and 16384")
    }

    @Test func resultsThatDoNotFit() throws {
        let segmenter = try Segmenter(Model.builtIn()), photo = [UInt8](repeating: 90, count: 4 * 3 * 3)
        var bytes = [UInt8](repeating: 9, count: 11), floats = [Float](repeating: 9, count: 16)
        func message(_ body: () throws(FaceSegError) -> Void) -> String {
            do throws(FaceSegError) {
                try body()
                return ""
            } catch { return error.description }
        }
        func labels(_ rowBytes: Int? = nil) -> String {
            message { () throws(FaceSegError) in
                var out = bytes.mutableSpan
                try segmenter.labels(into: &out, rowBytes: rowBytes)
            }
        }
        func face(_ rowBytes: Int? = nil) -> String {
            message { () throws(FaceSegError) in
                var out = floats.mutableSpan
                try segmenter.alpha(of: .face, into: &out, rowBytes: rowBytes)
            }
        }
        #expect(labels() == FaceSegError.noResult.description)
        #expect(face() == FaceSegError.noResult.description)
        try segmenter.run(photo.span, width: 4, height: 3)
        #expect(labels() == "out has 11 bytes, 3 rows of row_bytes 4 need 12")
        #expect(labels(3) == "row_bytes 3 is below width = 4")
        #expect(face(18).hasSuffix("with row_bytes 18 is not aligned to 4 bytes"))
        #expect(face(28) == "out has 64 bytes, 3 rows of row_bytes 28 need 72")
        #expect(bytes.allSatisfy { $0 == 9 } && floats.allSatisfy { $0 == 9 })
        #expect(face() == "")
        #expect(floats[..<12].allSatisfy { 0...1 ~= $0 } && floats[12...].allSatisfy { $0 == 9 })
        let overlay = message { () throws(FaceSegError) in
            _ = try segmenter.overlay(on: photo.span.extracting(..<35))
        }
        #expect(overlay == "the photo has 35 bytes, 3 rows of row_bytes 12 need 36")
        // A run that fails leaves no result of the one before.
        #expect(throws: FaceSegError.self) {
            try segmenter.run(
                photo.span, width: 4, height: 3, region: Region(x: 0, y: 0, width: 0, height: 3))
        }
        #expect(labels() == FaceSegError.noResult.description)
    }
}
