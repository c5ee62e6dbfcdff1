// RecolorArguments: `hair=#8a2be2,face=#3a8f3a80`: what takes on which colour. The colours' arithmetic is the library's.
import FaceSegKit

enum TargetName: String, CaseIterable {
    case face, hair, head

    var target: Target {
        switch self {
        case .face: .face
        case .hair: .hair
        case .head: .head
        }
    }
}

/// What takes on which colour, in the order of the command line.
struct Recolor {
    let target: Target, tint: Tint

    static func all(_ arguments: Arguments) throws(CommandError) -> [Recolor] {
        var all: [Recolor] = []
        for part in arguments.texts("--recolor").flatMap({ $0.split(separator: ",") }) {
            all.append(try Recolor(String(part)))
        }
        guard !all.isEmpty || !arguments.has("--recolor") else {
            throw .usage("--recolor: no colour is named; say for example hair=#8a2be2")
        }
        return all
    }

    private init(_ text: String) throws(CommandError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = TargetName(rawValue: String(parts[0])) else {
            throw .usage("--recolor: \"\(text)\" does not begin with face=, hair= or head=")
        }
        guard let tint = Tint(hexadecimal: parts[1]) else {
            throw .usage(
                "--recolor: \"\(parts[1])\" is not a colour like #8a2be2, or #8a2be280 for half of it")
        }
        (target, self.tint) = (name.target, tint)
    }
}

extension Tint {
    /// - hexadecimal: `#rrggbb`, or `#rrggbbaa` with the strength behind it.
    fileprivate init?(hexadecimal text: Substring) {
        if let number = faceseg.hexadecimal(text, digits: 6) {
            self.init(color(number))
        } else if let number = faceseg.hexadecimal(text, digits: 8) {
            self.init(color(number >> 8), strength: Float(number & 0xFF) / 255)
        } else {
            return nil
        }
    }

    private init(_ color: Color, strength: Float = 1) {
        self.init(red: color.r, green: color.g, blue: color.b, strength: strength)
    }
}

extension Recoloring {
    /// - alpha: a byte a pixel of the photo.
    func recolor(_ photo: PixelView, _ alpha: [UInt8], _ tint: Tint, into out: PlaneView) throws {
        try alpha.withUnsafeBytes { alpha in
            let start = UnsafeMutableRawPointer(mutating: alpha.baseAddress!)  // only read
            let alpha = try PlaneView(start: start, rowBytes: photo.width, element: .byte)
            try recolor(photo, alpha: alpha, tint: tint, into: out)
        }
    }
}
