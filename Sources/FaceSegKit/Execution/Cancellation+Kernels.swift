// Cancellation: the flag that stops a run. The only part of a segmenter that several threads may touch at once.
import Kernels

/// Stops what a ``Segmenter`` does, from any thread. Get it from ``Segmenter/cancellation``.
public final class Cancellation: Sendable {
    /// Only read and written by fsk_flag_* and the kernels' drivers.
    nonisolated(unsafe) let flag: UnsafeMutablePointer<fsk_flag>

    /// Whether the flag is somebody else's, and only read.
    let isLent: Bool

    package init() {
        flag = .allocate(capacity: 1)
        flag.initialize(to: fsk_flag())
        isLent = false
    }

    /// - flag: of a host: other than 0 cancels. Outlives this.
    package init(watching flag: UnsafePointer<Int32>) {
        let raw = UnsafeMutableRawPointer(mutating: flag)
        self.flag = raw.assumingMemoryBound(to: fsk_flag.self)
        isLent = true
    }

    deinit { if !isLent { flag.deallocate() } }

    /// Makes the run, or the fetching of a result, that is under way end with ``FaceSegError/cancelled``. The segmenter
    /// works afterwards. Where nothing is under way, nothing happens.
    public func cancel() { fsk_flag_set(flag, true) }

    func clear() { fsk_flag_set(flag, false) }
    var isSet: Bool { fsk_flag_is_set(flag) }
}
