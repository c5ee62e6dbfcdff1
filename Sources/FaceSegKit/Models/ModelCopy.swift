// ModelCopy: a Caffe model on its way into another file: read, changed in what it says of itself, written again.
// The layers and weights stay; how they are laid out is CaffeCopy's.

/// A Caffe model to be written again as one file.
///
///     var copy = try ModelCopy(path: "their.caffemodel")
///     try copy.change { info, _ in info.license = "BSD-3-Clause" }
///     try copy.write(to: "new.caffemodel")
///
/// Weights are read from the old file while the new one is written. One thread at a time.
public struct ModelCopy {
    private var copy: CaffeCopy

    /// - path: a `.caffemodel` or `.prototxt`. prototxtPath: layers to take instead of the file's own.
    /// - Throws: ``FaceSegError`` with the path and the place in the file.
    public init(path: String, prototxtPath: String? = nil) throws(FaceSegError) {
        if path.hasSuffix(".prototxt") {
            guard prototxtPath == nil else { throw twoPrototxts(path) }
            copy = try CaffeCopy(structure: readPrototxt(path), file: nil)
        } else {
            copy = try ModelCopy.read(FileByteSource(path: path), prototxtPath)
        }
    }

    /// The same for a `.caffemodel` in memory. name: of the bytes, for errors.
    public init(
        bytes: [UInt8], name: String = "the model in memory", prototxtPath: String? = nil
    ) throws(FaceSegError) {
        copy = try ModelCopy.read(MemoryByteSource(name: name, bytes: bytes), prototxtPath)
    }

    private static func read(
        _ source: any ByteSource, _ prototxtPath: String?
    ) throws(FaceSegError) -> CaffeCopy {
        var structure: Message?
        if let prototxtPath { structure = try readPrototxt(prototxtPath) }
        return try CaffeCopy(structure: structure, file: CaffeFile(source))
    }

    /// Changes the metadata; Caffe passes over them.
    public mutating func change(
        _ change: (inout ModelInfo, inout Preprocessing) -> Void
    ) throws(FaceSegError) { try copy.change(change) }

    /// Writes a `.caffemodel`, or, to a name that ends in `.prototxt`, ``prototxt``. What was there under that name is
    /// replaced only once the new file is whole.
    public func write(to path: String) throws(FaceSegError) {
        if path.hasSuffix(".prototxt") { return try AtomicFile.write(Array(prototxt.utf8), to: path) }
        let file = try AtomicFile(path: path)
        try copy.write(to: file)
        try file.commit()
    }

    /// Gives a `.caffemodel` piece by piece to `write`, each valid until that returns.
    ///
    /// - Throws: ``FaceSegError`` of reading the old file; what `write` throws.
    package func write(_ write: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withoutActuallyEscaping(write) { write in
            let sink = ClosureSink(write)
            do throws(FaceSegError) { try copy.write(to: sink) } catch { throw sink.failure ?? error }
        }
    }

    /// The layers as text, without weights and metadata.
    public var prototxt: String { copy.prototxt }
}

extension Model {
    /// Writes a Caffe file again: ``ModelCopy`` in one call.
    ///
    ///     try Model.convert(path: "their.caffemodel", to: "named.caffemodel") { info, preprocessing in
    ///         info.classNames = ["background", "face", "hair"]
    ///         preprocessing.workingSize = 256
    ///     }
    ///
    /// - Parameters:
    ///   - path: A `.caffemodel` or `.prototxt`.
    ///   - prototxtPath: Layers to take instead of the file's own.
    ///   - output: The new file; to a name that ends in `.prototxt` the layers are written as text.
    ///   - change: Changes what the file says of itself; Caffe passes over that.
    /// - Throws: ``FaceSegError`` with the path and the place in the file.
    public static func convert(
        path: String, prototxtPath: String? = nil, to output: String,
        changing change: (inout ModelInfo, inout Preprocessing) -> Void = { _, _ in }
    ) throws(FaceSegError) {
        var copy = try ModelCopy(path: path, prototxtPath: prototxtPath)
        try copy.change(change)
        try copy.write(to: output)
    }
}

/// Hands bytes on, and keeps what the receiver threw.
final class ClosureSink: ByteSink {
    private let receive: (UnsafeRawBufferPointer) throws -> Void
    private(set) var failure: (any Error)?

    init(_ receive: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.receive = receive }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FaceSegError) {
        do { try receive(bytes) } catch {
            failure = error
            throw .cancelled
        }
    }
}
