// Locked: a value that one thread at a time may touch. Not Synchronization's Mutex, which keeps the number of the
// thread that holds it: in a forked child the thread that called fork still goes by its parent's number, and the
// first contended lock there ends the process.
import Glibc

/// A value behind the system's mutex. Any thread; not to be locked again from within.
package final class Locked<Value>: @unchecked Sendable {
    private var value: Value
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())  // all zeros, as PTHREAD_MUTEX_INITIALIZER is
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result, Failure>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
