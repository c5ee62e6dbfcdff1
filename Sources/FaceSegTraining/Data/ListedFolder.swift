// ListedFolder: photos in one folder, masks of the same names in another, splits as lists of names: PASCAL
// VOC's folders and those of FCN's users.
import Glibc
import Media

struct ListedFolder: DataSetLayout {
    static let sign = """
        photos in images or JPEGImages beside masks in masks, labels or SegmentationClass, with SPLIT.txt
        """

    private let folder: String, images: String, masks: String

    init?(_ folder: String) {
        func first(_ names: [String]) -> String? { names.map { join(folder, $0) }.first(where: isFolder) }
        guard let images = first(["JPEGImages", "images"]),
            let masks = first(["SegmentationClass", "masks", "labels"])
        else { return nil }
        (self.folder, self.images, self.masks) = (folder, images, masks)
    }

    func photos(split: String) throws(MediaError) -> [LabelledPhoto] {
        try names(of: split, in: folder, images).map { name in
            LabelledPhoto(
                name: name, photo: photoPath(images, name),
                labels: .indices(join(masks, name + ".png"), meanings: []))
        }
    }
}

/// The names in `SPLIT.txt`, which may stand where VOC has it; of the split `all`, those of the photos.
func names(of split: String, in folder: String, _ images: String) throws(MediaError) -> [String] {
    let lists = ["", "ImageSets/Segmentation/"].map { join(folder, $0 + split + ".txt") }
    if let list = lists.first(where: { access($0, F_OK) == 0 }) { return try listLines(list) }
    guard split == "all" else {
        throw MediaError(
            path: folder, reason: "has no split \(split): \(split).txt is not there; the split all needs none"
        )
    }
    return try photoNames(in: images).map(stem)
}

/// With the ending that is there; `.jpg` where none is.
func photoPath(_ folder: String, _ name: String) -> String {
    let paths = [".jpg", ".jpeg", ".png", ".webp"].map { join(folder, name + $0) }
    return paths.first { access($0, F_OK) == 0 } ?? paths[0]
}
