// MediaError: why a file or its bytes cannot be used. Not for broken invariants of ours: those trap.

/// What is wrong with a file, and what to do about it.
public struct MediaError: Error, Equatable, Sendable {
    /// The file or folder as the caller named it; the format's name where bytes are made.
    public let path: String
    /// One line for a person, without the path.
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}

extension MediaError: CustomStringConvertible {
    /// One line for a person: `photo.jpg: the JPEG is cut off; copy the file again`.
    public var description: String { "\(path): \(reason)" }
}
