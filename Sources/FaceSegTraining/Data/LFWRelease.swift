// LFWRelease: LFW Part Labels as the University of Massachusetts hands it out (Kae et al., CVPR 2013). Its
// colours, its lists and its superpixels are read here.
import Media

struct LFWRelease: DataSetLayout {
    static let sign = "lfw_funneled and parts_lfw_funneled_gt_images (LFW Part Labels as distributed)"

    private let folder: String

    init?(_ folder: String) {
        guard isFolder(join(folder, "lfw_funneled")), isFolder(join(folder, "parts_lfw_funneled_gt_images"))
        else { return nil }
        self.folder = folder
    }

    func photos(split: String) throws(MediaError) -> [LabelledPhoto] {
        guard
            let list = ["train": "train", "val": "validation", "validation": "validation", "test": "test"][
                split]
        else { throw MediaError(path: folder, reason: "has no split \(split); it has train, val and test") }
        return try listLines(join(folder, "parts_\(list).txt")).map { line in
            let name = lfwName(line), person = String(name.dropLast(5))
            return LabelledPhoto(
                name: name, photo: join(folder, "lfw_funneled/\(person)/\(name).jpg"),
                labels: .lfwColors(join(folder, "parts_lfw_funneled_gt_images/\(name).ppm")),
                superpixels: join(folder, "parts_lfw_funneled_superpixels_mat/\(person)/\(name).dat"))
        }
    }
}

/// The lines of a list that are not empty, without spaces around.
package func listLines(_ path: String) throws(MediaError) -> [String] {
    try readText(path).split(whereSeparator: \.isNewline).map(trimmed).filter { !$0.isEmpty }
}

private func trimmed(_ line: Substring) -> String {
    let start = line.drop(while: \.isWhitespace)
    return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
}

/// `NAME_0003` of a list's `NAME 3` or `NAME 0003`; anything else as it is.
package func lfwName(_ line: String) -> String {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let number = Int(words[1]), number >= 0 else { return line }
    let digits = String(number)
    return "\(words[0])_" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
}

/// Red is hair, green skin, blue background; a colour counts as the nearest of them, if it is near one.
func lfwMask(_ photo: Photo, _ path: String) throws(MediaError) -> Mask {
    var labels = [UInt8](repeating: 0, count: photo.width * photo.height)
    for i in labels.indices {
        let (r, g, b) = (photo.pixels[3 * i], photo.pixels[3 * i + 1], photo.pixels[3 * i + 2])
        switch (r > 127, g > 127, b > 127) {
        case (true, false, false): labels[i] = 2
        case (false, true, false): labels[i] = 1
        case (false, false, true): labels[i] = 0
        default:
            throw MediaError(
                path: path,
                reason: "column \(i % photo.width), row \(i / photo.width) is \(r), \(g), \(b); red is hair, "
                    + "green skin, blue background")
        }
    }
    return Mask(width: photo.width, height: photo.height, labels: labels)
}

/// Whole numbers with spaces between, row after row.
func readSuperpixels(_ path: String) throws(MediaError) -> [Int32] {
    var numbers: [Int32] = []
    for word in try readText(path).utf8.split(whereSeparator: { $0 <= 32 || $0 == UInt8(ascii: ",") }) {
        guard let number = Int32(Substring(word)) else {
            throw MediaError(path: path, reason: "\"\(Substring(word))\" is no whole number")
        }
        numbers.append(number)
    }
    return numbers
}
