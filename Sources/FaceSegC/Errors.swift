// Errors: Swift errors into a status and a message in the caller's struct. The one place that does it.
import CFaceSeg
import FaceSegKit

/// What only this face can find wrong.
enum FaceError: Error {
    case null(String)
    case unsupported(String)
    case kit(FaceSegError)
}

/// Runs a function's body and reports its error, if any.
func report(_ error: UnsafeMutablePointer<faceseg_error>?, _ body: () throws(FaceError) -> Void)
    -> faceseg_status
{
    do throws(FaceError) {
        try body()
        error?.pointee.status = Int32(FACESEG_OK)
        error?.setMessage("")
        return Int32(FACESEG_OK)
    } catch let failure {
        let (status, message) = failure.reported
        error?.pointee.status = status
        error?.setMessage(message)
        return status
    }
}

/// Lets FaceSegKit's errors through as this face's.
///
/// - memory: where buffers come from meanwhile; nil: the library's own.
func kit<Result>(
    _ memory: HostMemory? = nil, _ body: () throws(FaceSegError) -> Result
) throws(FaceError) -> Result {
    do throws(FaceSegError) {
        guard let memory else { return try body() }
        return try memory.use(body)
    } catch { throw .kit(error) }
}

extension FaceError {
    fileprivate var reported: (faceseg_status, String) {
        switch self {
        case .null(let what): (Int32(FACESEG_INVALID_ARGUMENT), "\(what) is NULL")
        case .unsupported(let message): (Int32(FACESEG_UNSUPPORTED), message)
        case .kit(let error): (Int32(error.status), error.description)
        }
    }
}

extension FaceSegError {
    fileprivate var status: Int {
        switch self {
        case .argument: FACESEG_INVALID_ARGUMENT
        case .file, .text: FACESEG_FILE_ERROR
        case .network: FACESEG_MODEL_ERROR
        case .shape: FACESEG_SHAPE_ERROR
        case .memory: FACESEG_OUT_OF_MEMORY
        case .cancelled: FACESEG_CANCELLED
        case .noResult: FACESEG_NO_RESULT
        }
    }
}

extension UnsafeMutablePointer<faceseg_error> {
    /// As much as fits, cut between characters, with a 0 at the end.
    fileprivate func setMessage(_ text: String) {
        withUnsafeMutableBytes(of: &pointee.message) { room in
            var used = 0
            for character in text {
                let bytes = character.utf8
                if used + bytes.count >= room.count { break }
                for byte in bytes {
                    room[used] = byte
                    used += 1
                }
            }
            room[used] = 0
        }
    }
}

/// The pointer, or an error that says whose it is.
func required<Pointer>(_ pointer: Pointer?, _ name: String) throws(FaceError) -> Pointer {
    guard let pointer else { throw .null(name) }
    return pointer
}
