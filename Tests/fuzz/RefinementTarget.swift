// RefinementTarget: bytes as a host's calls of what needs no session: matting, foreground colours, recolouring, the dense
// CRF, on photos and planes of any size, stride and number. Each keeps to the memory that it was given, and what it
// promises of its numbers holds.
import CFaceSeg
import FaceSegC

func fuzzRefinement(_ bytes: [UInt8]) throws {
    let host = FaceHost(bytes)
    while !host.bytes.isEmpty {
        switch host.bytes.pick(0...3) {
        case 0: try host.matte()
        case 1: try host.foreground()
        case 2: try host.recolor()
        default: try host.refineByCRF()
        }
    }
}

extension FaceHost {
    /// A plane of the image's size, if it has one.
    private func plane(_ image: FaceImage, pixel: Int = 1, isFloat: Bool? = nil) -> FacePlane {
        let (width, height) = (Int(image.image.width), Int(image.image.height))
        let isTaken =
            (1...16_384).contains(width) && (1...16_384).contains(height)
            && width * height <= FaceImage.mostBytes
        return FacePlane(
            width: isTaken ? width : 0, height: isTaken ? height : 1, pixel: pixel,
            isFloat: isFloat ?? bytes.bool(), &bytes)
    }

    /// Set, now and then, from the beginning.
    private func flag() -> FaceBlock {
        let block = FaceBlock(MemoryLayout<Int32>.size)
        block.start.storeBytes(of: bytes.once(in: 24) ? 1 : 0, as: Int32.self)
        return block
    }

    private func threads() -> Int32 { bytes.once(in: 8) ? bytes.pick([0, 2, 3, -1, 1025]) : 1 }

    fileprivate func matte() throws {
        let image = FaceImage(&bytes), flag = flag()
        let trimap = plane(image, isFloat: false), alpha = plane(image)
        trimap.fill(&bytes)
        var options = faceseg_matte_options()
        faceseg_matte_options_init(&options)
        options.threads = threads()
        options.cancelled = UnsafePointer(flag.start.assumingMemoryBound(to: Int32.self))
        let given = FaceOptions(options, &bytes)
        var picture = image.image
        let isGiven = try withExtendedLifetime((image, trimap, flag)) {
            try call { faceseg_matte(&picture, trimap.plane, alpha.plane, given.pointer, $0) }
        }
        try demand(alpha.areGapsUntouched, "bytes between rows were written")
        if isGiven { try demand(alpha.areShares, "an alpha that is not 0...1") }
    }

    fileprivate func foreground() throws {
        let image = FaceImage(&bytes), alpha = plane(image), out = plane(image, pixel: 3, isFloat: false)
        alpha.fill(&bytes)
        var picture = image.image
        _ = try withExtendedLifetime((image, alpha)) {
            try call { faceseg_foreground(&picture, alpha.plane, out.plane, $0) }
        }
        try demand(out.areGapsUntouched, "bytes between rows were written")
    }

    fileprivate func recolor() throws {
        let image = FaceImage(&bytes), alpha = plane(image), out = plane(image, pixel: 3, isFloat: false)
        alpha.fill(&bytes)
        var options = faceseg_recolor_options()
        faceseg_recolor_options_init(&options)
        options.threads = threads()
        if bytes.bool() { options.strength = bytes.float() }
        let given = FaceOptions(options, &bytes)
        let color =
            bytes.take(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & (bytes.bool() ? .max : 0xFF_FFFF)
        var picture = image.image
        _ = try withExtendedLifetime((image, alpha)) {
            try call { faceseg_recolor(&picture, alpha.plane, color, out.plane, given.pointer, $0) }
        }
        try demand(out.areGapsUntouched, "bytes between rows were written")
    }

    fileprivate func refineByCRF() throws {
        let image = FaceImage(&bytes)
        let count = bytes.once(in: 24) ? bytes.pick([0, -1, 257, 256, Int(Int32.min)]) : bytes.pick(1...4)
        // 256 classes are the same plane again and again, which the call must bear as it bears any numbers.
        let maps = (0..<min(max(count, 1), 4)).map { _ in
            plane(image, isFloat: bytes.once(in: 24) ? nil : true)
        }
        for map in maps { map.fill(&bytes) }
        let planes = (0..<min(max(count, 1), 256)).map { maps[$0 % maps.count].plane }
        let given = FaceOptions(crfOptions(), &bytes)
        var picture = image.image
        let isNull = bytes.once(in: 40)
        let isRefined = try withExtendedLifetime((image, maps)) {
            try planes.withUnsafeBufferPointer { planes in
                try call {
                    faceseg_crf(
                        &picture, isNull ? nil : planes.baseAddress, Int32(truncatingIfNeeded: count),
                        given.pointer, $0)
                }
            }
        }
        try demand(maps.allSatisfy(\.areGapsUntouched), "bytes between rows were written")
        guard isRefined else { return }
        try demand(maps.allSatisfy(\.areShares), "a probability that is not 0...1")
        if count == maps.count { try demand(sumsAreOne(maps), "probabilities whose sum is not 1") }
    }

    private func crfOptions() -> faceseg_crf_options {
        var options = faceseg_crf_options()
        faceseg_crf_options_init(&options)
        options.threads = threads()
        options.rounds = Int32(bytes.pick(0...3))
        if bytes.once(in: 24) { options.rounds = bytes.pick([-1, 1001, .max, .min]) }
        for field in [
            \faceseg_crf_options.appearance_weight, \.appearance_distance, \.color_distance,
            \.smoothness_weight, \.smoothness_distance,
        ] where bytes.once(in: 4) {
            options[keyPath: field] = bytes.bool() ? bytes.float() : bytes.pick([0.01, 100, 1000, 100_000])
        }
        return options
    }

    private func sumsAreOne(_ maps: [FacePlane]) -> Bool {
        let rows = maps.map { $0.rows().map { $0.bindMemory(to: Float.self) } }
        return rows[0].indices.allSatisfy { y in
            rows[0][y].indices.allSatisfy { x in
                abs(rows.reduce(0) { $0 + $1[y][x] } - 1) < 1e-3
            }
        }
    }
}
