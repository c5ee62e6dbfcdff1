// SerialThread: a thread that runs an actor's jobs one after the other. Not a pool: one thread, which sleeps when there
// is nothing to do. Without Dispatch, whose threads are few and shared.
import FaceSegKit
import Glibc

/// The executor. The thread itself keeps it alive, until it is told to stop and no job is left.
final class SerialThread: SerialExecutor, @unchecked Sendable {
    // Sendable because `jobs` and `isStopped` are only touched under the lock.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [UnownedJob] = []
    private var isStopped = false

    private init() {
        lock.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Starts a thread.
    ///
    /// - stackBytes: nil: as many as the system's threads have.
    /// - Throws: ``FaceSegError/memory(needed:reason:)`` if the system gives none.
    static func start(stackBytes: Int? = nil) throws(FaceSegError) -> SerialThread {
        let executor = SerialThread(), kept = Unmanaged.passRetained(executor)
        var attributes = pthread_attr_t(), thread = pthread_t(), stack = 0
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        if let stackBytes { pthread_attr_setstacksize(&attributes, stackBytes) }
        pthread_attr_getstacksize(&attributes, &stack)
        let failure = pthread_create(
            &thread, &attributes,
            { kept in
                Unmanaged<SerialThread>.fromOpaque(kept!).takeRetainedValue().work()
                return nil
            }, kept.toOpaque())
        guard failure == 0 else {
            kept.release()
            throw .memory(
                needed: stack, reason: "no thread can be started: \(String(cString: strerror(failure)))")
        }
        return executor
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        withLock { jobs.append(job) }
    }

    /// Lets the thread end when no job is left.
    func stop() { withLock { isStopped = true } }

    private func withLock(_ change: () -> Void) {
        pthread_mutex_lock(lock)
        change()
        pthread_cond_signal(changed)
        pthread_mutex_unlock(lock)
    }

    private func work() {
        while let jobs = nextJobs() {
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    /// All that wait, in their order; nil: the end.
    private func nextJobs() -> [UnownedJob]? {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while jobs.isEmpty && !isStopped { pthread_cond_wait(changed, lock) }
        if jobs.isEmpty { return nil }
        defer { jobs = [] }
        return jobs
    }
}

/// A thread that is told to stop when its owner goes.
final class OwnedThread: Sendable {
    let executor: SerialThread

    init() throws(FaceSegError) { executor = try SerialThread.start() }

    deinit { executor.stop() }
}
