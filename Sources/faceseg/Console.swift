// Console: lines to standard output and standard error. A line that cannot be written is an error, never lost
// in silence. No colours, no progress.
import Glibc

/// Why a command ends early; FaceSegError and MediaError tell the rest.
enum CommandError: Error, CustomStringConvertible {
    /// The command line is wrong.
    case usage(String)
    case failed(String)
    /// What failed stands on standard error.
    case alreadyTold

    var description: String {
        switch self {
        case .usage(let message), .failed(let message): message
        case .alreadyTold: "something failed"
        }
    }
}

enum Console {
    /// A reader that goes away is an error to report, not a death without words. A standard file that is
    /// closed is opened so that it refuses, or the next picture would get its number.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for file: Int32 in 0...2 where fcntl(file, F_GETFD) == -1 {
            _ = open("/dev/null", file == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    static func line(_ text: String) throws(CommandError) {
        guard write(text, to: STDOUT_FILENO) else {
            throw .failed("standard output: cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Says what is wrong. If that cannot be written either, the exit code still tells.
    static func complain(_ message: String) {
        _ = write("faceseg: \(message)", to: STDERR_FILENO)
    }

    /// At once and whole; false with the reason in errno.
    private static func write(_ text: String, to file: Int32) -> Bool {
        let bytes = Array(text.utf8) + [UInt8(ascii: "\n")]
        var done = 0
        while done < bytes.count {
            let put = bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if put < 0 && errno == EINTR { continue }
            guard put >= 0 else { return false }
            done += put
        }
        return true
    }
}
