// Handles: Swift objects behind the opaque pointers of the header.
import CFaceSeg
import FaceSegKit

/// Behind `faceseg_model`. Its C strings live as long as it does.
final class ModelHandle {
    let model: Model
    let classNames: [CString], texts: [CString]

    init(_ model: Model) {
        self.model = model
        classNames = model.info.classNames.map(CString.init)
        let info = model.info
        // In the order of FACESEG_TEXT_NAME and the rest.
        texts = [info.name, info.version, info.license, info.description, info.accuracy].map(CString.init)
    }
}

/// Behind `faceseg_session`.
final class SessionHandle {
    private let segmenter: Segmenter
    private let memory: HostMemory?
    /// Keeps the strings that the model gave out.
    let model: ModelHandle

    /// - memory: the host's; nil: the library's own.
    init(
        _ model: ModelHandle, memory: HostMemory?, _ open: (Model) throws(FaceSegError) -> Segmenter
    ) throws(FaceError) {
        segmenter = try kit(memory) { () throws(FaceSegError) in try open(model.model) }
        (self.model, self.memory) = (model, memory)
    }

    var cancellation: Cancellation { segmenter.cancellation }

    /// Lets the segmenter work, in the host's memory.
    func work<Result>(_ body: (Segmenter) throws(FaceSegError) -> Result) throws(FaceError) -> Result {
        try kit(memory) { () throws(FaceSegError) in try body(segmenter) }
    }
}

/// A zero-terminated copy of a string.
final class CString {
    let start: UnsafeMutablePointer<CChar>
    init(_ text: String) { start = Self.copy(text) }
    deinit { start.deallocate() }

    /// Somebody else's to deallocate.
    static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let start = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (i, byte) in bytes.enumerated() { start[i] = byte }
        return start
    }
}

/// Gives the caller an object to own.
func give(_ object: AnyObject) -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(object).toOpaque()) }

/// The object behind a pointer that stays the caller's.
func borrow<Object: AnyObject>(_ pointer: OpaquePointer?, _ name: String) throws(FaceError) -> Object {
    borrow(try required(pointer, name))
}

/// The same for calls that NULL is fine for.
func borrow<Object: AnyObject>(_ pointer: OpaquePointer?) -> Object? { pointer.map { borrow($0) } }

private func borrow<Object: AnyObject>(_ pointer: OpaquePointer) -> Object {
    Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
}

/// Frees an object that the caller owned; NULL is fine.
func close<Object: AnyObject>(_ pointer: OpaquePointer?, _: Object.Type) {
    if let pointer { Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).release() }
}
