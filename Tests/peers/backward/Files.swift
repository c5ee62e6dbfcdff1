// Files: what the program reads and writes besides arrays, and its standard output.
import Glibc

func wholeFile(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw CannotOpen(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return bytes
}

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
