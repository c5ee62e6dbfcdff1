// SegmentReport: what is said of each photo: a line for people, or an object for programs.
import FaceSegKit
import Media

struct SegmentReport {
    let isJSON: Bool
    /// Whether standard output carries a result, so that lines go to standard error.
    let isAside: Bool
    /// Names of the model's classes, once it is open.
    var classNames: [String] = []

    /// Failures go to standard error, and as an object to standard output if that is for programs.
    func tell(_ photo: String, _ result: Result<SegmentResult, any Error>) throws(CommandError) {
        switch result {
        case .success(let result):
            try put(isJSON ? object(photo, result).line : sentence(photo, result))
        case .failure(let error):
            let message = message(photo, error)
            Console.complain(message)
            if isJSON {
                try put(JSON.object([("photo", .text(photo)), ("error", .text(message))]).line)
            }
        }
    }

    private func put(_ line: String) throws(CommandError) {
        if isAside { Console.remark(line) } else { try Console.line(line) }
    }

    private func sentence(_ photo: String, _ result: SegmentResult) -> String {
        let shares = classes(result).map { "\($0.name) \(oneDigit(100 * result.share($0.pixels))) %" }
        let size = "\(result.width) x \(result.height)"
        // All lie in one folder.
        let files = result.files.enumerated().map { $0 == 0 ? shown($1.path, "output") : lastName($1.path) }
        return
            "\(shown(photo, "input")): \(size), \(shares.joined(separator: ", ")), \(oneDigit(result.milliseconds)) ms -> "
            + files.joined(separator: ", ")
    }

    private func object(_ photo: String, _ result: SegmentResult) -> JSON {
        let classes = classes(result).map { name, pixels in
            JSON.object([
                ("name", .text(name)), ("pixels", .integer(pixels)), ("share", .number(result.share(pixels))),
            ])
        }
        let files = result.files.map { file in
            JSON.object([("output", .text(file.output.rawValue)), ("path", .text(file.path))])
        }
        return .object(
            [
                ("photo", .text(photo)), ("width", .integer(result.width)),
                ("height", .integer(result.height)),
                ("classes", .list(classes)),
                ("milliseconds", .number((result.milliseconds * 1000).rounded() / 1000)),
                ("written", .list(files)),
            ] + (result.heads.map { [("heads", .list($0.map(head)))] } ?? []))
    }

    private func head(_ head: HeadInstance) -> JSON {
        .object([
            ("number", .integer(head.number)), ("x", .integer(head.columns.lowerBound)),
            ("y", .integer(head.rows.lowerBound)), ("width", .integer(head.columns.count)),
            ("height", .integer(head.rows.count)), ("face_pixels", .integer(head.faceArea)),
            ("hair_pixels", .integer(head.hairArea)), ("confidence", .number(Double(head.confidence))),
        ])
    }

    /// Every class of the model, and those that occur.
    private func classes(_ result: SegmentResult) -> [(name: String, pixels: Int)] {
        (0..<max(classNames.count, result.counts.count)).map { i in
            (
                i < classNames.count ? classNames[i] : "class \(i)",
                i < result.counts.count ? result.counts[i] : 0
            )
        }
    }

    private func shown(_ path: String, _ way: String) -> String {
        path == standardFile ? "standard \(way)" : path
    }

    /// Errors that name no place get the photo's name.
    private func message(_ photo: String, _ error: any Error) -> String {
        switch error {
        case is MediaError, FaceSegError.file, FaceSegError.text, CommandError.unwritable: "\(error)"
        default: "\(shown(photo, "input")): \(error)"
        }
    }
}

extension SegmentResult {
    fileprivate func share(_ pixels: Int) -> Double { Double(pixels) / Double(width * height) }
}
