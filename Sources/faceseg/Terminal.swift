// Terminal: what is known of a terminal on a standard file.
import Glibc

enum Terminal {
    /// Whether this file is a terminal that a line may be drawn on again and again: one that knows `\r` and
    /// clear-to-end, of which this program is the foreground job.
    static func isForDrawing(_ file: Int32) -> Bool {
        guard isatty(file) == 1, let kind = getenv("TERM").map({ String(cString: $0) }) else { return false }
        let foreground = tcgetpgrp(file)  // -1: somebody else's terminal
        return kind != "dumb" && kind != "" && (foreground == -1 || foreground == getpgrp())
    }

    /// 80 where the terminal does not say.
    static func columns(_ file: Int32) -> Int {
        var size = winsize()
        guard ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
