// ThreadsTarget: bytes as the calls of two threads at once on the same models: each opens, runs, reads and closes
// sessions of its own, and cancels those of the other at any moment.
import CFaceSeg
import FaceSegC
import Glibc

func fuzzThreads(_ bytes: [UInt8]) throws {
    var decisions = FuzzBytes(bytes)
    let opener = FaceHost(decisions.take(24))
    for _ in 0..<2 { try opener.openModel() }
    let share = Int(decisions.byte()), rest = decisions.take(bytes.count)
    let cut = rest.count * share / 255, registry = SessionRegistry()
    let threads = [Array(rest[..<cut]), Array(rest[cut...])].map { calls in
        HostThread { try runThread(calls, opener.models, registry) }
    }
    let failures = threads.compactMap { $0.join() }
    opener.closeAll()
    if let failure = failures.first { throw failure }
}

private func runThread(_ bytes: [UInt8], _ models: [FaceHost.OpenModel], _ registry: SessionRegistry) throws {
    let host = FaceHost(bytes, models: models, registry: registry)
    defer { host.closeSessions() }
    while !host.bytes.isEmpty { try host.callFromThread() }
}

extension FaceHost {
    /// A call that other threads may make at the same time.
    fileprivate func callFromThread() throws {
        mayUseBuiltIn = false
        switch bytes.pick(0...7) {
        case 0: try openSession()
        case 1: closeSession()
        case 2: registry?.cancelOne(bytes.byte())
        case 3: try askModel()
        case 4: try forward()
        default:
            try run()
            try fetch(pixel: 1, isFloat: bytes.bool()) { faceseg_get_alpha($0, Int32(FACESEG_HEAD), $1, $2) }
        }
    }
}

/// Sessions that are open, of all threads: that none is cancelled while it is closed is the host's own affair.
final class SessionRegistry: @unchecked Sendable {
    private var sessions: [OpaquePointer] = []
    private let lock = FuzzLock()

    func add(_ session: OpaquePointer) { lock.hold { sessions.append(session) } }

    func close(_ session: OpaquePointer) {
        lock.hold { sessions.removeAll { $0 == session } }
        faceseg_session_close(session)
    }

    func cancelOne(_ which: UInt8) {
        lock.hold {
            if !sessions.isEmpty { faceseg_session_cancel(sessions[Int(which) % sessions.count]) }
        }
    }
}

/// A thread of the host's.
private final class HostThread: @unchecked Sendable {
    private let body: () throws -> Void
    private var thread = pthread_t(), failure: (any Error)?

    init(_ body: @escaping () throws -> Void) {
        self.body = body
        let this = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            { argument in
                let this = Unmanaged<HostThread>.fromOpaque(argument!).takeRetainedValue()
                do { try this.body() } catch { this.failure = error }
                return nil
            }, this)
        precondition(status == 0, "the system gave no thread")
    }

    /// Waits for its end; what it threw.
    func join() -> (any Error)? {
        pthread_join(thread, nil)
        return failure
    }
}
