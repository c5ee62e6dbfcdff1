// SegmentationQueueTests: async callers are served right and in line, their executors stay free, cancelling ends a run,
// and a queue that is let go ends its thread.
import Foundation
import Synchronization
import Testing

@testable import FaceSegAsync
@testable import FaceSegKit

/// Something that jobs wait for: a wait that lasts too long fails instead of hanging the tests.
private struct Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    func open() { semaphore.signal() }
    /// What waits for itself waits for ever; what a busy machine holds up comes in the end.
    func pass() -> Bool { semaphore.wait(timeout: .now() + 600) == .success }
}

/// Shared by jobs and tests.
private final class Counter: Sendable {
    private let number = Atomic(0)
    @discardableResult func up() -> Int { number.add(1, ordering: .sequentiallyConsistent).newValue }
    var value: Int { number.load(ordering: .sequentiallyConsistent) }
}

private let side = 96

/// Noise: each seed has labels of its own.
private func photo(seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<side * side * 3).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

private func face(_ segmenter: Segmenter, seed: Int) throws -> Plane<Float> {
    try segmenter.run(photo(seed: UInt64(seed)).span, width: side, height: side)
    return try segmenter.probability(of: 1)
}

struct SegmentationQueueTests {
    @Test func resultsAreTheSegmenters() async throws {
        let model = try Model.builtIn(), queue = try await SegmentationQueue(model)
        let pixels = photo(seed: 1)
        let wanted = try Segmenter(model).segment(pixels.span, width: side, height: side)
        #expect((try await queue.segment(pixels, width: side, height: side) == wanted) as Bool)
        let (labels, head) = try await queue.perform { segmenter in
            try segmenter.run(pixels.span, width: side, height: side)
            return (try segmenter.labels(), try segmenter.alpha(of: .head))
        }
        #expect((labels == wanted) as Bool)
        #expect(head.pixels.count == side * side)
    }

    @Test func errorsComeBack() async throws {
        let queue = try await SegmentationQueue(Model.builtIn())
        await #expect(throws: FaceSegError.argument("the photo has 0 bytes, 1 rows of row_bytes 3 need 3")) {
            try await queue.segment([], width: 1, height: 1)
        }
        await #expect(throws: FaceSegError.argument("threads 0 is not between 1 and 1024")) {
            try await SegmentationQueue(Model.builtIn(), threads: 0)
        }
        let other = await #expect(throws: CancellationError.self) {
            try await queue.perform { _ in throw CancellationError() }
        }
        #expect(other != nil)
    }

    @Test func manyCallers() async throws {
        let model = try Model.builtIn(), queue = try await SegmentationQueue(model, threads: 1)
        let segmenter = try Segmenter(model)
        let wanted = try (0..<12).map { try face(segmenter, seed: $0) }
        #expect(Set(wanted).count == 12)
        try await withThrowingTaskGroup(of: (Int, Plane<Float>).self) { group in
            for i in 0..<48 {
                group.addTask { (i % 12, try await queue.perform { try face($0, seed: i % 12) }) }
            }
            for try await (i, plane) in group { #expect((plane == wanted[i]) as Bool) }
        }
    }

    /// A run on the main thread would wait for itself.
    @MainActor @Test func mainActorStaysFree() async throws {
        let queue = try await SegmentationQueue(Model.builtIn()), pixels = photo(seed: 2)
        let begun = Counter(), gate = Gate()
        async let passed = queue.perform { segmenter in
            begun.up()
            let passed = gate.pass()
            try segmenter.run(pixels.span, width: side, height: side)
            return passed
        }
        while begun.value == 0 { await Task.yield() }
        for _ in 0..<100 { await Task.yield() }
        gate.open()
        #expect(try await passed)
    }

    /// More jobs at once than the cooperative pool has threads, all of which wait for a task of that pool.
    @Test func cooperativeThreadsStayFree() async throws {
        let model = try Model.builtIn(), count = ProcessInfo.processInfo.activeProcessorCount + 2
        let begun = Counter(), gate = Gate()
        let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<count {
                let queue = try await SegmentationQueue(model, threads: 1)
                group.addTask {
                    await queue.perform { _ in
                        begun.up()
                        return gate.pass()
                    }
                }
            }
            await Task.detached {
                while begun.value < count { await Task.yield() }
                for _ in 0..<count { gate.open() }
            }.value
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(passed == [Bool](repeating: true, count: count))
    }

    /// Reading the weights would wait for itself.
    @MainActor @Test func readingWeightsLeavesTheMainActorFree() async throws {
        let source = try GatedSource(), model = try Model(source: source)
        source.isGated.up()
        async let queue = SegmentationQueue(model)
        while source.reads.value == 0 { await Task.yield() }
        source.gate.open()
        #expect(try await queue.segment(photo(seed: 6), width: side, height: side).width == side)
        #expect(source.failures.value == 0)
    }
}

/// The built-in network's file. Reading it waits for a gate, once it is told to.
private final class GatedSource: ByteSource {
    let name = "gated"
    let gate = Gate(), isGated = Counter(), reads = Counter(), failures = Counter()
    private let bytes: [UInt8]
    var count: Int { bytes.count }

    init() throws {
        let package = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        bytes = try [UInt8](
            Data(contentsOf: URL(filePath: package + "/Sources/EmbeddedNetwork/standard.caffemodel")))
    }

    func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FaceSegError) {
        if isGated.value > 0, reads.up() == 1, !gate.pass() { failures.up() }
        bytes.withUnsafeBytes {
            destination.copyMemory(from: .init(rebasing: $0[offset...].prefix(destination.count)))
        }
    }
}

struct SegmentationCancelTests {
    @Test func endsARunEarly() async throws {
        let queue = try await SegmentationQueue(Model.builtIn()), pixels = photo(seed: 3)
        let first = Gate(), cancelled = Gate(), steps = Counter()
        let task = Task {
            try await queue.perform { segmenter in
                try segmenter.run(pixels.span, width: side, height: side) { _ in
                    // Stays in the first step until the task is cancelled.
                    if steps.up() == 1 {
                        first.open()
                        return cancelled.pass()
                    }
                    return true
                }
            }
        }
        await Task.detached { #expect(first.pass()) }.value
        task.cancel()
        cancelled.open()
        await #expect(throws: FaceSegError.cancelled) { try await task.value }
        #expect(steps.value <= 2)
        #expect(try await queue.segment(pixels, width: side, height: side).width == side)
    }

    @Test func neverBeginsOneThatWaits() async throws {
        let queue = try await SegmentationQueue(Model.builtIn()), pixels = photo(seed: 4)
        let begun = Gate(), gate = Gate()
        let before = Task {
            try await queue.perform { segmenter in
                begun.open()
                guard gate.pass() else { return 0 }
                return try segmenter.segment(pixels.span, width: side, height: side).width
            }
        }
        await Task.detached { #expect(begun.pass()) }.value
        let waiting = Task {
            try await queue.perform { segmenter in
                try segmenter.run(pixels.span, width: side, height: side) { _ in
                    Issue.record("a cancelled run made a step")
                    return true
                }
            }
        }
        let after = Task { try await queue.segment(pixels, width: side, height: side).width }
        waiting.cancel()
        gate.open()
        await #expect(throws: FaceSegError.cancelled) { try await waiting.value }
        #expect(try await before.value == side)
        #expect(try await after.value == side)
    }
}

struct SerialThreadTests {
    /// Whether an object goes within a while.
    private func goes(_ isGone: () -> Bool) async throws -> Bool {
        for _ in 0..<6000 where !isGone() { try await Task.sleep(for: .milliseconds(10)) }
        return isGone()
    }

    @Test func endsWithItsQueue() async throws {
        weak var thread: SerialThread?
        do {
            let queue = try await SegmentationQueue(Model.builtIn())
            thread = await queue.serialThread
            #expect(thread != nil)
        }
        #expect(try await goes { thread == nil })
    }

    /// Jobs that are in line when the last name of the queue goes are done, and then the thread ends.
    @Test func doesWhatIsInLineFirst() async throws {
        weak var thread: SerialThread?
        let gate = Gate(), begun = Gate(), pixels = photo(seed: 5)
        var queue: SegmentationQueue? = try await SegmentationQueue(Model.builtIn())
        thread = await queue?.serialThread
        let first = Task { [queue] in
            await queue!.perform { _ in
                begun.open()
                return gate.pass()
            }
        }
        await Task.detached { #expect(begun.pass()) }.value
        let others = (0..<8).map { _ in
            Task { [queue] in try await queue!.segment(pixels, width: side, height: side).width }
        }
        queue = nil
        gate.open()
        #expect(await first.value)
        for other in others { #expect(try await other.value == side) }
        #expect(try await goes { thread == nil })
    }

    @Test func saysThatThereIsNoThread() {
        let error = #expect(throws: FaceSegError.self) { try SerialThread.start(stackBytes: 1 << 46) }
        #expect(error?.description.contains("no thread can be started") == true)
    }
}

extension SegmentationQueue {
    fileprivate var serialThread: SerialThread { thread.executor }
}
