// ThreadTests: what the header promises of threads: a model shared by many while its weights are packed, a packing
// that fails and is tried again, cancelling from another thread. ThreadSanitizer runs them too.
import CFaceSeg
import FaceSegC
import Foundation
import Testing

/// A value behind a lock that ThreadSanitizer knows; Synchronization's Mutex it does not.
private final class Guarded<Value>: @unchecked Sendable {
    private var value: Value
    private let lock = NSLock()

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result { lock.withLock { body(&value) } }
}

struct ThreadTests {
    private static let threads = 64

    /// What each thread made, or its error. All begin at once.
    private func atOnce<Result>(
        _ body: @escaping @Sendable (Int) throws -> Result
    ) -> [Swift.Result<Result, any Error>] {
        let there = Guarded(0), results = Guarded<[Swift.Result<Result, any Error>]>([])
        for index in 0..<Self.threads {
            Thread.detachNewThread {
                there.withLock { $0 += 1 }
                while there.withLock({ $0 < Self.threads }) { usleep(100) }
                let result = Swift.Result { try body(index) }
                results.withLock { $0.append(result) }
            }
        }
        while results.withLock({ $0.count < Self.threads }) { usleep(1000) }
        return results.withLock { $0 }
    }

    /// Sessions of one and of two threads, opened while the first of them packs the weights.
    @Test func oneModelManyThreads() throws {
        let photo = HostPhoto(), alone = try HostSession(HostModel(builtIn: ()))
        try photo.run(alone)
        let wanted = try alone.labels(photo)
        let model = try HostModel(builtIn: ())
        let results = atOnce { index in
            let session = try HostSession(model) { $0.threads = Int32(1 + index % 2) }
            try photo.run(session)
            return try session.labels(photo)
        }
        #expect(results.count { (try? $0.get()) == wanted } == Self.threads)
    }

    /// The one-call form, whose model is opened by whichever comes first.
    @Test func oneCallForm() throws {
        let photo = HostPhoto(), alone = try HostSession(HostModel(builtIn: ()))
        try photo.run(alone)
        let wanted = try alone.labels(photo)
        let results = atOnce { _ in
            var labels = [UInt8](repeating: 9, count: wanted.count)
            try labels.withUnsafeMutableBytes { labels in
                let plane = faceseg_plane(
                    data: labels.baseAddress, row_bytes: Int(photo.width), type: Int32(FACESEG_U8))
                try photo.withImage { image in try call { faceseg_segment(&image, plane, $0) } }
            }
            return labels
        }
        #expect(results.count { (try? $0.get()) == wanted } == Self.threads)
    }

    /// Every thread is told; once the file is whole again the same model works.
    @Test func packingFailsAndIsTriedAgain() throws {
        let net = Fixtures.small.appending(path: "light_unet.caffemodel").path()
        let bytes = try Data(contentsOf: URL(filePath: net))
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).caffemodel").path()
        try bytes.write(to: URL(filePath: path))
        defer { unlink(path) }
        let model = try HostModel(path: path)
        var opened = stat()
        #expect(stat(path, &opened) == 0 && truncate(path, off_t(bytes.count / 2)) == 0)
        for result in atOnce({ _ in try HostSession(model) }) {
            let failure = #expect(throws: CFailure.self) { try result.get() }
            #expect(failure?.status == Int32(FACESEG_FILE_ERROR))
        }
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.write(contentsOf: bytes)
        try file.close()
        #expect(utimensat(AT_FDCWD, path, [opened.st_atim, opened.st_mtim], 0) == 0)
        let photo = HostPhoto(), untouched = try HostSession(HostModel(path: net))
        try photo.run(untouched)
        let wanted = try untouched.labels(photo)
        let results = atOnce { _ in
            let session = try HostSession(model)
            try photo.run(session)
            return try session.labels(photo)
        }
        #expect(results.count { (try? $0.get()) == wanted } == Self.threads)
    }

    /// Each run ends whole or cancelled, and never with half a result; some of each are seen.
    @Test func cancelFromAnotherThread() throws {
        let photo = HostPhoto(), session = try HostSession(HostModel(builtIn: ())) { $0.threads = 2 }
        var length = Duration.zero
        for _ in 0..<2 { length = try ContinuousClock().measure { try photo.run(session) } }
        let longest = UInt32(length * 4 / Duration.microseconds(1))  // from one cancel to the next
        let wanted = try session.labels(photo), goesOn = Guarded(true), hasEnded = Guarded(false)
        nonisolated(unsafe) let pointer = session.pointer
        Thread.detachNewThread {
            while goesOn.withLock({ $0 }) {
                faceseg_session_cancel(pointer)
                usleep(.random(in: 0...longest))
            }
            hasEnded.withLock { $0 = true }
        }
        var whole = 0, cancelled = 0
        while whole + cancelled < 40 || min(whole, cancelled) == 0 && whole + cancelled < 1000 {
            do {
                try photo.run(session)
                #expect(try session.labels(photo) == wanted)
                whole += 1
            } catch let failure as CFailure {
                #expect(failure.status == Int32(FACESEG_CANCELLED))
                cancelled += 1
            }
        }
        goesOn.withLock { $0 = false }
        while !hasEnded.withLock({ $0 }) { usleep(1000) }
        #expect(whole > 0 && cancelled > 0)
        try photo.run(session)
        #expect(try session.labels(photo) == wanted)
    }
}
