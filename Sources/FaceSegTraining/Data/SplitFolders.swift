// SplitFolders: sets as `images/SPLIT` with masks of the same names in `masks/SPLIT`, perhaps with silhouettes in
// `persons/SPLIT`, and what is known of five of them by name: how many photos stand back for validation, and what their
// labels mean.
import Media

struct SplitFolders: DataSetLayout {
    static let sign = "images/train or images/val beside masks/train or masks/val"

    private let folder: String, known: KnownSet?

    init?(_ folder: String) {
        guard ["train", "val"].contains(where: { isFolder(join(folder, "images/" + $0)) }) else { return nil }
        (self.folder, known) = (folder, KnownSet.all[folderName(folder)])
    }

    func photos(split: String) throws(MediaError) -> [LabelledPhoto] {
        let isDivided = isFolder(join(folder, "images/val"))
        if !isDivided, let known, split == "train" || split == "val" {
            let all = try whole("train")
            return split == "val" ? all.suffix(known.validation) : all.dropLast(known.validation)
        }
        guard isFolder(join(folder, "images/" + split)) else {
            throw MediaError(path: folder, reason: "has no split \(split): images/\(split) is not there")
        }
        return try whole(split)
    }

    private func whole(_ split: String) throws(MediaError) -> [LabelledPhoto] {
        let images = join(folder, "images/" + split), masks = join(folder, "masks/" + split)
        let persons = join(folder, "persons/" + split), hasPersons = isFolder(persons)
        let hasMasks = known?.hasMasks ?? true, meanings = known?.meanings ?? []
        guard !hasMasks || isFolder(masks) else {
            throw MediaError(path: masks, reason: "is missing; it holds a PNG of labels for each photo")
        }
        return try photoNames(in: images).map { name in
            let mask = join(masks, stem(name) + ".png")
            return LabelledPhoto(
                name: stem(name), photo: join(images, name),
                labels: hasMasks ? .indices(mask, meanings: meanings) : .background,
                silhouette: hasPersons ? join(persons, stem(name) + ".png") : nil,
                labelsOnePerson: known?.labelsOnePerson ?? false)
        }
    }
}

/// A set whose folder does not say all.
private struct KnownSet {
    /// The last names in order are validation, where no folder is.
    var validation = 0
    /// Without masks all is background.
    var hasMasks = true
    /// What 0, 1, ... stand for, if not for themselves.
    var meanings: [UInt8] = []
    var labelsOnePerson = false

    static let all = [
        "lfw-part-labels": KnownSet(labelsOnePerson: true),
        "celebamask-mini": KnownSet(validation: 100),
        // It knows hair and not hair: faces have no label.
        "figaro1k-hair": KnownSet(validation: 100, meanings: [Sample.not(2)]),
        "backgrounds": KnownSet(validation: 60, hasMasks: false),
        "crowds": KnownSet(validation: 60),
    ]
}
