// WorkerThread: a thread that runs one function. Not a pool, and not Swift's tasks, whose threads are few: a
// decoder that holds one of them keeps others waiting.
import FaceSegKit
import Glibc

/// Runs until its function returns; ``join()`` waits for that, once.
package struct WorkerThread {
    private let thread: pthread_t

    /// A modest one leaves a processor to the program's other threads when they want it: where those wait for each other, as a training
    /// step's do, being in one's way is being in all's.
    ///
    /// - Throws: ``FaceSegError/memory(needed:reason:)`` if the system gives no thread.
    package init(isModest: Bool = true, _ body: @escaping @Sendable () -> Void) throws(FaceSegError) {
        let kept = Unmanaged.passRetained(
            Body {
                if isModest { stepBack() }
                body()
            })
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { kept in
                Unmanaged<Body>.fromOpaque(kept!).takeRetainedValue().run()
                return nil
            }, kept.toOpaque())
        guard failure == 0 else {
            kept.release()
            throw .memory(
                needed: 8 << 20, reason: "no thread can be started: \(String(cString: strerror(failure)))")
        }
        self.thread = thread
    }

    package func join() { pthread_join(thread, nil) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// On Linux a thread has a niceness of its own. If it cannot be had, things are merely slower.
private func stepBack() {
    let which = __priority_which_t(PRIO_PROCESS.rawValue)
    setpriority(which, 0, min(getpriority(which, 0) + 10, 19))
}
