// ImageFace: the caller's images and planes, checked, as FaceSegKit's views. Nothing is copied.
import CFaceSeg
import FaceSegKit

/// What a session runs.
enum PhotoView {
    case pixels(PixelView), frame(FrameView)
}

/// The caller's image, of any format.
func photo(_ image: UnsafePointer<faceseg_image>?) throws(FaceError) -> PhotoView {
    let given = try required(image, "image").pointee
    guard let format = FrameFormat(given.format) else { return .pixels(try view(image)) }
    let luma = try bytes(given.plane.0, "image.plane[0]")
    let first = try bytes(given.plane.1, "image.plane[1]"), firstRow = given.row_bytes.1
    var chroma = (blue: first, red: first), rows = (blue: firstRow, red: firstRow)
    switch format.order {
    case .nv12: chroma.red = first + 1
    case .nv21: chroma.blue = first + 1
    case .i420: (chroma.red, rows.red) = (try bytes(given.plane.2, "image.plane[2]"), given.row_bytes.2)
    }
    return .frame(
        try kit { () throws(FaceSegError) in
            try FrameView(
                luma: luma, lumaRowBytes: given.row_bytes.0, chroma: chroma, chromaRowBytes: rows,
                chromaStep: format.order == .i420 ? 1 : 2, width: Int(given.width),
                height: Int(given.height), matrix: format.matrix, isFullRange: format.isFullRange)
        })
}

/// The caller's image, where it has pixels of red, green and blue.
func view(_ image: UnsafePointer<faceseg_image>?) throws(FaceError) -> PixelView {
    let image = try required(image, "image").pointee
    let pixels = try bytes(image.plane.0, "image.plane[0]")
    guard let format = PixelView.Format(rawValue: image.format) else {
        guard FrameFormat(image.format) == nil else {
            throw .kit(
                .argument("format \(image.format) is of video: faceseg_run and faceseg_segment take it"))
        }
        throw .kit(.argument("format \(image.format) is none of FACESEG_RGB8 and the rest"))
    }
    return try kit { () throws(FaceSegError) in
        try PixelView(
            pixels: pixels, width: Int(image.width), height: Int(image.height),
            rowBytes: image.row_bytes.0, format: format)
    }
}

private func bytes(_ plane: UnsafeRawPointer?, _ name: String) throws(FaceError) -> UnsafePointer<UInt8> {
    try required(plane, name).assumingMemoryBound(to: UInt8.self)
}

/// A format of video: the order of its planes, and what their numbers mean.
private struct FrameFormat {
    enum Order: Int32 {
        case nv12 = 5
        case nv21, i420
    }
    let order: Order, matrix: FrameView.Matrix, isFullRange: Bool

    private static let bt709 = Int32(FACESEG_BT709), fullRange = Int32(FACESEG_FULL_RANGE)

    init?(_ format: Int32) {
        guard let order = Order(rawValue: format & ~(Self.bt709 | Self.fullRange)) else { return nil }
        self.order = order
        matrix = format & Self.bt709 != 0 ? .bt709 : .bt601
        isFullRange = format & Self.fullRange != 0
    }
}
