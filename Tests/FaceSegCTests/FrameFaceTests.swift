// FrameFaceTests: frames of video through the C face: NV12, NV21 and I420 made of a photo by BT.601's and BT.709's own
// equations; what is refused.
import CFaceSeg
import FaceSegC
import Media
import Testing

/// A photo as a camera would give it.
private struct Frame {
    let width: Int, height: Int
    var luma: [UInt8] = [], blue: [UInt8] = [], red: [UInt8] = []

    /// - rgb: R, G, B of each pixel.
    init(_ rgb: [UInt8], width: Int, height: Int, is709: Bool, isFull: Bool) {
        (self.width, self.height) = (width, height)
        let (kr, kb) = is709 ? (0.2126, 0.0722) : (0.299, 0.114)
        func y(_ i: Int) -> Double {
            kr * Double(rgb[3 * i]) + (1 - kr - kb) * Double(rgb[3 * i + 1]) + kb * Double(rgb[3 * i + 2])
        }
        luma = (0..<width * height).map {
            UInt8((isFull ? y($0) : 16 + y($0) * 219 / 255).rounded())
        }
        let scale: Double = isFull ? 1 : 224.0 / 255
        for row in stride(from: 0, to: height, by: 2) {
            for column in stride(from: 0, to: width, by: 2) {
                var sums = (blue: 0.0, red: 0.0, count: 0.0)
                for r in row..<min(row + 2, height) {
                    for c in column..<min(column + 2, width) {
                        let i = r * width + c
                        sums.blue += (Double(rgb[3 * i + 2]) - y(i)) / (2 * (1 - kb))
                        sums.red += (Double(rgb[3 * i]) - y(i)) / (2 * (1 - kr))
                        sums.count += 1
                    }
                }
                blue.append(UInt8(min(128 + (sums.blue / sums.count * scale).rounded(), 255)))
                red.append(UInt8(min(128 + (sums.red / sums.count * scale).rounded(), 255)))
            }
        }
    }

    /// The planes behind the first, as the format wants them, and their rows' length.
    func chroma(_ format: Int) -> (planes: [[UInt8]], row: Int) {
        let half = (width + 1) / 2
        switch format {
        case FACESEG_I420: return ([blue, red], half)
        case FACESEG_NV12: return ([zip(blue, red).flatMap { [$0, $1] }], 2 * half)
        default: return ([zip(red, blue).flatMap { [$0, $1] }], 2 * half)
        }
    }

    /// Calls `body` with the frame as an image.
    func with<Result>(_ format: Int, flags: Int = 0, _ body: (inout faceseg_image) throws -> Result) rethrows
        -> Result
    {
        let chroma = chroma(format)
        return try luma.withUnsafeBytes { luma in
            try chroma.planes[0].withUnsafeBytes { first in
                try (chroma.planes.last!).withUnsafeBytes { second in
                    var image = faceseg_image()
                    image.plane = (luma.baseAddress, first.baseAddress, second.baseAddress)
                    image.row_bytes = (width, chroma.row, chroma.row)
                    (image.width, image.height) = (Int32(width), Int32(height))
                    image.format = Int32(format | flags)
                    return try body(&image)
                }
            }
        }
    }
}

struct FrameFaceTests {
    /// The photo in an odd size, so that the last samples stand for fewer than four pixels.
    private static let photo = Result { () -> (rgb: [UInt8], width: Int, height: Int) in
        let whole = try Photo.read(path: PhotoTests.astronautPath)
        let width = 301, height = 299
        var rgb: [UInt8] = []
        for y in 0..<height {
            let start = 3 * (512 * y + 90)
            rgb += whole.pixels[start..<start + 3 * width]
        }
        return (rgb, width, height)
    }

    private func labels(_ image: inout faceseg_image) throws -> [UInt8] {
        var labels = [UInt8](repeating: 9, count: Int(image.width * image.height))
        let row = Int(image.width)
        try labels.withUnsafeMutableBytes { labels in
            let out = faceseg_plane(data: labels.baseAddress, row_bytes: row, type: Int32(FACESEG_U8))
            try call { faceseg_segment(&image, out, $0) }
        }
        return labels
    }

    private func labelsOfPhoto() throws -> [UInt8] {
        let photo = try Self.photo.get()
        return try photo.rgb.withUnsafeBytes { rgb in
            var image = faceseg_image()
            image.plane.0 = rgb.baseAddress
            (image.row_bytes.0, image.width, image.height) = (
                3 * photo.width, Int32(photo.width), Int32(photo.height)
            )
            return try labels(&image)
        }
    }

    @Test(arguments: [FACESEG_NV12, FACESEG_NV21, FACESEG_I420], [0, FACESEG_BT709, FACESEG_FULL_RANGE])
    func framesAreThePhoto(_ format: Int, _ flags: Int) throws {
        let photo = try Self.photo.get(), wanted = try labelsOfPhoto()
        let frame = Frame(
            photo.rgb, width: photo.width, height: photo.height, is709: flags == FACESEG_BT709,
            isFull: flags == FACESEG_FULL_RANGE)
        let got = try frame.with(format, flags: flags) { try labels(&$0) }
        let same = zip(got, wanted).count { $0 == $1 }
        #expect(Double(same) > 0.995 * Double(wanted.count), "\(wanted.count - same) pixels differ")
        #expect(Set(got) == [0, 1, 2])
    }

    /// What a session keeps of a frame: results may be fetched when it is gone, and the next one takes its place.
    @Test(arguments: [FACESEG_REFINE_NONE, FACESEG_REFINE_GUIDED], [FACESEG_NV12, FACESEG_I420])
    func sessionsKeepWhatTheyNeed(_ refinement: Int, _ format: Int) throws {
        let photo = try Self.photo.get()
        let session = try HostSession(HostModel(builtIn: ())) { $0.refinement = Int32(refinement) }
        let frame = Frame(photo.rgb, width: photo.width, height: photo.height, is709: false, isFull: false)
        var overlay = [UInt8](repeating: 0, count: photo.rgb.count)
        for _ in 0..<2 {
            try frame.with(format) { image in
                try call { faceseg_run(session.pointer, &image, nil, $0) }
            }
            faceseg_session_cancel(session.pointer)  // after the run, about nothing
            try overlay.withUnsafeMutableBytes { overlay in
                let plane = faceseg_plane(
                    data: overlay.baseAddress, row_bytes: 3 * photo.width, type: Int32(FACESEG_U8))
                try call { faceseg_get_overlay(session.pointer, plane, $0) }
            }
        }
        // Background is as it was, but for colours at half the size.
        let corner = (0..<20).map { 3 * ($0 * photo.width + 40 + $0) }
        for i in corner { #expect(abs(Int(overlay[i + 1]) - Int(photo.rgb[i + 1])) <= 12) }
    }

    @Test func whatIsRefused() throws {
        let photo = try Self.photo.get()
        let frame = Frame(photo.rgb, width: photo.width, height: photo.height, is709: false, isFull: false)
        func message(_ format: Int, _ change: (inout faceseg_image) -> Void) -> String {
            do {
                _ = try frame.with(format) { (image: inout faceseg_image) -> [UInt8] in
                    change(&image)
                    return try labels(&image)
                }
            } catch { return (error as? CFailure)?.message ?? "" }
            return ""
        }
        #expect(message(FACESEG_NV12) { $0.plane.1 = nil } == "image.plane[1] is NULL")
        #expect(message(FACESEG_I420) { $0.plane.2 = nil } == "image.plane[2] is NULL")
        #expect(message(FACESEG_NV12) { $0.row_bytes.0 = 300 } == "row_bytes 300 is below width = 301")
        #expect(
            message(FACESEG_NV21) { $0.row_bytes.1 = 301 }
                == "chroma, of half the frame's size: row_bytes 301 is below 2 * width = 302")
        #expect(
            message(FACESEG_I420) { $0.row_bytes.2 = 150 }
                == "chroma, of half the frame's size: row_bytes 150 is below width = 151")
        #expect(
            message(FACESEG_I420) { $0.format = 1024 + 7 }
                == "format 1031 is none of FACESEG_RGB8 and the rest")
        #expect(
            message(FACESEG_I420) { $0.format = 256 } == "format 256 is none of FACESEG_RGB8 and the rest")
        #expect(message(FACESEG_NV12) { $0.width = 0 } == "width 0 is not between 1 and 16384")
        var alpha = [UInt8](repeating: 0, count: photo.width * photo.height)
        let error = alpha.withUnsafeMutableBytes { alpha in
            let plane = faceseg_plane(
                data: alpha.baseAddress, row_bytes: photo.width, type: Int32(FACESEG_U8))
            return #expect(throws: CFailure.self) {
                try frame.with(FACESEG_NV12) { image in
                    try call { faceseg_matte(&image, plane, plane, nil, $0) }
                }
            }
        }
        #expect(
            error?.message == "format 5 is of video: faceseg_run and faceseg_segment take it")
    }
}
