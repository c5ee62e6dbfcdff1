// Workers: who runs the stages of a plan: OpenMP's threads or the host's own. A thin layer over fsk_pool.
import Kernels

/// A parallel-for of the host: calls the task once for each index below the count, and returns when all have.
package typealias HostParallelFor =
    @convention(c) (
        UnsafeMutableRawPointer?, (@convention(c) (UnsafeMutableRawPointer?, Int) -> Void)?,
        UnsafeMutableRawPointer?,
        Int
    ) -> Void

/// Threads for the stages of a plan, and the flag that stops them. One run at a time.
package final class Workers {
    private var pool: fsk_pool
    package let cancellation: Cancellation
    /// Whether a cancel that comes before a run stops it too.
    var keepsCancel = false

    package init(
        threads: Int, hostParallelFor: HostParallelFor? = nil, context: UnsafeMutableRawPointer? = nil,
        cancellation: Cancellation = Cancellation()
    ) {
        self.cancellation = cancellation
        keepsCancel = cancellation.isLent
        pool = fsk_pool(
            cpu: Processor.bits, threads: Int32(threads), parallel_for: hostParallelFor,
            context: context, cancelled: UnsafePointer(cancellation.flag), team: nil)
    }

    package var threads: Int { Int(pool.threads) }

    /// Threads that a caller asks for; nil: one a processor.
    package static func checked(threads: Int?) throws(FaceSegError) -> Int {
        try Processor.check()
        guard let threads else { return Runtime.processors }
        guard (1...1024).contains(threads) else {
            throw .argument("threads \(threads) is not between 1 and 1024")
        }
        return threads
    }

    package var isCancelled: Bool { cancellation.isSet }
    /// Forgets a cancel that was about something else.
    func allow() { if !keepsCancel { cancellation.clear() } }

    /// The C form, for a kernel's driver.
    package func withPool<Result>(_ body: (UnsafePointer<fsk_pool>) -> Result) -> Result {
        var pool = pool  // a copy: a leader sets the team meanwhile
        return withUnsafePointer(to: &pool) { body($0) }
    }

    var cpu: UInt32 { pool.cpu }

    /// Runs `body` on this thread while the others wait for the stages that it runs, so that stages begin at once.
    /// Within another `lead` it only runs.
    package func lead(_ body: () -> Void) {
        if pool.team != nil { return body() }
        withoutActuallyEscaping(body) { body in
            var call = (workers: self, body: body)
            withUnsafeMutablePointer(to: &call) { call in
                withPool { pool in
                    fsk_pool_lead(
                        pool,
                        { context, team in
                            let call = context!.assumingMemoryBound(
                                to: (workers: Workers, body: () -> Void).self)
                            let workers = call.pointee.workers
                            workers.pool.team = team
                            call.pointee.body()
                            workers.pool.team = nil
                        }, call)
                }
            }
        }
    }

    /// Runs `body` for each index below `count` on several threads. `worker`, below `threads`, is never the same in
    /// two threads at once: it tells whose scratch memory is meant.
    package func forEachWorker(_ count: Int, _ body: @Sendable (_ index: Int, _ worker: Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var task: @Sendable (Int, Int) -> Void = body
            withUnsafeMutablePointer(to: &task) { task in
                withPool { pool in
                    fsk_pool_run_workers(
                        pool,
                        { context, index, worker in
                            context!.assumingMemoryBound(to: (@Sendable (Int, Int) -> Void).self).pointee(
                                index, worker)
                        }, task, count)
                }
            }
        }
    }
}
