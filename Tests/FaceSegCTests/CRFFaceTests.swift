// CRFFaceTests: the dense CRF by the C face: its options, what it refuses, a host's own threads. What it computes is
// tested in FaceSegKitTests and Tests/kernels.
import CFaceSeg
import FaceSegC
import Testing

struct CRFFaceTests {
    private static let width = 20, height = 12

    /// A half dark, half light picture.
    private static let photo: [UInt8] = (0..<width * height * 3).map { $0 / 3 % width < 10 ? 30 : 220 }

    private func image(_ pixels: UnsafePointer<UInt8>) -> faceseg_image {
        var image = faceseg_image()
        image.plane.0 = UnsafeRawPointer(pixels)
        image.row_bytes.0 = Self.width * 3
        (image.width, image.height) = (Int32(Self.width), Int32(Self.height))
        image.format = Int32(FACESEG_RGB8)
        return image
    }

    /// - gap: floats between rows.
    private func refine(
        _ maps: inout [Float], classes: Int32 = 2, gap: Int = 0, type: Int32 = Int32(FACESEG_F32),
        _ change: (inout faceseg_crf_options) -> Void = { _ in }
    ) throws {
        var options = faceseg_crf_options()
        faceseg_crf_options_init(&options)
        change(&options)
        let step = Self.width + gap
        try maps.withUnsafeMutableBufferPointer { maps in
            let planes = (0..<2).map {
                faceseg_plane(
                    data: maps.baseAddress! + $0 * step * Self.height, row_bytes: step * 4, type: type)
            }
            try Self.photo.withUnsafeBufferPointer { pixels in
                var image = image(pixels.baseAddress!)
                try call { faceseg_crf(&image, planes, classes, &options, $0) }
            }
        }
    }

    private func maps(gap: Int = 0) -> [Float] {
        let step = Self.width + gap
        return (0..<2 * step * Self.height).map { index in
            let column = index % step, isSecond = index >= step * Self.height
            if column >= Self.width { return -7 }
            let row = index / step % Self.height
            let one: Float = (column < 10) == ((row * 3 + column) % 7 != 0) ? 0.6 : 0.4
            return isSecond ? 1 - one : one
        }
    }

    @Test func rowsMayHaveGaps() throws {
        var touching = maps(), apart = maps(gap: 3)
        try refine(&touching)
        try refine(&apart, gap: 3)
        for row in 0..<2 * Self.height {
            let whole = apart[row * 23..<row * 23 + 23]
            #expect(Array(whole.prefix(20)) == Array(touching[row * 20..<row * 20 + 20]))
            #expect(whole.suffix(3).allSatisfy { $0 == -7 })
        }
        #expect((0..<240).allSatisfy { (touching[$0] > 0.5) == ($0 % 20 < 10) }, "the picture's halves")
    }

    @Test func aHostsThreadsGiveTheSameBits() throws {
        var own = maps(), hosts = maps()
        try refine(&own) { $0.threads = 1 }
        try refine(&hosts) {
            $0.threads = 2
            $0.parallel_for = { _, task, argument, count in
                for i in stride(from: count - 1, through: 0, by: -1) { task!(argument, i) }
            }
        }
        #expect(own == hosts)
    }

    @Test func whatIsWrongIsSaid() throws {
        var given = maps()
        let before = given
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return "no error"
        }
        let texts = [
            message { try refine(&given, classes: 0) }, message { try refine(&given, classes: 257) },
            message { try refine(&given, type: Int32(FACESEG_U8)) }, message { try refine(&given, gap: -1) },
            message { try refine(&given) { $0.rounds = -1 } },
            message { try refine(&given) { $0.threads = 1025 } },
            message { try refine(&given) { $0.smoothness_weight = .nan } },
            message { try refine(&given) { $0.struct_size = 3 } },
            message { try call { faceseg_crf(nil, nil, 1, nil, $0) } },
        ]
        let wanted = [
            "class_count 0 is not between 1 and 256", "class_count 257 is not",
            "the planes' type must be F32",
            "row_bytes 76 is below 4 * width = 80", "rounds -1 is not between 0 and 1000",
            "threads 1025 is not between 0 and 1024", "smoothness weight nan", "struct_size 3",
            "image is NULL",
        ]
        for (text, wanted) in zip(texts, wanted) { #expect(text.contains(wanted), "\(text)") }
        #expect(given == before)
    }

    @Test func aFlagCancels() throws {
        var flag: Int32 = 1, given = maps()
        let before = given
        try withUnsafePointer(to: &flag) { flag in
            #expect(throws: CFailure.self) { try refine(&given) { $0.cancelled = flag } }
        }
        #expect(given == before)
        try refine(&given)
    }
}
