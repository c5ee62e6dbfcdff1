// VideoLook: what becomes of a video's frame: which result of the network it wants, and how that is drawn. One more
// output is one more case here. Backgrounds are Background's.
import FaceSegKit
import Media

enum VideoOutput: String, CaseIterable {
    case overlay, background, alpha
}

/// A result of the network for one frame, a byte a pixel.
struct VideoMask: Sendable {
    let values: [UInt8]
}

/// How frames are shown. Drawing is one thread's.
final class VideoLook: @unchecked Sendable {
    let output: VideoOutput
    private let target: Target, background: Background

    init(_ output: VideoOutput, target: Target, background: Background = .blurred()) {
        (self.output, self.target, self.background) = (output, target, background)
    }

    /// What drawing wants of the frame that the segmenter has just run.
    func mask(_ segmenter: Segmenter, _ frame: VideoFrame) throws -> VideoMask {
        var values = [UInt8](repeating: 0, count: frame.width * frame.height)
        try values.withUnsafeMutableBytes { bytes in
            let plane = try PlaneView(start: bytes.baseAddress!, rowBytes: frame.width, element: .byte)
            switch output {
            case .overlay: try segmenter.labels(into: plane)
            case .background:
                try segmenter.alpha(of: target, into: plane)
                for i in bytes.indices { bytes[i] = decided[Int(bytes[i])] }
            case .alpha: try segmenter.alpha(of: target, into: plane)
            }
        }
        return VideoMask(values: values)
    }

    /// Changes the frame's pixels.
    func draw(_ mask: VideoMask, on frame: VideoFrame) {
        mask.values.withUnsafeBufferPointer { mask in
            switch output {
            case .overlay: paintClasses(mask, frame.pixels)
            case .alpha: showAlpha(mask, frame.pixels)
            case .background: background.lay(behind: mask, frame)
            }
        }
    }
}

/// What is at most a fifth head is background and from four fifths on head: doubts of the network would shine through.
private let decided = (0...255).map { UInt8(max(0, min(255, (Float($0) - 51) / 153 * 255)).rounded()) }

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
