// VideoTests: `faceseg video` on videos in Y4M, which are written and read here byte by byte. What FFmpeg says of videos
// in other files is in Tests/video.
import Foundation
import Media
import Testing

/// Frames of 4:4:4 without loss but for rounding: Y, Cb and Cr planes behind a line of text.
enum Y4M {
    static let frame = "FRAME\n"

    static func header(_ width: Int, _ height: Int) -> String {
        "YUV4MPEG2 W\(width) H\(height) F25:1 Ip A1:1 C444\n"
    }

    /// BT.601 in 16...235, as FFmpeg takes what is not tagged.
    static func bytes(_ photo: Photo, frames: Int) -> [UInt8] {
        let pixels = photo.pixels, count = photo.width * photo.height
        var planes = [UInt8](repeating: 0, count: 3 * count)
        for i in 0..<count {
            let (r, g, b) = (Double(pixels[3 * i]), Double(pixels[3 * i + 1]), Double(pixels[3 * i + 2]))
            let y = 0.299 * r + 0.587 * g + 0.114 * b
            planes[i] = UInt8((16 + y * 219 / 255).rounded())
            planes[count + i] = UInt8((128 + (b - y) / 1.772 * 224 / 255).rounded())
            planes[2 * count + i] = UInt8((128 + (r - y) / 1.402 * 224 / 255).rounded())
        }
        let one = Array(frame.utf8) + planes
        return Array(header(photo.width, photo.height).utf8)
            + (0..<frames).flatMap { _ in one }
    }

    /// The luminance of each frame, 0...255, of a 4:2:0 or 4:4:4 video.
    static func luminance(_ bytes: [UInt8], width: Int, height: Int, chroma: Int) -> [[Double]] {
        let header = bytes.firstIndex(of: 10)! + 1, size = width * height + chroma
        var frames: [[Double]] = []
        for start in stride(from: header + frame.utf8.count, to: bytes.count, by: size + frame.utf8.count) {
            frames.append(bytes[start..<start + width * height].map { (Double($0) - 16) * 255 / 219 })
        }
        return frames
    }
}

struct VideoTests {
    private let folder = Folder(), photo: Photo

    /// 64 x 48 pixels of the example's head.
    init() throws {
        let whole = try Photo.read(path: Fixture.astronaut)
        var pixels: [UInt8] = []
        for y in 0..<48 {
            for x in 0..<64 {
                let first = 3 * ((20 + 4 * y) * 512 + 120 + 3 * x)
                pixels += whole.pixels[first..<first + 3]
            }
        }
        photo = Photo(width: 64, height: 48, channels: 3, pixels: pixels)
        try folder.write(Y4M.bytes(photo, frames: 3), "clip.y4m")
    }

    /// As `faceseg segment` sees the same picture; 4:2:0 and two roundings change a level or so.
    @Test func alphaIsThatOfThePicture() throws {
        try folder.write(
            try encodePNG(width: 64, height: 48, channels: 3, pixels: photo.pixels), "picture.png")
        let still = try Program.run(
            "segment", "picture.png", "-o", "alpha.png", "--output", "alpha", in: folder)
        #expect(still.code == 0)
        let video = try Program.run(
            "video", "clip.y4m", "-o", "alpha.y4m", "--output", "alpha", "--no-steady", "--json", in: folder)
        let told = try video.object()
        #expect(told["frames"] as? Int == 3 && told["width"] as? Int == 64)
        let wanted = try folder.photo("alpha.png").pixels
        let shown = Y4M.luminance(
            try folder.bytes("alpha.y4m"), width: 64, height: 48, chroma: 2 * 32 * 24)
        #expect(shown.count == 3)
        #expect(wanted.contains { $0 > 200 } && wanted.contains { $0 < 50 })
        for frame in shown {
            let unlike = zip(frame, wanted).map { abs($0 - Double($1)) }
            #expect(unlike.reduce(0, +) / Double(unlike.count) < 2)
        }
    }

    @Test func theDefaultName() throws {
        let outcome = try Program.run("video", "clip.y4m", in: folder)
        #expect(outcome.code == 0 && outcome.errors == "")
        #expect(outcome.output.hasPrefix("clip.y4m: 64 x 48, 3 frames, "))
        #expect(try folder.names() == ["clip.faceseg.y4m", "clip.y4m"])
    }

    @Test func pipes() throws {
        let outcome = try Program.shell("\"$0\" video - -o - < clip.y4m > out.y4m", in: folder)
        #expect(outcome.code == 0 && outcome.output == "")
        #expect(outcome.errors.hasPrefix("standard input: 64 x 48, 3 frames, "))
        #expect(try folder.bytes("out.y4m").starts(with: Array("YUV4MPEG2 W64 H48 F25:1".utf8)))
    }

    /// A background of one colour, far from the head.
    @Test func aGreenScreen() throws {
        let outcome = try Program.run(
            "video", "clip.y4m", "-o", "green.y4m", "--background", "#ffffff", in: folder)
        #expect(outcome.code == 0)
        let shown = Y4M.luminance(
            try folder.bytes("green.y4m"), width: 64, height: 48, chroma: 2 * 32 * 24)
        #expect(shown.allSatisfy { abs($0[0] - 255) < 3 })
    }

    @Test(arguments: [
        (["nope.mp4"], 1, "nope.mp4: cannot be opened: No such file or directory"),
        (["clip.y4m", "-o", "clip.y4m"], 2, "clip.y4m is itself the video to read; give another -o"),
        (["clip.y4m", "-o", "out.txt"], 1, "out.txt: its ending names no format of videos"),
        (["clip.y4m", "-o", "nowhere/out.mp4"], 1, "nowhere/out.mp4: cannot be created"),
        (["clip.y4m", "clip.y4m"], 2, "one video at a time"),
        ([], 2, "no video is named"),
        (["-"], 2, "a video from standard input has no name"),
        (["clip.y4m", "--background", "#12345"], 2, "--background: \"#12345\" is no colour like #20a0ff"),
        (["clip.y4m", "--background", "none.png"], 1, "none.png: cannot be opened"),
        (
            ["clip.y4m", "--output", "alpha", "--background", "blur"], 2,
            "--background is about another output"
        ),
        (["clip.y4m", "--output", "recolor"], 2, "--output recolor needs --recolor"),
        (["text.mp4"], 1, "text.mp4: cannot be opened: Invalid data found"),
    ])
    func mistakes(arguments: [String], code: Int32, message: String) throws {
        try folder.write("no video at all, but a text of some length", "text.mp4")
        let before = try folder.names()
        let words = (["video"] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let outcome = try Program.shell("\"$0\" " + words, in: folder)
        #expect(outcome.code == code)
        #expect(outcome.errors.hasPrefix("faceseg: " + message), "\(outcome.errors)")
        #expect(outcome.output == "")
        #expect(try folder.names() == before)
    }
}
