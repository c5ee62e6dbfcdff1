// FaceSegError: what a caller's data can cause. Not for broken invariants of ours: those trap.

/// What went wrong, where, and what to do about it.
///
///     do {
///         _ = try segmenter.segment(rgb.span, width: width, height: height, rowBytes: 5)
///     } catch .argument(let message) {
///         print(message)  // row_bytes 5 is below 3 * width = 1536
///     } catch {
///         print(error)
///     }
public enum FaceSegError: Error, Equatable, Sendable {
    /// A value that the caller passed is not one that the function takes.
    case argument(String)
    /// A file cannot be read or written, or is not what it should be; `byte` is the place, where there is one.
    case file(path: String, byte: Int?, reason: String)
    /// Text with a mistake in it; lines and columns count from 1.
    case text(path: String, line: Int, column: Int, reason: String)
    /// A layer cannot take what it is given at this size.
    case shape(layer: String, expected: String, got: String)
    /// A network says something that this library does not know or that contradicts itself.
    case network(layer: String, reason: String)
    /// More memory than there is, or than the caller allowed; `needed` is the least that there must be.
    case memory(needed: Int, reason: String)
    /// The caller asked for the run to stop.
    case cancelled
    /// A result was asked for before a photo was run.
    case noResult
}

extension FaceSegError: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .argument(let message): message
        case .file(let path, let byte?, let reason): "\(path): byte \(byte): \(reason)"
        case .file(let path, nil, let reason): "\(path): \(reason)"
        case .text(let path, let line, let column, let reason): "\(path):\(line):\(column): \(reason)"
        case .shape(let layer, let expected, let got): "layer \"\(layer)\": expected \(expected), got \(got)"
        case .network(let layer, let reason): "layer \"\(layer)\": \(reason)"
        case .memory(let needed, let reason): "\(needed) bytes of memory: \(reason)"
        case .cancelled: "the run was cancelled"
        case .noResult: "there is no result yet: run a photo first"
        }
    }
}
