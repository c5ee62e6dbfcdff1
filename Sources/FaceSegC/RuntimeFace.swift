// RuntimeFace: version, status names, what the library found on this machine.
import CFaceSeg
import FaceSegKit

let versionText = "\(FACESEG_VERSION_MAJOR).\(FACESEG_VERSION_MINOR).\(FACESEG_VERSION_PATCH)"

private nonisolated(unsafe) let versionString = kept(versionText)
private nonisolated(unsafe) let cpuString = kept(Runtime.cpu)
private nonisolated(unsafe) let openMPString = Runtime.openMP.map(kept)
private nonisolated(unsafe) let statusNames = [
    "FACESEG_OK", "FACESEG_INVALID_ARGUMENT", "FACESEG_FILE_ERROR", "FACESEG_MODEL_ERROR",
    "FACESEG_SHAPE_ERROR",
    "FACESEG_OUT_OF_MEMORY", "FACESEG_CANCELLED", "FACESEG_UNSUPPORTED", "FACESEG_NO_RESULT",
    "unknown status",
].map(kept)

/// A zero-terminated copy for as long as the library is loaded.
private func kept(_ text: String) -> UnsafePointer<CChar> { UnsafePointer(CString.copy(text)) }

@_cdecl("faceseg_status_name") @implementation
public func faceseg_status_name(_ status: faceseg_status) -> UnsafePointer<CChar>? {
    let known = statusNames.count - 1
    return statusNames[status >= 0 && status < known ? Int(status) : known]
}

@_cdecl("faceseg_version") @implementation
public func faceseg_version() -> Int32 {
    Int32(FACESEG_VERSION_MAJOR * 10_000 + FACESEG_VERSION_MINOR * 100 + FACESEG_VERSION_PATCH)
}

@_cdecl("faceseg_version_string") @implementation
public func faceseg_version_string() -> UnsafePointer<CChar>? { versionString }

@_cdecl("faceseg_runtime_cpu") @implementation
public func faceseg_runtime_cpu() -> UnsafePointer<CChar>? { cpuString }

@_cdecl("faceseg_runtime_openmp") @implementation
public func faceseg_runtime_openmp() -> UnsafePointer<CChar>? { openMPString }

@_cdecl("faceseg_runtime_threads") @implementation
public func faceseg_runtime_threads() -> Int32 { Int32(Runtime.processors) }
