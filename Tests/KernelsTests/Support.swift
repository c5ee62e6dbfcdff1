// What every kernel's test needs: random numbers that replay, pools, guarded memory, comparison by bits.
// Nothing here knows an operation.
import Foundation
import Kernels
import Testing

/// Around every vector width, and a prime: tails are where kernels break.
let lengths = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 509]

/// More than three of the slices that flat arrays are cut into.
let severalSlices = 100_003

/// SplitMix64. A test's arguments are its seed, so that a failure replays.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seeds: Int...) {
        state = seeds.reduce(0) { ($0 ^ UInt64(bitPattern: Int64($1))) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -4...4) -> [Float] {
        let low = range.lowerBound, span = (range.upperBound - low) / 0x1p24
        return (0..<count).map { _ in low + span * Float(next() >> 40) }
    }

    /// Numbers of which about every ninth is one that kernels trip over.
    mutating func oddFloats(_ count: Int) -> [Float] {
        let odd: [Float] = [
            .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude,
        ]
        return floats(count).map {
            let which = Int(next() >> 58)  // 0 to 63
            return which < odd.count ? odd[which] : $0
        }
    }
}

/// The bits for each variant that this processor can run: a kernel chooses its fastest among them.
let runnableBits: [UInt32] = {
    let avx2 = UInt32(FSK_CPU_AVX2), avx512 = UInt32(FSK_CPU_AVX512), neon = UInt32(FSK_CPU_NEON)
    return [0, avx2, avx2 | avx512, neon].filter { $0 & fsk_cpu() == $0 }
}()

/// A value behind a lock that ThreadSanitizer knows; Synchronization's Mutex it does not.
final class Guarded<Value>: @unchecked Sendable {
    private var value: Value
    private let lock = NSLock()

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result { lock.withLock { body(&value) } }
}

/// Who runs the tasks.
enum Way: CaseIterable {
    case alone, twoThreads, host

    func pool(bits: UInt32 = fsk_cpu(), cancelled: UnsafePointer<fsk_flag>? = nil) -> fsk_pool {
        fsk_pool(
            cpu: bits, threads: self == .twoThreads ? 2 : 1,
            parallel_for: self == .host ? lastFirst : nil, context: nil, cancelled: cancelled)
    }
}

/// A host's parallel-for, on threads of its own, beginning with the last task.
private let lastFirst: fsk_parallel_for_pointer = { _, task, argument, count in
    nonisolated(unsafe) let argument = argument
    DispatchQueue.concurrentPerform(iterations: count) { task!(argument, count - 1 - $0) }
}

typealias fsk_task_pointer = @convention(c) (UnsafeMutableRawPointer?, Int) -> Void
typealias fsk_parallel_for_pointer =
    @convention(c) (
        UnsafeMutableRawPointer?, fsk_task_pointer?, UnsafeMutableRawPointer?, Int
    ) -> Void

/// What `body` writes to `count` numbers at an odd address; nothing before or after them may change.
func written(_ count: Int, over start: [Float]? = nil, _ body: (UnsafeMutablePointer<Float>) -> Void)
    -> [Float]
{
    let fence = 33, guardBits: UInt32 = 0x7FAB_CDEF
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: count + 2 * fence)
    defer { memory.deallocate() }
    memory.initialize(repeating: Float(bitPattern: guardBits), count: count + 2 * fence)
    if let start { (memory + fence).update(from: start, count: count) }
    body(memory + fence)
    for i in 0..<fence {
        let intact = memory[i].bitPattern == guardBits && memory[fence + count + i].bitPattern == guardBits
        #expect(intact, "written \(i) past the end or \(fence - i) before the beginning")
    }
    return Array(UnsafeBufferPointer(start: memory + fence, count: count))
}

/// The result of `body` with the scalar variant on one thread. Every other variant and way must give the same
/// bits.
func sameEverywhere(
    _ count: Int, over start: [Float]? = nil, at place: SourceLocation = #_sourceLocation,
    _ body: (UnsafePointer<fsk_pool>, UnsafeMutablePointer<Float>) -> Void
) -> [Float] {
    func run(_ bits: UInt32, _ way: Way) -> [Float] {
        var pool = way.pool(bits: bits)
        return written(count, over: start) { body(&pool, $0) }
    }
    let scalar = run(0, .alone)
    for cpu in runnableBits {
        for way in Way.allCases {
            let name = String(cString: fsk_cpu_name(cpu)), got = run(cpu, way)
            #expect(haveSameBits(got, scalar), "\(way), \(name)", sourceLocation: place)
        }
    }
    return scalar
}

private func haveSameBits(_ a: [Float], _ b: [Float]) -> Bool {
    memcmp(a, b, a.count * MemoryLayout<Float>.stride) == 0 || bits(a) == bits(b)
}

/// One pattern for every NaN: the processor is free in what it carries along.
func bits(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern } }

/// Expects numbers within `relative` of the wanted one, or within `absolute`; NaN and infinity where wanted.
func expectClose(
    _ got: [Float], _ want: [Double], relative: Double = 0, absolute: Double = 0,
    at place: SourceLocation = #_sourceLocation
) {
    #expect(got.count == want.count, sourceLocation: place)
    for i in 0..<min(got.count, want.count) {
        let g = Double(got[i]), w = want[i]
        let isNear = w.isFinite && abs(g - w) <= max(relative * abs(w), absolute)
        if g == w || isNear || g.isNaN && w.isNaN { continue }
        Issue.record("at \(i): \(g), not \(w)", sourceLocation: place)
        return
    }
}
