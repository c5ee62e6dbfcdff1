// SegmentFiles: which files the results of photos go to, and in which format. Decided before the first photo
// is read, so that two results never get one name and no photo is overwritten.

enum Output: String, CaseIterable {
    case labels, overlay, cutout, alpha, probabilities

    /// What it is written as where no file is named.
    var format: FileFormat { self == .probabilities ? .numpy : .png }

    /// The format that a file's name asks for.
    func format(named path: String) throws(CommandError) -> FileFormat {
        let ending = ending(path), format = FileFormat(ending: ending)
        switch (self, format) {
        case (.labels, .png?), (.overlay, .png?), (.overlay, .jpeg?), (.overlay, .webp?), (.cutout, .png?),
            (.cutout, .webp?), (.alpha, .png?), (.alpha, .jpeg?), (.alpha, .webp?), (.probabilities, .numpy?):
            return format!
        case (.labels, _):
            throw .usage("-o \(path): labels are written as .png only, which keeps every number")
        case (.probabilities, _): throw .usage("-o \(path): probabilities are written as .npy only")
        case (.cutout, .jpeg?): throw .usage("-o \(path): a JPEG cannot be transparent; name a .png or .webp")
        case (.cutout, _): throw .usage("-o \(path): the ending must be .png or .webp")
        case (_, _): throw .usage("-o \(path): the ending must be .png, .jpg or .webp")
        }
    }
}

enum FileFormat {
    case png, jpeg, webp, numpy

    init?(ending: String) {
        switch ending {
        case "png": self = .png
        case "jpg", "jpeg": self = .jpeg
        case "webp": self = .webp
        case "npy": self = .numpy
        default: return nil
        }
    }

    var ending: String {
        switch self {
        case .png: "png"
        case .jpeg: "jpg"
        case .webp: "webp"
        case .numpy: "npy"
        }
    }
}

struct OutputFile {
    let output: Output, format: FileFormat, path: String
}

/// What `-o` means.
struct SegmentPlace {
    enum Kind { case beside, folder(String), file(String, FileFormat) }
    let kind: Kind, outputs: [Output]

    /// - several: more than one photo, or a folder of them.
    init(_ out: String?, several: Bool, outputs: [Output]) throws(CommandError) {
        self.outputs = outputs
        guard let out else {
            guard !several else { throw .usage("several photos need -o FOLDER") }
            kind = .beside
            return
        }
        guard out != "-", out != "" else { throw .usage("-o \"\(out)\": pictures are written to files only") }
        if !several && outputs.count == 1 && !isFolder(out) && !out.hasSuffix("/") {
            kind = .file(out, try outputs[0].format(named: out))
            return
        }
        guard isFolder(out) || !exists(out) && FileFormat(ending: ending(out)) == nil else {
            throw .usage("-o \(out): several \(several ? "photos" : "outputs") need a folder")
        }
        kind = .folder(out)
    }
}

struct SegmentFiles {
    /// For each photo, in their order.
    let ofPhotos: [[OutputFile]]
    private let newFolder: String?

    init(_ photos: [String], _ place: SegmentPlace) throws(CommandError) {
        switch place.kind {
        case .beside:
            ofPhotos = photos.map { Self.files(place.outputs, start: folder(of: $0) + stem($0)) }
            newFolder = nil
        case .folder(let folder):
            // Photos that differ in their endings only keep them.
            let known = Dictionary(grouping: photos, by: stem)
            ofPhotos = photos.map { photo in
                let name = known[stem(photo)]!.count > 1 ? lastName(photo) : stem(photo)
                return Self.files(place.outputs, start: path(name, in: folder))
            }
            newFolder = folder
        case .file(let path, let format):
            ofPhotos = photos.map { _ in [OutputFile(output: place.outputs[0], format: format, path: path)] }
            newFolder = nil
        }
        try check(photos)
    }

    func makeFolder() throws(CommandError) {
        if let newFolder { try faceseg.makeFolder(newFolder) }
    }

    private static func files(_ outputs: [Output], start: String) -> [OutputFile] {
        outputs.map { output in
            let middle = outputs.count == 1 ? "faceseg" : output.rawValue
            return OutputFile(
                output: output, format: output.format, path: "\(start).\(middle).\(output.format.ending)")
        }
    }

    private func check(_ photos: [String]) throws(CommandError) {
        let sources = Set(photos.compactMap(FileIdentity.init))
        var owners: [String: String] = [:]
        for (photo, files) in zip(photos, ofPhotos) {
            for file in files {
                if let other = owners.updateValue(photo, forKey: file.path) {
                    throw .usage(
                        "\(other) and \(photo) would both become \(file.path); write them to two folders")
                }
                if let there = FileIdentity(file.path), sources.contains(there) {
                    throw .usage("\(file.path) is itself a photo to segment; give another -o")
                }
            }
        }
    }
}

/// The last name without the ending of a picture.
private func stem(_ photo: String) -> String {
    let name = lastName(photo), ending = ending(photo)
    guard let format = FileFormat(ending: ending), format != .numpy else { return name }
    return String(name.dropLast(ending.count + 1))
}
