// Interruption: what happens when somebody ends the program by a signal: nothing unfinished stays behind, and
// whoever started it sees which signal it was (a shell: 130 for Ctrl-C).
import FaceSegKit
import Glibc
import Synchronization

enum Interruption {
    /// Those that end the program; not those that were ignored from the start, as `nohup` has it.
    private static let signals: sigset_t = {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] where !isIgnored(signal) { sigaddset(&set, signal) }
        return set
    }()

    /// Work that can end well by itself: the first signal only asks it to, the next one ends the program.
    private static let isGentle = Atomic(false), asked = Atomic(false)

    /// From now on ``isAsked`` tells of the first signal.
    static func waitForWork() { isGentle.store(true, ordering: .relaxed) }

    /// Whether a signal came since ``waitForWork()``.
    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    /// Gives the signals to a thread of their own, which may lock and remove files as a handler may not. Threads that
    /// are made later have them blocked too, so call this first.
    static func prepare() {
        change(SIG_BLOCK)
        if !startThread() { change(SIG_UNBLOCK) }
    }

    /// Blocks the signals in this thread, or lets them come.
    private static func change(_ how: Int32) {
        var set = signals
        pthread_sigmask(how, &set, nil)
    }

    private static func startThread() -> Bool {
        var thread = pthread_t()
        let isMade = pthread_create(&thread, nil, waiter, nil) == 0
        if isMade { pthread_detach(thread) }
        return isMade
    }

    private static let waiter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
        wait()
        return nil
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        sigaction(signal, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func isFirst(_ signal: Int32) -> Bool {
        guard isGentle.load(ordering: .relaxed), signal != SIGQUIT else { return false }
        return !asked.exchange(true, ordering: .relaxed)
    }

    private static func wait() {
        var set = signals, caught: Int32 = 0
        while sigwait(&set, &caught) != 0 || isFirst(caught) {}
        AtomicFile.removeUnfinished {
            Console.leave()
            signal(caught, SIG_DFL)
            change(SIG_UNBLOCK)
            raise(caught)
        }
    }
}
