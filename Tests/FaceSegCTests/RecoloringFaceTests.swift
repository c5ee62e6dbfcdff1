// RecoloringFaceTests: faceseg_recolor as a C program calls it: planes, options, errors, a flag that cancels, threads of
// the host's own, in place.
import CFaceSeg
import FaceSegC
import Testing

struct RecoloringFaceTests {
    private let width = 40, height = 30
    private let rgb = (0..<3600).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 120) }

    private func options(_ change: (inout faceseg_recolor_options) -> Void = { _ in })
        -> faceseg_recolor_options
    {
        var options = faceseg_recolor_options()
        faceseg_recolor_options_init(&options)
        change(&options)
        return options
    }

    /// The right half in another colour, as R, G, B.
    private func recolored(
        color: UInt32 = 0x8A2BE2, alphaRow: Int = 40, outRow: Int = 120, outType: Int = FACESEG_U8,
        isInPlace: Bool = false, isNull: Bool = false, _ given: faceseg_recolor_options? = nil
    ) throws -> [UInt8] {
        var alpha = (0..<1200).map { UInt8($0 % 40 < 20 ? 0 : 255) }, pixels = rgb
        var picture = [UInt8](repeating: 9, count: 14_400)
        try pixels.withUnsafeMutableBytes { pixels in
            try alpha.withUnsafeMutableBytes { alpha in
                try picture.withUnsafeMutableBytes { picture in
                    var image = faceseg_image()
                    image.plane.0 = UnsafeRawPointer(pixels.baseAddress)
                    (image.row_bytes.0, image.width, image.height) = (120, 40, 30)
                    image.format = Int32(FACESEG_RGB8)
                    let mask = faceseg_plane(
                        data: isNull ? nil : alpha.baseAddress, row_bytes: alphaRow, type: Int32(FACESEG_U8))
                    let out = faceseg_plane(
                        data: isInPlace ? pixels.baseAddress : picture.baseAddress, row_bytes: outRow,
                        type: Int32(outType))
                    if var given {
                        try call { faceseg_recolor(&image, mask, color, out, &given, $0) }
                    } else {
                        try call { faceseg_recolor(&image, mask, color, out, nil, $0) }
                    }
                }
            }
        }
        return isInPlace ? pixels : Array(picture.prefix(3600))
    }

    @Test func halfOfThePhoto() throws {
        let picture = try recolored()
        for y in 0..<30 { #expect(picture[120 * y..<120 * y + 60] == rgb[120 * y..<120 * y + 60]) }
        #expect((picture != rgb) as Bool)
        #expect((try recolored(isInPlace: true) == picture) as Bool)
        #expect((try recolored(options()) == picture) as Bool)
        let none = try recolored(options { $0.strength = 0 })
        #expect((none == rgb) as Bool)
    }

    @Test func threadsOfTheHost() throws {
        let given = options {
            $0.threads = 3
            $0.parallel_for = { _, task, argument, count in
                for i in 0..<count { task!(argument, count - 1 - i) }
            }
        }
        #expect((try recolored(given) == recolored()) as Bool)
    }

    @Test func aFlagCancels() throws {
        var flag: Int32 = 1
        try withUnsafeMutablePointer(to: &flag) { flag in
            let given = options { $0.cancelled = UnsafePointer(flag) }
            let error = #expect(throws: CFailure.self) { try recolored(given) }
            #expect((error?.status ?? 0) == FACESEG_CANCELLED)
            flag.pointee = 0
            let picture = try recolored(given), wanted = try recolored()
            #expect(picture == wanted)
        }
    }

    @Test func errors() throws {
        func message(_ body: () throws -> [UInt8]) -> String {
            do { _ = try body() } catch { return (error as? CFailure)?.message ?? "" }
            return ""
        }
        #expect(
            message { try recolored(color: 0x100_0000) } == "color 16777216 is not between 0 and 0xFFFFFF")
        #expect(message { try recolored(alphaRow: 39) } == "alpha: row_bytes 39 is below width = 40")
        #expect(message { try recolored(outRow: 119) } == "row_bytes 119 is below 3 * width = 120")
        #expect(
            message { try recolored(outRow: 480, outType: FACESEG_F32) }
                == "colours are bytes: out's type must be U8")
        #expect(message { try recolored(isNull: true) } == "alpha.data is NULL")
        #expect(
            message { try recolored(options { $0.strength = 1.5 }) } == "strength 1.5 is not between 0 and 1")
        #expect(
            message { try recolored(options { $0.threads = -1 }) } == "threads -1 is not between 0 and 1024")
        #expect(
            message { try recolored(options { $0.struct_size = 0 }) }
                == "faceseg_recolor_options.struct_size 0: call the init function first")
    }
}
