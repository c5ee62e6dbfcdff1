// ResultFormat: what can come of a photo, and in which formats each of them makes sense. Encoding is
// SegmentPixels', file names are SegmentFiles'.

enum Output: String, CaseIterable {
    case labels, overlay, cutout, alpha, probabilities, heads, recolor

    /// Those that it is written in; the first is the usual one. A JPEG has no transparency, and only PNG's palette
    /// and NumPy keep labels as numbers.
    var formats: [FileFormat] {
        switch self {
        case .labels, .heads: [.png, .numpy]
        case .overlay, .alpha, .recolor: [.png, .jpeg, .webp, .numpy]
        case .cutout: [.png, .webp, .numpy]
        case .probabilities: [.numpy]
        }
    }

    /// `-o c.jpg: cut-outs are written as .png, .webp or .npy`
    func refusal(_ source: String, _ more: String = "") -> CommandError {
        let plural =
            switch self {
            case .labels, .probabilities: rawValue
            case .heads: "numbers of heads"
            case .overlay: "overlays"
            case .cutout: "cut-outs"
            case .alpha: "alpha pictures"
            case .recolor: "recoloured photos"
            }
        let endings = formats.map { "." + $0.rawValue }, last = endings[endings.count - 1]
        let list =
            endings.count == 1 ? "\(last) only" : endings.dropLast().joined(separator: ", ") + " or " + last
        return .usage("\(source): \(plural) are written as \(list)\(more)")
    }
}

/// The raw value is the ending of such files.
enum FileFormat: String, CaseIterable {
    case png
    case jpeg = "jpg"
    case webp
    case numpy = "npy"

    init?(ending: String) { self.init(rawValue: ending == "jpeg" ? "jpg" : ending) }
}
