// SegmentFiles: which files the results of photos go to. Decided before the first photo is read, so that two
// results never get one name and no photo is overwritten. Formats are ResultFormat's.
import FaceSegKit

struct OutputFile {
    let output: Output, format: FileFormat
    /// `-`: standard output.
    let path: String
}

/// What `-o` and `--format` mean.
struct SegmentPlace {
    enum Kind { case beside, folder(String), file(String) }
    let kind: Kind
    let outputs: [(output: Output, format: FileFormat)]

    /// - words: the photos as they were named. several: more than one, a folder, or a pattern.
    init(
        _ out: String?, _ words: [String], several: Bool, outputs: [Output], format: FileFormat?
    ) throws(CommandError) {
        kind = try Self.kind(out, words, isOne: !several && outputs.count == 1, several: several)
        var named: FileFormat?
        if case .file(let path) = kind, path != standardFile { named = FileFormat(ending: ending(path)) }
        if let named, let format, named != format {
            throw .usage("-o \(out ?? ""): the ending and --format \(format.rawValue) disagree")
        }
        if case .file(let path) = kind, path != standardFile, named == nil, format == nil {
            throw outputs[0].refusal("-o \(path)", "; or say it with --format")
        }
        let source = named != nil ? "-o \(out ?? "")" : "--format \(format?.rawValue ?? "")"
        var chosen: [(Output, FileFormat)] = []
        for output in outputs {
            let format = format ?? named ?? output.formats[0]
            guard output.formats.contains(format) else { throw output.refusal(source) }
            chosen.append((output, format))
        }
        self.outputs = chosen
    }

    private static func kind(
        _ out: String?, _ words: [String], isOne: Bool, several: Bool
    ) throws(CommandError) -> Kind {
        guard let out else {
            let what = words.count > 1 ? "several photos need" : "a folder or pattern needs"
            guard !several else { throw .usage("\(what) -o FOLDER") }
            guard words != [standardFile] else {
                throw .usage(
                    "a photo from standard input has no name: add -o FILE, or -o - for standard output")
            }
            return .beside
        }
        guard out != "" else { throw .usage("-o \"\": the name is empty") }
        if out == standardFile {
            guard isOne else { throw .usage("-o -: standard output takes one output of one photo") }
            return .file(out)
        }
        if isOne && !isFolder(out) && !out.hasSuffix("/") { return .file(out) }
        guard isFolder(out) || !exists(out) && FileFormat(ending: ending(out)) == nil || out.hasSuffix("/")
        else {
            throw .usage("-o \(out): several \(several ? "photos" : "outputs") need a folder")
        }
        return .folder(out)
    }
}

struct SegmentFiles {
    /// For each photo, in their order.
    let ofPhotos: [[OutputFile]]
    private let newFolder: String?

    init(_ photos: [String], _ place: SegmentPlace) throws(CommandError) {
        switch place.kind {
        case .beside:
            ofPhotos = photos.map { Self.files(place, start: folder(of: $0) + stem($0)) }
            newFolder = nil
        case .folder(let folder):
            // Photos that differ in their endings only keep them.
            let known = Dictionary(grouping: photos) { Array(stem($0).utf8) }
            ofPhotos = photos.map { photo in
                let name = known[Array(stem(photo).utf8)]!.count > 1 ? lastName(photo) : stem(photo)
                return Self.files(place, start: path(name, in: folder))
            }
            newFolder = folder
        case .file(let path):
            let (output, format) = place.outputs[0]
            ofPhotos = photos.map { _ in [OutputFile(output: output, format: format, path: path)] }
            newFolder = nil
        }
        try check(photos)
    }

    func makeFolder() throws(CommandError) {
        if let newFolder { try faceseg.makeFolder(newFolder) }
    }

    private static func files(_ place: SegmentPlace, start: String) -> [OutputFile] {
        place.outputs.map { output, format in
            let middle = place.outputs.count == 1 ? ResultName.only : output.rawValue
            return OutputFile(output: output, format: format, path: "\(start).\(middle).\(format.rawValue)")
        }
    }

    private func check(_ photos: [String]) throws(CommandError) {
        let sources = Set(photos.compactMap { FileIdentity($0 == standardFile ? "/dev/stdin" : $0) })
        // By bytes, as file systems do: as text "é" is one name, composed or not.
        var owners: [[UInt8]: String] = [:]
        for (photo, files) in zip(photos, ofPhotos) {
            for file in files where file.path != standardFile {
                if let other = owners.updateValue(photo, forKey: Array(file.path.utf8)) {
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

/// The names of results: `photo.faceseg.png` of one output, `photo.labels.png` and so on of several.
enum ResultName {
    static let only = "faceseg"

    /// Whether a file of this name is an earlier result, and no photo.
    static func isTaken(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 3, FileFormat(rawValue: String(parts[parts.count - 1])) != nil else {
            return false
        }
        let middle = String(parts[parts.count - 2])
        return middle == only || Output(rawValue: middle) != nil
    }
}

/// The last name without the ending of a picture.
private func stem(_ photo: String) -> String {
    if photo == standardFile { return "stdin" }
    let name = lastName(photo), ending = ending(photo)
    guard let format = FileFormat(ending: ending), format != .numpy else { return name }
    return String(name.dropLast(ending.count + 1))
}
