// Monitor: a value that several threads share and wait for. Not FaceSegKit's Locked, which copies the value
// at each change for the sake of forked children; training has none.
import Glibc

/// A value behind a mutex; whoever waits looks again after each change.
package final class Monitor<Value>: @unchecked Sendable {
    // Sendable because the value is only touched under the lock.
    private var value: Value
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init(_ value: sending Value) {
        self.value = value
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

    package func withLock<Result>(_ body: (inout Value) -> Result) -> Result { wait(for: body) }

    /// Calls `body` now and after each change until it has a result.
    package func wait<Result>(for body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let result = body(&value) {
                pthread_cond_broadcast(changed)
                return result
            }
            pthread_cond_wait(changed, lock)
        }
    }
}
