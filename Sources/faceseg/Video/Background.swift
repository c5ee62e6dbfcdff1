// Background: what is put in the place of a frame's background: a colour, a picture, or the background itself, blurred.
import Media

/// Drawn by one thread at a time.
final class Background: @unchecked Sendable {
    private enum Kind {
        case color(Color)
        case picture(Photo)
        case blur
    }

    private let kind: Kind
    private var fitted: [UInt8] = []
    private var blur: Blur?

    private init(_ kind: Kind) { self.kind = kind }

    static func blurred() -> Background { Background(.blur) }

    /// `#rrggbb`, `blur`, or a picture's path.
    convenience init(_ text: String) throws {
        if text == "blur" {
            self.init(.blur)
        } else if text.hasPrefix("#") {
            guard let color = hexadecimal(text[...], digits: 6).map(color) else {
                throw CommandError.usage("--background: \"\(text)\" is no colour like #20a0ff")
            }
            self.init(.color(color))
        } else {
            self.init(.picture(try Photo.read(path: text)))
        }
    }

    /// - alpha: how much of each pixel is not background, 0 to 255.
    func lay(behind alpha: UnsafeBufferPointer<UInt8>, _ frame: VideoFrame) {
        switch kind {
        case .color(let color):
            mix(frame, alpha) { _ in (Int(color.r), Int(color.g), Int(color.b)) }
        case .picture(let photo):
            if fitted.isEmpty { fitted = photo.covering(width: frame.width, height: frame.height) }
            fitted.withUnsafeBufferPointer { mix(frame, alpha, $0) }
        case .blur:
            if blur == nil { blur = Blur(width: frame.width, height: frame.height) }
            blur!.run(frame, alpha).withUnsafeBufferPointer { mix(frame, alpha, $0) }
        }
    }

    private func mix(
        _ frame: VideoFrame, _ alpha: UnsafeBufferPointer<UInt8>, _ behind: UnsafeBufferPointer<UInt8>
    ) {
        mix(frame, alpha) { (Int(behind[3 * $0]), Int(behind[3 * $0 + 1]), Int(behind[3 * $0 + 2])) }
    }

    @inline(__always)
    private func mix(
        _ frame: VideoFrame, _ alpha: UnsafeBufferPointer<UInt8>, _ behind: (Int) -> (Int, Int, Int)
    ) {
        for i in alpha.indices where alpha[i] != 255 {
            let share = Int(alpha[i]), pixel = frame.pixels + 3 * i, color = behind(i)
            pixel[0] = UInt8((Int(pixel[0]) * share + color.0 * (255 - share) + 127) / 255)
            pixel[1] = UInt8((Int(pixel[1]) * share + color.1 * (255 - share) + 127) / 255)
            pixel[2] = UInt8((Int(pixel[2]) * share + color.2 * (255 - share) + 127) / 255)
        }
    }
}
