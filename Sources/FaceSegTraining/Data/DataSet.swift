// DataSet: labelled photos on the disk as a value: a list of files, none of them open. Which files is what
// the layouts find (LFWRelease, SplitFolders, ListedFolder, CelebAMaskHQ). Threads that read ahead are not
// here.
import Glibc
import Media

/// Labelled photos in an order.
package protocol LabelledPhotos: Sendable {
    /// The photos' names, in their order.
    var names: [String] { get }
    /// Reads the photo at a place from 0 on.
    ///
    /// - Throws: ``MediaError`` that names the broken file; the others can still be read.
    func sample(at index: Int) throws(MediaError) -> Sample
}

extension LabelledPhotos {
    package var count: Int { names.count }
}

/// A split of one data set, or of several joined.
package struct DataSet: LabelledPhotos {
    /// The folder's name.
    package let title: String
    package var photos: [LabelledPhoto]

    package init(title: String, photos: [LabelledPhoto]) { (self.title, self.photos) = (title, photos) }

    package var names: [String] { photos.map(\.name) }

    package func sample(at index: Int) throws(MediaError) -> Sample { try photos[index].sample() }

    /// Of each pixel the number of its superpixel; nil where the set has none.
    package func superpixels(at index: Int) throws(MediaError) -> [Int32]? {
        guard let path = photos[index].superpixels, access(path, F_OK) == 0 else { return nil }
        return try readSuperpixels(path)
    }

    /// One set of all photos of several.
    package init(joining sets: [DataSet]) {
        self.init(
            title: sets.map(\.title).joined(separator: " + "), photos: sets.flatMap(\.photos))
    }
}

/// A folder of one kind.
protocol DataSetLayout: Sendable {
    /// What such a folder has, for messages.
    static var sign: String { get }
    /// nil: the folder is of another kind.
    init?(_ folder: String)
    /// - Throws: ``MediaError`` when there is no such split or its files cannot be listed.
    func photos(split: String) throws(MediaError) -> [LabelledPhoto]
}

extension DataSet {
    private static let layouts: [any DataSetLayout.Type] = [
        LFWRelease.self, CelebAMaskHQ.self, SplitFolders.self, ListedFolder.self,
    ]

    /// A split of the set in a folder, or of the sets in the folders in it, sorted by name. The kind is told
    /// by what is there.
    ///
    /// - Throws: ``MediaError`` when the folder is of no known kind, or a set has no such split.
    package static func open(_ folder: String, split: String) throws(MediaError) -> [DataSet] {
        guard isFolder(folder) else {
            throw MediaError(path: folder, reason: "is no folder; name the one of a data set")
        }
        if let set = try DataSet(folder, split) { return [set] }
        var sets: [DataSet] = []
        for name in try Media.names(inFolder: folder).sorted() where !name.hasPrefix(".") {
            if let set = try DataSet(join(folder, name), split) { sets.append(set) }
        }
        guard !sets.isEmpty else { throw unknown(folder) }
        return sets
    }

    /// nil: a folder of no known kind.
    private init?(_ folder: String, _ split: String) throws(MediaError) {
        let found = Self.layouts.lazy.compactMap { $0.init(folder) }.first
        guard isFolder(folder), let found else { return nil }
        let photos = try found.photos(split: split)
        guard !photos.isEmpty else {
            throw MediaError(path: folder, reason: "there is no photo in its split \(split)")
        }
        self.init(title: folderName(folder), photos: photos)
    }

    private static func unknown(_ folder: String) -> MediaError {
        let signs = layouts.map { $0.sign }.joined(separator: "; or ")
        return MediaError(
            path: folder,
            reason: "neither it nor a folder in it is a data set; looked for \(signs)")
    }
}

/// `folder/name`
func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
}

/// The last name, also of `.` and of `data/`.
func folderName(_ folder: String) -> String {
    guard let real = realpath(folder, nil) else { return folder }
    defer { free(real) }
    let path = String(cString: real)
    return path.split(separator: "/").last.map(String.init) ?? path
}

/// A file's name without its ending.
func stem(_ name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
}

/// The photos in a folder, sorted by name.
func photoNames(in folder: String) throws(MediaError) -> [String] {
    try names(inFolder: folder).filter(isPhotoName).sorted()
}
