// RecoloringFace: what an alpha shows in another colour. Needs no model and no session.
import CFaceSeg
import FaceSegKit

extension faceseg_recolor_options: CallOptions {
    static var defaults: Self {
        faceseg_recolor_options(
            struct_size: MemoryLayout<Self>.size, parallel_for: nil, parallel_for_context: nil,
            cancelled: nil, threads: 0, strength: 1)
    }
}

@_cdecl("faceseg_recolor_options_init") @implementation
public func faceseg_recolor_options_init(_ options: UnsafeMutablePointer<faceseg_recolor_options>?) {
    options?.initialize(to: .defaults)
}

@_cdecl("faceseg_recolor") @implementation
public func faceseg_recolor(
    _ image: UnsafePointer<faceseg_image>?, _ alpha: faceseg_plane, _ color: UInt32, _ out: faceseg_plane,
    _ given: UnsafePointer<faceseg_recolor_options>?, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let photo = try view(image)
        let alpha = try view(alpha, "alpha"), out = try view(out, "out")
        guard color <= 0xFF_FFFF else {
            throw .kit(.argument("color \(color) is not between 0 and 0xFFFFFF"))
        }
        let options = try options(given, defaults: .defaults, "faceseg_recolor_options")
        let workers = try options.workers()
        try kit { () throws(FaceSegError) in
            try Recoloring(workers).recolor(
                photo, alpha: alpha, tint: Tint(color, strength: options.strength), into: out)
        }
    }
}

extension Tint {
    /// - color: 0xRRGGBB.
    fileprivate init(_ color: UInt32, strength: Float) {
        self.init(
            red: UInt8(color >> 16), green: UInt8(color >> 8 & 0xFF), blue: UInt8(color & 0xFF),
            strength: strength)
    }
}
