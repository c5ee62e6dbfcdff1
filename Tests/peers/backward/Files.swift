// Files: how the program's arrays come into files, without a wait for the disk, and its lines to whoever waits.
import Glibc

func writeFile(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "wb") else { throw CannotOpen(path: path) }
    defer { fclose(file) }
    fwrite(bytes, 1, bytes.count, file)
}

/// Whoever waits for a line gets it.
func flushLines() { fflush(nil) }

private struct CannotOpen: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path): cannot be opened" }
}
