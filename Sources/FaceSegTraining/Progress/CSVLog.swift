// CSVLog: log.csv: a line for each displayed iteration and each validation. Lines are added as they come; a run that goes
// on adds to the file that is there, without the lines that it will write again.
import FaceSegKit
import Media

#if canImport(Glibc)
    import Glibc
#endif

/// Writes `log.csv`. Columns that do not belong to a line are empty.
package struct CSVLog: TrainingObserver {
    private let path: String, classes: [String], display: Int
    private var lines: [String]

    /// - classes: names of the classes, for the columns of their F1.
    /// - display: iterations from line to line.
    /// - goingOn: updates that are done: lines of later ones are left out. 0: a new file.
    package init(path: String, classes: [String], display: Int, goingOn: Int) throws(FaceSegError) {
        (self.path, self.classes, self.display) = (path, classes, max(display, 1))
        let columns =
            ["iteration", "seconds", "images", "rate", "loss", "val_loss", "pixel_accuracy", "mean_accuracy"]
            + ["mean_iu", "fwavacc", "mean_f1"] + classes.map { "f1 \($0)" }
        lines = [columns.map(csvField).joined(separator: ",")]
        if goingOn > 0, let text = try? textFile(path) {
            lines += text.split(separator: "\n").dropFirst().map(String.init).filter { line in
                (Int(line.prefix { $0 != "," }) ?? .max) <= goingOn
            }
        }
        try write()
    }

    package mutating func see(_ event: TrainingEvent) throws(FaceSegError) {
        switch event {
        case .iteration(let report) where (report.iteration + 1) % display == 0:
            add([
                "\(report.iteration + 1)", fixed(report.seconds, 3), "\(report.images)",
                general(Double(report.rate)), general(Double(report.loss), digits: 9),
            ])
            try write()
        case .validation(let report):
            let matrix = report.matrix
            let scores =
                [matrix.pixelAccuracy, matrix.meanAccuracy, matrix.meanIU, matrix.frequencyWeightedIU]
                + [matrix.meanF1] + classes.indices.map { matrix.f1(of: $0) }
            add(
                [
                    "\(report.iteration)", fixed(report.seconds, 3), "", "", "",
                    general(report.loss, digits: 9),
                ]
                    + scores.map { $0.map { fixed($0, 6) } ?? "" })
            try write()
        default: break
        }
    }

    private mutating func add(_ cells: [String]) {
        lines.append(
            (cells + Array(repeating: "", count: 11 + classes.count - cells.count)).joined(separator: ","))
    }

    private func write() throws(FaceSegError) {
        try writeFile(lines.joined(separator: "\n") + "\n", to: path)
    }
}

/// A text file, with errors of the kit's kind.
func textFile(_ path: String) throws(FaceSegError) -> String {
    do throws(MediaError) { return try readText(path) } catch { throw FaceSegError(error) }
}

/// A whole file, or none.
func writeFile(_ text: String, to path: String) throws(FaceSegError) {
    let file = try AtomicFile(path: path), bytes = Array(text.utf8)
    let result = bytes.withUnsafeBytes { bytes -> Result<Void, FaceSegError> in
        do throws(FaceSegError) {
            try file.write(bytes)
            return .success(())
        } catch { return .failure(error) }
    }
    try result.get()
    try file.commit()
}
