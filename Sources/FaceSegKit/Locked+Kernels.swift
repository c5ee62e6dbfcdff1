// Locked: a value that one thread at a time may touch. Not Synchronization's Mutex, which keeps the number of the
// thread that holds it: in a forked child the thread that called fork still goes by its parent's number, and the
// first contended lock there ends the process.
import Kernels

/// A value behind a lock that is free in a forked child. Any thread; not to be locked again from within.
///
/// A child may come while another thread of the parent is in `body`, and must find the value of before or after: what
/// changes is a copy, which then takes the value's place by one store. So the value is one pointer, or a struct of
/// which one field at most is changed.
package final class Locked<Value>: @unchecked Sendable {
    private var value: Value
    private let lock: UnsafeMutablePointer<fsk_lock>

    package init(_ value: sending Value) {
        self.value = value
        lock = .allocate(capacity: 1)
        fsk_lock_begin(lock)
    }

    deinit {
        fsk_lock_end(lock)
        lock.deallocate()
    }

    package func withLock<Result, Failure>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        fsk_lock_take(lock)
        defer { fsk_lock_release(lock) }
        let before = value  // while this lives, nothing is changed in place
        defer { withExtendedLifetime(before) {} }
        var changed = before
        defer { value = changed }
        return try body(&changed)
    }
}
