// MattingFaceTests: faceseg_matte and faceseg_foreground as a C program calls them: planes, options, errors, a flag that
// cancels, threads of the host's own.
import CFaceSeg
import FaceSegC
import Testing

struct MattingFaceTests {
    private let width = 40, height = 30
    private var rgb: [UInt8] = [], trimap: [UInt8] = []

    init() {
        for i in 0..<40 * 30 {
            let x = i % 40, share = min(max((Double(x) - 12) / 16, 0), 1)
            rgb += [200, 60, 40].indices.map { UInt8(20 + share * Double(60 * $0 + 80)) }
            trimap.append(x < 12 ? 0 : x > 28 ? 255 : UInt8(1 + i % 254))
        }
    }

    /// Calls `body` with the image and the trimap.
    private func with(
        _ body: (inout faceseg_image, faceseg_plane) throws -> Void
    ) throws {
        var trimap = trimap
        try rgb.withUnsafeBytes { rgb in
            try trimap.withUnsafeMutableBytes { trimap in
                var image = faceseg_image()
                image.plane.0 = rgb.baseAddress
                (image.row_bytes.0, image.width, image.height) = (3 * width, Int32(width), Int32(height))
                image.format = Int32(FACESEG_RGB8)
                try body(
                    &image, faceseg_plane(data: trimap.baseAddress, row_bytes: width, type: Int32(FACESEG_U8))
                )
            }
        }
    }

    private func matte(_ options: UnsafePointer<faceseg_matte_options>? = nil) throws -> [Float] {
        var alpha = [Float](repeating: -1, count: width * height)
        try alpha.withUnsafeMutableBytes { alpha in
            let out = faceseg_plane(
                data: alpha.baseAddress, row_bytes: 4 * width, type: Int32(FACESEG_F32))
            try with { image, trimap in
                try call { faceseg_matte(&image, trimap, out, options, $0) }
            }
        }
        return alpha
    }

    @Test func alphaIsFound() throws {
        let alpha = try matte()
        for i in alpha.indices {
            let share = min(max((Float(i % 40) - 12) / 16, 0), 1)
            #expect(abs(alpha[i] - share) < 0.02)
        }
    }

    @Test func threadsOfTheHost() throws {
        var options = faceseg_matte_options()
        faceseg_matte_options_init(&options)
        #expect(options.struct_size == MemoryLayout<faceseg_matte_options>.size && options.threads == 0)
        options.threads = 3
        options.parallel_for = { _, task, argument, count in
            for i in 0..<count { task!(argument, count - 1 - i) }
        }
        let mine = try matte(&options)
        #expect((try matte() == mine) as Bool)
    }

    @Test func aFlagCancels() throws {
        var flag: Int32 = 1
        try withUnsafeMutablePointer(to: &flag) { flag in
            var options = faceseg_matte_options()
            faceseg_matte_options_init(&options)
            options.cancelled = UnsafePointer(flag)
            let error = #expect(throws: CFailure.self) { try matte(&options) }
            #expect((error?.status ?? 0) == FACESEG_CANCELLED)
            #expect(flag.pointee == 1, "it is only read")
            flag.pointee = 0
            let alpha = try matte(&options)
            #expect(alpha.count == 1200)
        }
    }

    @Test func errors() throws {
        try with { image, trimap in
            var alpha = [UInt8](repeating: 9, count: 4 * width * height)
            try alpha.withUnsafeMutableBytes { alpha in
                func message(
                    _ trimap: faceseg_plane, _ rowBytes: Int, _ type: Int, threads: Int32 = 0,
                    foreground: Bool = false
                ) -> String {
                    var options = faceseg_matte_options()
                    faceseg_matte_options_init(&options)
                    options.threads = threads
                    let out = faceseg_plane(
                        data: alpha.baseAddress, row_bytes: rowBytes, type: Int32(type))
                    do {
                        try call {
                            foreground
                                ? faceseg_foreground(&image, trimap, out, $0)
                                : faceseg_matte(&image, trimap, out, &options, $0)
                        }
                    } catch { return (error as? CFailure)?.message ?? "" }
                    return ""
                }
                var short = trimap
                short.row_bytes = 39
                #expect(message(short, 40, FACESEG_U8) == "the trimap: row_bytes 39 is below width = 40")
                var floats = trimap
                (floats.type, floats.row_bytes) = (Int32(FACESEG_F32), 160)
                #expect(
                    message(floats, 40, FACESEG_U8) == "trimaps are bytes: the plane's type must be U8")
                #expect(message(trimap, 100, FACESEG_F32) == "row_bytes 100 is below 4 * width = 160")
                #expect(
                    message(trimap, 40, FACESEG_U8, threads: 1025) == "threads 1025 is not between 0 and 1024"
                )
                #expect(
                    message(trimap, 119, FACESEG_U8, foreground: true)
                        == "row_bytes 119 is below 3 * width = 120")
                #expect(
                    message(trimap, 480, FACESEG_F32, foreground: true)
                        == "colours are bytes: out's type must be U8")
                var none = trimap
                none.data = nil
                #expect(message(none, 40, FACESEG_U8) == "trimap.data is NULL")
            }
            #expect(alpha.allSatisfy { $0 == 9 }, "errors write nothing")
        }
    }

    @Test func foregroundOfBytesAndFloats() throws {
        var bytes = trimap, floats = trimap.map { Float($0) / 255 }
        var results = [[UInt8](repeating: 0, count: 3600), [UInt8](repeating: 0, count: 3600)]
        try with { image, _ in
            try bytes.withUnsafeMutableBytes { bytes in
                try floats.withUnsafeMutableBytes { floats in
                    for (index, alpha) in [
                        faceseg_plane(data: bytes.baseAddress, row_bytes: 40, type: Int32(FACESEG_U8)),
                        faceseg_plane(data: floats.baseAddress, row_bytes: 160, type: Int32(FACESEG_F32)),
                    ].enumerated() {
                        try results[index].withUnsafeMutableBytes { out in
                            let out = faceseg_plane(
                                data: out.baseAddress, row_bytes: 120, type: Int32(FACESEG_U8))
                            try call { faceseg_foreground(&image, alpha, out, $0) }
                        }
                    }
                }
            }
        }
        #expect((results[0] == results[1]) as Bool)
        #expect(results[0].suffix(3) == rgb.suffix(3), "where alpha is 1 the colour is the photo's")
    }
}
