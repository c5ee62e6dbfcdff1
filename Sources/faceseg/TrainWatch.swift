// TrainWatch: what is seen of a training run: log.csv and training.svg in its folder, a bar on a terminal, lines in a
// pipe, Caffe's own lines if asked.
import FaceSegKit
import FaceSegTraining
import Glibc
import Media

struct TrainWatch {
    private let training: TrainingRun
    private let folder: String, classes: [String]
    private let display: Int
    private let isCaffe: Bool

    init(_ run: TrainingRun, folder: String, isCaffe: Bool) {
        (training, self.folder, self.isCaffe) = (run, folder, isCaffe)
        let display = run.solver.settings.display
        self.display = display > 0 ? display : 20
        classes = run.classNames
    }

    func run() throws {
        let solver = training.solver, first = solver.iteration
        let log = "\(folder)/log.csv"
        var csv = try CSVLog(path: log, classes: classes, display: display, goingOn: first)
        var plot = TrainingPlot(
            path: "\(folder)/training.svg", title: "Training", classes: classes, display: display)
        if first > 0 { plot.load(csv: log) }
        var caffe =
            isCaffe ? CaffeLog(solver.settings, iteration: first, name: training.name) { put($0) } : nil
        for line in training.surgery.flatMap(\.lines) { Console.remark("weights \(line)") }
        if first > 0 { Console.remark("goes on after iteration \(first)") }
        Interruption.waitForWork()
        Console.showBar(count: training.iterations)
        defer { Console.hideBar() }
        try training.run(isStopped: { Interruption.isAsked }) { (event) throws(FaceSegError) in
            try csv.see(event)
            try plot.see(event)
            caffe?.see(event)
            if case .validation(let report) = event { try writeExamples(report) }
            show(event, first)
        }
        try plot.draw()
        if Interruption.isAsked, solver.iteration < training.iterations {
            Console.remark("stopped after iteration \(solver.iteration); --resume goes on")
        }
    }

    private func writeExamples(_ report: ValidationReport) throws(FaceSegError) {
        let sheet = contactSheet(of: report.examples)
        do {
            let bytes = try encodePNG(
                width: sheet.width, height: sheet.height, channels: sheet.channels, pixels: sheet.pixels,
                fast: true)
            try OutputSink.write(bytes, to: "\(folder)/examples.png")
        } catch let error as FaceSegError {
            throw error
        } catch {
            throw .file(path: "\(folder)/examples.png", byte: nil, reason: "\(error)")
        }
    }

    private func put(_ line: String) { try? Console.line(line) }

    private func show(_ event: TrainingEvent, _ first: Int) {
        switch event {
        case .iteration(let report):
            let done = report.iteration + 1
            let speed = Double(done - first) / max(report.seconds, 1e-9)
            let images = speed * Double(report.images) / Double(done)
            let text = "loss \(short(report.loss)), rate \(short(report.rate)), \(oneDigit(images)) images/s"
            Console.advanceBar(to: Double(done), note: text)
            if done % display == 0, !isCaffe, !Terminal.isForDrawing(STDERR_FILENO) {
                put("iteration \(done): \(text)")
            }
        case .validation(let report):
            guard !isCaffe else { return }
            let matrix = report.matrix
            let f1 = classes.indices.map { "\(classes[$0]) \(percent(matrix.f1(of: $0)))" }.joined(
                separator: ", ")
            put(
                "iteration \(report.iteration): validation loss \(short(Float(report.loss))), pixel accuracy "
                    + "\(percent(matrix.pixelAccuracy)), mean IU \(percent(matrix.meanIU)), F1 \(f1) (%)")
        case .snapshot(let path): if !isCaffe { put("wrote \(path)") }
        case .skipped(let error): Console.complain("\(error); skipped")
        }
    }
}
