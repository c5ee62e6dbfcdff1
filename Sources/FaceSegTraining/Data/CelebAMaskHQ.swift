// CelebAMaskHQ: CelebAMask-HQ as distributed (Lee et al., CVPR 2020): a mask for each part of a face, made
// one of face, hair and the rest. Photos have twice the sides of the masks and are reduced to them.
import Media

struct CelebAMaskHQ: DataSetLayout {
    static let sign = "CelebA-HQ-img and CelebAMask-HQ-mask-anno (CelebAMask-HQ)"

    private let folder: String, images: String, annotations: String

    init?(_ folder: String) {
        (self.folder, images) = (folder, join(folder, "CelebA-HQ-img"))
        annotations = join(folder, "CelebAMask-HQ-mask-anno")
        guard isFolder(images), isFolder(annotations) else { return nil }
    }

    /// The parts in the order in which they are laid over each other by the authors' own `g_mask.py`, and
    /// what becomes of them.
    static let parts: [(name: String, label: UInt8)] = [
        ("skin", 1), ("nose", 1), ("eye_g", 1), ("l_eye", 1), ("r_eye", 1), ("l_brow", 1), ("r_brow", 1),
        ("l_ear", 1), ("r_ear", 1), ("mouth", 1), ("u_lip", 1), ("l_lip", 1), ("hair", 2), ("hat", 0),
        ("ear_r", 0), ("neck_l", 0), ("neck", 1), ("cloth", 0),
    ]

    func photos(split: String) throws(MediaError) -> [LabelledPhoto] {
        let files = try partFiles()
        return try names(of: split, in: folder, images)
            .sorted { (Int($0) ?? 0, $0) < (Int($1) ?? 0, $1) }
            .map {
                LabelledPhoto(name: $0, photo: photoPath(images, $0), labels: .parts(parts(of: $0, files)))
            }
    }

    private func parts(of photo: String, _ files: [String: String]) -> [LabelSource.Part] {
        let start = String(repeating: "0", count: max(5 - photo.count, 0)) + photo
        let found = Self.parts.compactMap { part in
            files["\(start)_\(part.name).png"].map { LabelSource.Part(path: $0, label: part.label) }
        }
        // Where there is none, the one that every face has is missed.
        let skin = join(annotations, "\((Int(photo) ?? 0) / 2000)/\(start)_skin.png")
        return found.isEmpty ? [LabelSource.Part(path: skin, label: 1)] : found
    }

    /// Paths by name: 2,000 photos' parts lie in each of the folders `0`, `1` and so on.
    private func partFiles() throws(MediaError) -> [String: String] {
        var files: [String: String] = [:]
        for inner in try Media.names(inFolder: annotations) where !inner.hasPrefix(".") {
            let folder = join(annotations, inner)
            guard isFolder(folder) else { continue }
            for name in try Media.names(inFolder: folder) { files[name] = join(folder, name) }
        }
        return files
    }
}

/// - Throws: ``MediaError`` when a part cannot be read or has another size.
/// - Precondition: there is a part.
func merged(_ parts: [LabelSource.Part]) throws(MediaError) -> Mask {
    let first = parts[0], size = try Photo.read(path: first.path)
    var labels = [UInt8](repeating: 0, count: size.width * size.height)
    for part in parts {
        let picture = try Photo.read(path: part.path)
        guard (picture.width, picture.height) == (size.width, size.height) else {
            throw MediaError(
                path: part.path,
                reason: "\(picture.width) x \(picture.height) pixels, but \(first.path) has \(size.width) x "
                    + "\(size.height)")
        }
        for i in labels.indices where picture.pixels[i * picture.channels] > 127 { labels[i] = part.label }
    }
    return Mask(width: size.width, height: size.height, labels: labels)
}
