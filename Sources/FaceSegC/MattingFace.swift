// MattingFace: alpha from a caller's trimap, and the foreground's colours. Neither needs a model or a session.
import CFaceSeg
import FaceSegKit

extension faceseg_matte_options: CallOptions {
    static var defaults: Self {
        faceseg_matte_options(
            struct_size: MemoryLayout<Self>.size, parallel_for: nil, parallel_for_context: nil,
            cancelled: nil, threads: 0)
    }
}

@_cdecl("faceseg_matte_options_init") @implementation
public func faceseg_matte_options_init(_ options: UnsafeMutablePointer<faceseg_matte_options>?) {
    options?.initialize(to: .defaults)
}

@_cdecl("faceseg_matte") @implementation
public func faceseg_matte(
    _ image: UnsafePointer<faceseg_image>?, _ trimap: faceseg_plane, _ alpha: faceseg_plane,
    _ given: UnsafePointer<faceseg_matte_options>?, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let photo = try view(image)
        let known = try view(trimap, "trimap"), out = try view(alpha, "alpha")
        let workers = try options(given, defaults: .defaults, "faceseg_matte_options").workers()
        try kit { () throws(FaceSegError) in
            try Matting(workers).alpha(of: photo, trimap: known, into: out)
        }
    }
}

@_cdecl("faceseg_foreground") @implementation
public func faceseg_foreground(
    _ image: UnsafePointer<faceseg_image>?, _ alpha: faceseg_plane, _ out: faceseg_plane,
    _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let photo = try view(image)
        let alpha = try view(alpha, "alpha"), out = try view(out, "out")
        try kit { () throws(FaceSegError) in
            try Matting().foreground(of: photo, alpha: alpha, into: out)
        }
    }
}
