// HostMemoryTests: a session in the host's own memory: each call for some fails once, in turn. Then the call says so,
// nothing is lost, and the session gives what one gives that never failed. And a video's frames call for none.
import CFaceSeg
import FaceSegC
import Foundation
import Testing

/// A host's memory, one thread at a time.
private final class CountingMemory {
    /// Calls so far; which of them fails, counted from 1.
    private(set) var calls = 0
    var failing = Int.max
    private(set) var wrong = 0
    private var given: [UnsafeMutableRawPointer: Int] = [:]

    var isEmpty: Bool { given.isEmpty }

    func allocate(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
        calls += 1
        if calls == failing { return nil }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
        given[memory] = size
        return memory
    }

    func release(_ memory: UnsafeMutableRawPointer?, _ size: Int, _ alignment: Int) {
        guard let memory, given.removeValue(forKey: memory) == size, alignment == 64 else {
            wrong += 1
            return
        }
        memory.deallocate()
    }

    func serve(_ options: inout faceseg_session_options) {
        options.allocate = { memory(of: $0).allocate($1, $2) }
        options.release = { memory(of: $0).release($1, $2, $3) }
        options.allocator_context = Unmanaged.passUnretained(self).toOpaque()
    }
}

private func memory(of context: UnsafeMutableRawPointer?) -> CountingMemory {
    Unmanaged<CountingMemory>.fromOpaque(context!).takeUnretainedValue()
}

struct HostMemoryTests {
    struct Mode: CustomTestStringConvertible, Sendable {
        let testDescription: String, refinement: Int, smallestHead: Int32, steady: Int32

        fileprivate func session(_ model: HostModel, in memory: CountingMemory?) throws -> HostSession {
            try HostSession(model) { options in
                options.threads = 2
                (options.refinement, options.smallest_head) = (Int32(refinement), smallestHead)
                options.steady = steady
                memory?.serve(&options)
            }
        }
    }

    static let modes = [
        Mode(testDescription: "none", refinement: FACESEG_REFINE_NONE, smallestHead: -1, steady: 0),
        Mode(testDescription: "guided", refinement: FACESEG_REFINE_GUIDED, smallestHead: -1, steady: 0),
        Mode(testDescription: "matting", refinement: FACESEG_REFINE_MATTING, smallestHead: -1, steady: 0),
        Mode(testDescription: "crf", refinement: FACESEG_REFINE_CRF, smallestHead: -1, steady: 0),
        Mode(testDescription: "heads", refinement: FACESEG_REFINE_GUIDED, smallestHead: 8, steady: 0),
        Mode(testDescription: "steady", refinement: FACESEG_REFINE_GUIDED, smallestHead: -1, steady: 1),
    ]

    private static func photos() throws -> [HostPhoto] {
        let photo = try PhotoTests.astronaut(), side = Int(photo.width)
        // Her head and shoulders, in two sizes.
        return [(40, 30), (56, 60)].map { width, height in
            var bytes: [UInt8] = []
            for y in 0..<height {
                for x in 0..<width {
                    let at = ((y * 240 / height) * side + 100 + x * 256 / width) * 3
                    bytes += photo.bytes[at..<at + 3]
                }
            }
            return HostPhoto(width: Int32(width), height: Int32(height), bytes: bytes)
        }
    }

    /// All results of both photos, and of the network alone.
    private func results(_ session: HostSession, _ photos: [HostPhoto]) throws -> [[Float]] {
        faceseg_session_begin_video(session.pointer)
        var all: [[Float]] = []
        for photo in photos {
            try photo.run(session)
            all.append(try session.labels(photo).map { Float($0) })
            all.append(try session.probability(2, photo))
            all.append(try session.floats(photo) { faceseg_get_alpha(session.pointer, 3, $0, $1) })
            all.append(
                try session.bytes(photo) { plane, error in
                    var count = 0, plane = plane
                    return faceseg_get_heads(session.pointer, &plane, nil, 0, &count, error)
                }.map { Float($0) })
        }
        let numbers = (0..<3 * 32 * 64).map { Float($0 % 101) - 50 }
        all.append(try session.forward(numbers, shape: [1, 3, 32, 64]).numbers)
        return all
    }

    /// All calls take a minute and a half: `make check-deep` asks for them, and the fast tests for some.
    private static let step = ProcessInfo.processInfo.environment["FACESEG_EACH_CALL"] == nil ? 11 : 1

    @Test(arguments: modes)
    func eachCallFailsOnce(_ mode: Mode) throws {
        let model = try HostModel(small: ()), photos = try Self.photos()
        let expected = try results(mode.session(model, in: nil), photos)
        let counting = CountingMemory()
        #expect(try results(mode.session(model, in: counting), photos) == expected)
        #expect(counting.isEmpty && counting.calls > 20)
        for failing in stride(from: 1, through: counting.calls, by: Self.step) {
            let memory = CountingMemory()
            memory.failing = failing
            do {
                let session = try mode.session(model, in: memory)
                let failure = #expect(throws: CFailure.self) { _ = try results(session, photos) }
                #expect(failure.map { Int($0.status) } == FACESEG_OUT_OF_MEMORY, "call \(failing)")
                #expect(failure?.message.contains("the host's allocator") == true, "call \(failing)")
                #expect(memory.calls >= failing)
                faceseg_session_begin_video(session.pointer)
                try photos[0].run(session)
                #expect(
                    try session.labels(photos[0]).map { Float($0) } == expected[0], "after call \(failing)")
            }
            #expect(memory.isEmpty && memory.wrong == 0, "call \(failing)")
        }
    }

    /// From the second frame on.
    @Test(arguments: [modes[0], modes[1], modes[5]])
    func framesCallForNone(_ mode: Mode) throws {
        let memory = CountingMemory(), photo = try Self.photos()[1]
        let session = try mode.session(HostModel(small: ()), in: memory)
        func frame() throws {
            try photo.run(session)
            _ = try session.labels(photo)
            _ = try session.floats(photo) { faceseg_get_alpha(session.pointer, 3, $0, $1) }
        }
        for _ in 0..<2 { try frame() }
        let before = memory.calls
        for _ in 0..<3 { try frame() }
        #expect(memory.calls == before)
    }

    @Test func mistakes() throws {
        let model = try HostModel(small: ())
        #expect(throws: CFailure(status: 1, message: "allocate and release: both or neither may be NULL")) {
            try HostSession(model) { $0.release = { _, _, _, _ in } }
        }
        // At no multiple of the alignment: it goes back, and is as good as none.
        let memory = CountingMemory()
        let session = try HostSession(model) { options in
            memory.serve(&options)
            options.allocate = { context, size, alignment in
                _ = faceseg_version()
                return UnsafeMutableRawPointer(bitPattern: 64 * size + 8)
            }
            options.release = { _, _, _, _ in }
        }
        let photo = try Self.photos()[0]
        let failure = #expect(throws: CFailure.self) { try photo.run(session) }
        #expect(failure?.message.contains("at a multiple of 64") == true)
    }
}
