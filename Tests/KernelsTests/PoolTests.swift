// fsk_pool: who runs what, not what is computed.
import Foundation
import Kernels
import Testing

/// Counts how often each index ran. Handed to a C task as its argument.
private final class Tally {
    let runs = Guarded<[Int: Int]>([:])
    let address = Guarded<UInt>(0)  // of what a task needs besides

    func add(_ index: Int) { runs.withLock { $0[index, default: 0] += 1 } }

    static func of(_ argument: UnsafeMutableRawPointer?) -> Tally {
        Unmanaged<Tally>.fromOpaque(argument!).takeUnretainedValue()
    }

    var argument: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
}

private let count: fsk_task_pointer = { Tally.of($0).add($1) }

struct PoolTests {
    @Test(arguments: Way.allCases, [0, 1, 2, 3, 7, 1000])
    func everyIndexOnce(way: Way, tasks: Int) {
        var pool = way.pool()
        let tally = Tally()
        withExtendedLifetime(tally) { fsk_pool_run(&pool, count, tally.argument, tasks) }
        #expect(tally.runs.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<tasks).map { ($0, 1) }))
    }

    @Test(arguments: [1, 2, 3, 16, 64] as [Int32])
    func moreThreadsThanTasks(threads: Int32) {
        var pool = Way.alone.pool()
        pool.threads = threads
        let tally = Tally()
        withExtendedLifetime(tally) { fsk_pool_run(&pool, count, tally.argument, 2) }
        #expect(tally.runs.withLock { $0 } == [0: 1, 1: 1])
    }

    @Test(arguments: Way.allCases, [1, 50])
    func nothingOnceCancelled(way: Way, tasks: Int) {
        var cancelled = fsk_flag(value: 1)
        let tally = Tally()
        withUnsafePointer(to: &cancelled) { flag in
            var pool = way.pool(cancelled: flag)
            withExtendedLifetime(tally) { fsk_pool_run(&pool, count, tally.argument, tasks) }
        }
        #expect(tally.runs.withLock { $0.isEmpty })
    }

    /// Task 3 cancels: alone, the four begun are all.
    @Test func cancelledMidway() {
        let flag = UnsafeMutablePointer<fsk_flag>.allocate(capacity: 1)
        defer { flag.deallocate() }
        flag.initialize(to: fsk_flag())
        let tally = Tally()
        tally.address.withLock { $0 = UInt(bitPattern: flag) }
        var pool = Way.alone.pool(cancelled: flag)
        let task: fsk_task_pointer = { argument, index in
            let tally = Tally.of(argument)
            tally.add(index)
            if index == 3 {
                fsk_flag_set(UnsafeMutablePointer(bitPattern: tally.address.withLock { $0 }), true)
            }
        }
        withExtendedLifetime(tally) { fsk_pool_run(&pool, task, tally.argument, 50) }
        #expect(tally.runs.withLock { $0 } == [0: 1, 1: 1, 2: 1, 3: 1])
    }

    /// A task may run a stage of its own on the same pool.
    @Test(arguments: Way.allCases)
    func nested(way: Way) {
        let tally = Tally()
        let outer: fsk_task_pointer = { argument, _ in
            let pool = UnsafePointer<fsk_pool>(bitPattern: Tally.of(argument).address.withLock { $0 })!
            fsk_pool_run(pool, count, argument, 5)
        }
        var pool = way.pool()
        withUnsafePointer(to: &pool) { pool in
            tally.address.withLock { $0 = UInt(bitPattern: pool) }
            withExtendedLifetime(tally) { fsk_pool_run(pool, outer, tally.argument, 8) }
        }
        #expect(tally.runs.withLock { $0 } == [0: 8, 1: 8, 2: 8, 3: 8, 4: 8])
    }

    /// Each of two tasks waits for the other, ten seconds at most, and counts once more when they met.
    @Test(.enabled(if: fsk_openmp_name() != nil))
    func twoAtOnce() {
        let meet: fsk_task_pointer = { argument, index in
            let tally = Tally.of(argument), end = ContinuousClock.now + .seconds(10)
            tally.add(index)
            while ContinuousClock.now < end {
                if tally.runs.withLock({ $0[1 - index] != nil }) { return tally.add(index) }
            }
        }
        var pool = Way.twoThreads.pool()
        let tally = Tally()
        withExtendedLifetime(tally) { fsk_pool_run(&pool, meet, tally.argument, 2) }
        #expect(tally.runs.withLock { $0 } == [0: 2, 1: 2])
    }

    @Test func processorsAndBits() {
        #expect(fsk_processor_count() >= 1)
        #expect(String(cString: fsk_cpu_name(0)) == "scalar")
        #expect(fsk_cpu() == fsk_cpu())
    }
}
