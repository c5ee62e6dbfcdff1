// Which photos a command line means. Files are listed here, not opened: what is in them shows on reading.

import Glibc

/// The photos that paths of files and folders name.
///
/// A file stands for itself, whatever its name. A folder stands for its `.jpg`, `.jpeg`, `.png` and `.webp`
/// files, in any case, sorted by name, without those of its own folders, hidden files, and earlier results.
/// The paths' order is kept.
///
/// - Parameter isResult: whether a file of this name is an earlier result.
/// - Throws: ``MediaError`` when a path is missing or unreadable, or a folder holds no photo.
public func findPhotos(
    _ paths: [String], isResult: (_ name: String) -> Bool = { _ in false }
) throws(MediaError) -> [String] {
    var photos: [String] = []
    for path in paths {
        guard access(path, R_OK) == 0 else { throw systemError(path, "cannot be read") }
        photos += isFolder(path) ? try list(folder: path, isResult) : [path]
    }
    return photos
}

private func list(folder: String, _ isResult: (String) -> Bool) throws(MediaError) -> [String] {
    let start = folder.hasSuffix("/") ? folder : folder + "/"
    let named = try names(inFolder: folder).filter(isPhotoName).sorted()
    let photos = named.filter { !isResult($0) }.map { start + $0 }.filter { !isFolder($0) }
    guard !photos.isEmpty else {
        let results = named.contains(where: isResult) ? " but earlier results" : ""
        throw MediaError(
            path: folder, reason: "no .jpg, .jpeg, .png or .webp file is in this folder\(results)")
    }
    return photos
}

/// What lies in a folder, in no order, `.` and `..` among it.
package func names(inFolder folder: String) throws(MediaError) -> [String] {
    guard let listing = opendir(folder) else { throw systemError(folder, "cannot be listed") }
    defer { closedir(listing) }
    var names: [String] = []
    errno = 0  // readdir gives NULL at the end and on failure alike
    while let entry = readdir(listing) {
        let name = UnsafeRawPointer(entry).advanced(by: MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
        names.append(String(cString: name.assumingMemoryBound(to: CChar.self)))
        errno = 0
    }
    guard errno == 0 else { throw systemError(folder, "cannot be listed") }
    return names
}

/// Whether its ending is one that photos have; hidden files have none.
package func isPhotoName(_ name: String) -> Bool {
    let lower = name.lowercased()
    let endings = [".jpg", ".jpeg", ".png", ".webp"]
    return !lower.hasPrefix(".") && endings.contains { lower.hasSuffix($0) }
}

package func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
