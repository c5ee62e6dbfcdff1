// PhotoTests: photos through the built-in network: every format and stride gives the same result, regions and
// turned photos land where they should, results agree with each other, a run can be cancelled. Threads of the
// host's: ThreadTests.
import CFaceSeg
import FaceSegC
import Foundation
import Media
import Testing

struct PhotoTests {
    static let astronautPath = Fixtures.package.appending(path: "examples/photos/astronaut.png").path()

    static func astronaut() throws -> HostPhoto {
        let photo = try Photo.read(path: Self.astronautPath)
        return HostPhoto(width: Int32(photo.width), height: Int32(photo.height), bytes: photo.pixels)
    }

    private func share(_ a: [UInt8], _ b: [UInt8]) -> Double {
        Double(zip(a, b).count { $0 == $1 }) / Double(a.count)
    }

    @Test func astronautHasFaceAndHair() throws {
        let photo = try Self.astronaut()
        for model in [try HostModel(builtIn: ()), try HostModel(small: ())] {
            let session = try HostSession(model)
            try photo.run(session)
            let labels = try session.labels(photo)
            // Her nose, the hair over her forehead, the flag behind her.
            #expect(labels[150 * 512 + 226] == 1)
            #expect(labels[40 * 512 + 215] == 2)
            #expect(labels[60 * 512 + 30] == 0)
        }
    }

    @Test func resultsAgree() throws {
        let photo = try Self.astronaut(), session = try HostSession(HostModel(builtIn: ()))
        try photo.run(session)
        let labels = try session.labels(photo)
        let classes = try (0..<3).map { try session.probability(Int32($0), photo) }
        let face = try session.floats(photo) { faceseg_get_alpha(session.pointer, 1, $0, $1) }
        let head = try session.floats(photo) { faceseg_get_alpha(session.pointer, 3, $0, $1) }
        let headBytes = try session.bytes(photo) { faceseg_get_alpha(session.pointer, 3, $0, $1) }
        for i in labels.indices {
            let p = classes.map { $0[i] }
            #expect(abs(p[0] + p[1] + p[2] - 1) < 1e-5)
            #expect(p[Int(labels[i])] == p.max())
            #expect(abs(face[i] - (2 * p[1] - 0.5).clamped(to: 0...1)) < 1e-6)
            #expect(abs(head[i] - (2 * (p[1] + p[2]) - 0.5).clamped(to: 0...1)) < 1e-6)
            #expect(headBytes[i] == UInt8((head[i] * 255 + 0.5).clamped(to: 0...255)))
        }
        var rgb = [UInt8](repeating: 0, count: 512 * 512 * 3)
        try rgb.withUnsafeMutableBytes { rgb in
            let plane = faceseg_plane(data: rgb.baseAddress, row_bytes: 512 * 3, type: 0)
            try call { faceseg_get_overlay(session.pointer, plane, $0) }
        }
        for i in labels.indices where labels[i] == 1 {
            #expect(Int(rgb[3 * i]) == (Int(photo.bytes[3 * i]) + 129) / 2)
        }
        for i in labels.indices where labels[i] == 0 { #expect(rgb[3 * i] == photo.bytes[3 * i]) }
    }

    /// The first frame of a video is as without, the second is held, a new video begins anew.
    @Test func steadySessions() throws {
        let photo = try Self.astronaut(), model = try HostModel(builtIn: ())
        let single = try HostSession(model), steady = try HostSession(model) { $0.steady = 1 }
        let darker = HostPhoto(
            width: photo.width, height: photo.height,
            bytes: photo.bytes.enumerated().map { i, value in
                value / 16 * 16 + UInt8(i / 3 % 7)
            })
        func probability(_ session: HostSession, _ photo: HostPhoto) throws -> [Float] {
            try photo.run(session)
            return try session.probability(1, photo)
        }
        let first = try probability(single, photo), second = try probability(single, darker)
        #expect((try probability(steady, photo) == first) as Bool)
        #expect((try probability(steady, darker) != second) as Bool)
        faceseg_session_begin_video(steady.pointer)
        #expect((try probability(steady, darker) == second) as Bool)
        faceseg_session_begin_video(single.pointer)
        faceseg_session_begin_video(nil)
    }

    /// The same picture in every pixel format, with and without gaps between rows.
    @Test func formatsAndStrides() throws {
        let photo = try Self.astronaut(), session = try HostSession(HostModel(builtIn: ()))
        try photo.run(session)
        let wanted = try session.labels(photo)
        let orders: [(Int, [Int])] = [
            (FACESEG_BGR8, [2, 1, 0]), (FACESEG_RGBA8, [0, 1, 2, 3]), (FACESEG_BGRA8, [2, 1, 0, 3]),
            (FACESEG_RGB8, [0, 1, 2]),
        ]
        for (format, order) in orders {
            var other = HostPhoto(width: 512, height: 512, format: format)
            other.rowBytes = 512 * order.count + 24
            other.bytes = [UInt8](repeating: 200, count: other.rowBytes * 512)
            for y in 0..<512 {
                for x in 0..<512 {
                    for (c, from) in order.enumerated() where from < 3 {
                        other.bytes[y * other.rowBytes + x * order.count + c] =
                            photo.bytes[3 * (y * 512 + x) + from]
                    }
                }
            }
            try other.run(session)
            #expect(same(try session.labels(other), wanted), "format \(format)")
        }
        var grey = HostPhoto(width: 512, height: 512, format: FACESEG_GRAY8)
        for i in grey.bytes.indices { grey.bytes[i] = photo.bytes[3 * i + 1] }
        try grey.run(session)
        #expect(share(try session.labels(grey), wanted) > 0.9)
    }

    @Test(arguments: [90, 180, 270] as [Int32])
    func turnedPhotos(orientation: Int32) throws {
        let photo = try Self.astronaut(), session = try HostSession(HostModel(builtIn: ()))
        try photo.run(session)
        let upright = try session.labels(photo)
        // The buffer is the photo turned back, so that a clockwise turn makes it upright.
        func source(_ x: Int, _ y: Int) -> Int {
            switch orientation {
            case 90: x * 512 + 511 - y
            case 180: (511 - y) * 512 + 511 - x
            default: (511 - x) * 512 + y
            }
        }
        var turned = HostPhoto(width: 512, height: 512)
        var wanted = [UInt8](repeating: 0, count: 512 * 512)
        for y in 0..<512 {
            for x in 0..<512 {
                let from = source(x, y), to = y * 512 + x
                for c in 0..<3 { turned.bytes[3 * to + c] = photo.bytes[3 * from + c] }
                wanted[to] = upright[from]
            }
        }
        try turned.run(session) { $0.orientation = orientation }
        #expect(share(try session.labels(turned), wanted) > 0.995)
    }

    /// A region is what the same pixels are as a photo of their own; outside it all is background.
    @Test func regionsAreTheirOwnPhotos() throws {
        let photo = try Self.astronaut(), session = try HostSession(HostModel(builtIn: ()))
        let (x0, y0, side) = (100, 20, 260)
        var part = HostPhoto(width: Int32(side), height: Int32(side))
        for y in 0..<side {
            for i in 0..<3 * side {
                part.bytes[y * 3 * side + i] = photo.bytes[3 * ((y + y0) * 512 + x0) + i]
            }
        }
        try part.run(session)
        let alone = try session.labels(part)
        try photo.run(session) {
            $0.has_region = 1
            $0.region = faceseg_region(
                x: Float(x0), y: Float(y0), width: Float(side), height: Float(side), angle: 0)
        }
        let labels = try session.labels(photo)
        var inside: [UInt8] = [], outside = 0
        for y in 0..<512 {
            for x in 0..<512 {
                let isInside = x >= x0 && x < x0 + side && y >= y0 && y < y0 + side
                if isInside {
                    inside.append(labels[y * 512 + x])
                } else {
                    outside += Int(labels[y * 512 + x])
                }
            }
        }
        #expect(outside == 0)
        #expect(same(inside, alone))
        // The same region, turned by 90 degrees over a buffer that says so, and one that reaches beyond the photo.
        try photo.run(session) {
            $0.has_region = 1
            $0.orientation = 90
            $0.region = faceseg_region(x: 100, y: 20, width: 260, height: 260, angle: 90)
        }
        #expect(share(try session.labels(photo), labels) > 0.995)
        try photo.run(session) {
            $0.has_region = 1
            $0.region = faceseg_region(x: -50, y: -30, width: 600, height: 600, angle: 10)
        }
        #expect(hasFace(try session.labels(photo)))
    }

    @Test(arguments: [(1, 1), (1, 300), (300, 1), (2, 3), (17, 5), (700, 33)] as [(Int32, Int32)])
    func anySize(width: Int32, height: Int32) throws {
        let photo = HostPhoto(width: width, height: height), session = try HostSession(HostModel(builtIn: ()))
        try photo.run(session)
        let areClasses = try session.labels(photo).allSatisfy { $0 < 3 }
        #expect(areClasses)
    }

    /// The same bits for any number of threads, OpenMP's or the host's.
    @Test func threadsDoNotMatter() throws {
        let photo = try Self.astronaut(), model = try HostModel(builtIn: ())
        let one = try HostSession(model) { $0.threads = 1 }
        try photo.run(one)
        let wanted = try one.probability(2, photo)
        for threads in [2, 3, 7] as [Int32] {
            let session = try HostSession(model) { $0.threads = threads }
            try photo.run(session)
            #expect(same(try session.probability(2, photo), wanted))
        }
        let host = try HostSession(model) {
            $0.parallel_for = { _, task, argument, count in
                nonisolated(unsafe) let argument = argument
                DispatchQueue.concurrentPerform(iterations: count) { task!(argument, $0) }
            }
        }
        try photo.run(host)
        #expect(same(try host.probability(2, photo), wanted))
    }

    @Test func progressAndCancel() throws {
        let photo = try Self.astronaut(), session = try HostSession(HostModel(builtIn: ()))
        final class Seen { var shares: [Float] = [] }
        let seen = Seen()
        try photo.run(session) {
            $0.progress_context = Unmanaged.passUnretained(seen).toOpaque()
            $0.progress = { context, done in
                Unmanaged<Seen>.fromOpaque(context!).takeUnretainedValue().shares.append(done)
                return 0
            }
        }
        #expect(seen.shares.count > 10 && seen.shares.last == 1 && seen.shares == seen.shares.sorted())
        func status(_ change: (inout faceseg_run_options) -> Void) -> Int32? {
            do { try photo.run(session, change); return nil } catch { return (error as? CFailure)?.status }
        }
        #expect(status { $0.progress = { _, done in done > 0.5 ? 1 : 0 } } == Int32(FACESEG_CANCELLED))
        // What progress does from this thread, another thread may: the flag is the same.
        let cancelled = status {
            $0.progress_context = UnsafeMutableRawPointer(session.pointer!)
            $0.progress = { context, _ in
                faceseg_session_cancel(OpaquePointer(context!))
                return 0
            }
        }
        #expect(cancelled == Int32(FACESEG_CANCELLED))
        faceseg_session_cancel(session.pointer)  // without a run it does nothing
        #expect(status { _ in } == nil)
        #expect(hasFace(try session.labels(photo)))
    }

    @Test func oneCallForm() throws {
        let photo = try Self.astronaut(), session = try HostSession(HostModel(builtIn: ()))
        try photo.run(session)
        let wanted = try session.labels(photo)
        var labels = [UInt8](repeating: 9, count: 512 * 512)
        try labels.withUnsafeMutableBytes { labels in
            let plane = faceseg_plane(data: labels.baseAddress, row_bytes: 512, type: 0)
            try photo.withImage { image in try call { faceseg_segment(&image, plane, $0) } }
        }
        #expect(same(labels, wanted))
    }

    /// Bytes between rows of a result stay as they are.
    @Test func resultRowsMayHaveGaps() throws {
        let photo = HostPhoto(width: 50, height: 20), session = try HostSession(HostModel(builtIn: ()))
        try photo.run(session)
        var out = [UInt8](repeating: 77, count: 64 * 20)
        try out.withUnsafeMutableBytes { out in
            let plane = faceseg_plane(data: out.baseAddress, row_bytes: 64, type: 0)
            try call { faceseg_get_labels(session.pointer, plane, $0) }
        }
        for row in 0..<20 {
            #expect(out[row * 64 + 50..<row * 64 + 64].allSatisfy { $0 == 77 })
            #expect(out[row * 64..<row * 64 + 50].allSatisfy { $0 < 3 })
        }
    }

    @Test func modelSaysWhatItIs() throws {
        let model = try HostModel(builtIn: ())
        func text(_ which: Int) -> String? {
            faceseg_model_text(model.pointer, Int32(which)).map { String(cString: $0) }
        }
        #expect(faceseg_model_class_count(model.pointer) == 3)
        let names = (0..<3).map { String(cString: faceseg_model_class_name(model.pointer, $0)) }
        #expect(names == ["background", "face", "hair"])
        #expect(faceseg_model_class_name(model.pointer, 3) == nil)
        // As `info` counts them: the trained ones, the normalizations' statistics, and the fixed upsampling kernels.
        #expect(faceseg_model_parameter_count(model.pointer) == 1_355_802)
        #expect(text(FACESEG_TEXT_LICENSE)?.contains("non-commercial") == true)
        #expect(text(FACESEG_TEXT_VERSION)?.isEmpty == false)
        #expect(text(FACESEG_TEXT_ACCURACY)?.contains("F1") == true)
        #expect(text(99) == nil)
    }
}

private func hasFace(_ labels: [UInt8]) -> Bool { labels.contains(1) }

/// Whether two results are equal, as a single fact: a failure must not list a million differences.
private func same<Element: Equatable>(_ a: [Element], _ b: [Element]) -> Bool { a == b }

extension Float {
    fileprivate func clamped(to range: ClosedRange<Float>) -> Float {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
