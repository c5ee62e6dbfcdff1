// VideoLook: what becomes of a video's frame: which result of the network it wants, and how that is drawn. One more
// output is one more case here. Backgrounds are Background's.
import FaceSegKit
import Media

enum VideoOutput: String, CaseIterable {
    case overlay, background, alpha, recolor
}

/// Results of the network for one frame, a byte a pixel: of recolouring one for each colour, else one.
struct VideoMask: Sendable {
    let planes: [[UInt8]]
}

/// How frames are shown. Drawing is one thread's.
final class VideoLook: @unchecked Sendable {
    let output: VideoOutput
    private let target: Target, background: Background
    private let recolors: [Recolor], recoloring: Recoloring?

    /// - recolors: of output recolor.
    init(
        _ output: VideoOutput, target: Target = .head, background: Background = .blurred(),
        recolors: [Recolor] = []
    ) throws(FaceSegError) {
        (self.output, self.target, self.background) = (output, target, background)
        self.recolors = recolors
        // The segmenter has the other threads meanwhile.
        recoloring = recolors.isEmpty ? nil : try Recoloring(threads: 1)
    }

    /// What drawing wants of the frame that the segmenter has just run.
    func mask(_ segmenter: Segmenter, _ frame: VideoFrame) throws -> VideoMask {
        switch output {
        case .overlay: return VideoMask(planes: [try frame.plane { try segmenter.labels(into: $0) }])
        case .alpha, .background: return VideoMask(planes: [try alpha(of: target, segmenter, frame)])
        case .recolor:
            return VideoMask(planes: try recolors.map { try alpha(of: $0.target, segmenter, frame) })
        }
    }

    private func alpha(of target: Target, _ segmenter: Segmenter, _ frame: VideoFrame) throws -> [UInt8] {
        try frame.plane { try segmenter.alpha(of: target, into: $0) }
    }

    /// Changes the frame's pixels.
    func draw(_ mask: VideoMask, on frame: VideoFrame) throws {
        if output == .recolor { return try recolor(mask, frame) }
        mask.planes[0].withUnsafeBufferPointer { mask in
            switch output {
            case .overlay: paintClasses(mask, frame.pixels)
            case .alpha: showAlpha(mask, frame.pixels)
            case .background: background.lay(behind: mask, frame)
            case .recolor: break
            }
        }
    }

    /// Each colour over those before it.
    private func recolor(_ mask: VideoMask, _ frame: VideoFrame) throws {
        let out = try PlaneView(start: frame.pixels, rowBytes: 3 * frame.width, element: .byte)
        for (recolor, alpha) in zip(recolors, mask.planes) {
            try recoloring?.recolor(frame.view, alpha, recolor.tint, into: out)
        }
    }
}

extension VideoFrame {
    /// A byte a pixel, as `fill` leaves them.
    fileprivate func plane(_ fill: (PlaneView) throws -> Void) throws -> [UInt8] {
        try faceseg.bytes(width: width, height: height, fill: fill)
    }
}

/// Classes but 0 half painted over the picture, as `Segmenter.overlay` does.
private func paintClasses(_ labels: UnsafeBufferPointer<UInt8>, _ pixels: UnsafeMutablePointer<UInt8>) {
    for i in labels.indices where labels[i] != 0 {
        let color = vocPalette[Int(labels[i])], pixel = pixels + 3 * i
        pixel[0] = UInt8((Int(pixel[0]) + Int(color.r) + 1) / 2)
        pixel[1] = UInt8((Int(pixel[1]) + Int(color.g) + 1) / 2)
        pixel[2] = UInt8((Int(pixel[2]) + Int(color.b) + 1) / 2)
    }
}

private func showAlpha(_ alpha: UnsafeBufferPointer<UInt8>, _ pixels: UnsafeMutablePointer<UInt8>) {
    for i in alpha.indices {
        for channel in 0..<3 { pixels[3 * i + channel] = alpha[i] }
    }
}
