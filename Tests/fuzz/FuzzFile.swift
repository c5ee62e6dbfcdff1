// FuzzFile: bytes as a file that nobody else sees and that goes with this object.
import Glibc

final class FuzzFile {
    private let file: UnsafeMutablePointer<FILE>

    init(_ bytes: [UInt8]) {
        guard let file = tmpfile(), fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0
        else {
            preconditionFailure("the system gave no temporary file")
        }
        self.file = file
    }

    deinit { fclose(file) }

    var descriptor: Int32 { fileno(file) }

    var path: String { "/proc/self/fd/\(fileno(file))" }

    /// As another program might, while the file is open.
    func shorten(to count: Int) { precondition(ftruncate(fileno(file), count) == 0) }
}
