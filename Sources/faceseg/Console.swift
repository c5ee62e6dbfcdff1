// Console: lines and bytes to standard output, lines to standard error, and a progress bar below them on a
// terminal. What cannot be written to standard output is an error, never lost in silence. No colours.
import Glibc
import Synchronization

/// Why a command ends early; FaceSegError and MediaError tell the rest.
enum CommandError: Error, CustomStringConvertible {
    /// The command line is wrong.
    case usage(String)
    case failed(String)
    /// Standard output cannot be written, for this reason.
    case unwritable(String)
    /// What failed stands on standard error.
    case alreadyTold

    var description: String {
        switch self {
        case .usage(let message), .failed(let message): message
        case .unwritable(let reason): "standard output: cannot be written: \(reason)"
        case .alreadyTold: "something failed"
        }
    }
}

enum Console {
    private struct Drawing {
        var bar: ProgressBar
        /// When it was last drawn.
        var time = -Double.infinity
    }

    /// Held while anything is written, so that bar and lines never mix.
    private static let drawing = Mutex<Drawing?>(nil)

    /// A reader that goes away and a limit on the size of files are errors to report, not deaths without words. A
    /// standard file that is closed is opened so that it refuses, or the next picture would get its number.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        for file: Int32 in 0...2 where fcntl(file, F_GETFD) == -1 {
            _ = open("/dev/null", file == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    /// A line to standard output.
    static func line(_ text: String) throws(CommandError) {
        try check { aboveBar { write(Array((text + "\n").utf8), to: STDOUT_FILENO) } }
    }

    /// Bytes to standard output.
    static func put(_ bytes: UnsafeRawBufferPointer) throws(CommandError) {
        try check { aboveBar { write(bytes, to: STDOUT_FILENO) } }
    }

    /// Bytes to another file that is open already.
    static func put(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws(CommandError) {
        guard aboveBar({ write(bytes, to: file) }) else {
            throw .failed("\(path): cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    /// A line to standard error that is no complaint: where standard output carries a picture.
    static func remark(_ text: String) {
        _ = aboveBar { write(Array((text + "\n").utf8), to: STDERR_FILENO) }
    }

    /// Says what is wrong. If that cannot be written either, the exit code still tells.
    static func complain(_ message: String) { remark("faceseg: \(message)") }

    private static func check(_ write: () -> Bool) throws(CommandError) {
        guard write() else { throw .unwritable(String(cString: strerror(errno))) }
    }
}

// The bar.
extension Console {
    /// Drawn again at most so often, in seconds.
    private static let pause = 0.1
    private static let clear = "\r\u{1B}[K"

    /// A bar for so many photos from now on, if standard error is a terminal that can show one.
    static func showBar(count: Int) {
        guard Terminal.isForDrawing(STDERR_FILENO) else { return }
        drawing.withLock { drawing in
            drawing = Drawing(bar: ProgressBar(count: count, start: now()))
            draw(&drawing!)
        }
    }

    static func advanceBar(to done: Double, note: String = "") {
        drawing.withLock { drawing in
            guard drawing != nil else { return }
            drawing!.bar.done = done
            drawing!.bar.note = note
            if now() - drawing!.time >= pause { draw(&drawing!) }
        }
    }

    static func hideBar() { drawing.withLock { erase(&$0) } }

    /// Like ``hideBar()``, for a program that ends now: a writer that is stuck is not waited for.
    static func leave() { _ = drawing.withLockIfAvailable { erase(&$0) } }

    private static func erase(_ drawing: inout Drawing?) {
        if drawing != nil { redraw("") }
        drawing = nil
    }

    private static func draw(_ drawing: inout Drawing) {
        drawing.time = now()
        redraw(drawing.bar.text(columns: Terminal.columns(STDERR_FILENO), at: drawing.time))
    }

    /// Not while another job has the terminal.
    private static func redraw(_ text: String) {
        guard Terminal.isForDrawing(STDERR_FILENO) else { return }
        _ = write(Array((clear + text).utf8), to: STDERR_FILENO)
    }

    /// Makes way for a line, and draws the bar again below it.
    private static func aboveBar(_ write: () -> Bool) -> Bool {
        drawing.withLock { drawing in
            if drawing != nil { redraw("") }
            let isWritten = write(), reason = errno
            if drawing != nil { draw(&drawing!) }
            errno = reason
            return isWritten
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        bytes.withUnsafeBytes { write($0, to: file) }
    }

    /// At once and whole; false with the reason in errno.
    private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let put = Glibc.write(file, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30))
            if put < 0 && errno == EINTR { continue }
            guard put >= 0 else { return false }
            done += put
        }
        return true
    }
}
