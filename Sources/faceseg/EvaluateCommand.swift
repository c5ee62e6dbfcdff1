// EvaluateCommand: a network held against labelled photos: options and order of work. Running it is
// Evaluator's, what is said stands in EvaluateText, EvaluateJSON, EvaluateCSV and EvaluatePage.
import FaceSegKit
import FaceSegTraining
import Media

let evaluateCommand = Command(
    name: "evaluate", summary: "a network held against labelled photos: scores, worst photos",
    usage: "--data DIR [--split S] [options]",
    about: """
        Segments the photos of a data set and compares each pixel with its label. DIR is a folder of one of these
        kinds, or one with several of them, whose figures are then printed for each and for all:

          LFW Part Labels      lfw_funneled, parts_lfw_funneled_gt_images and parts_*.txt, as distributed
          CelebAMask-HQ        CelebA-HQ-img and CelebAMask-HQ-mask-anno, as distributed
          folders by split     images/SPLIT and masks/SPLIT
          lists                images or JPEGImages, masks, labels or SegmentationClass, and SPLIT.txt

        Masks are PNGs with a palette or grey ones; a pixel's number is its class, 255 is ignored.

        Printed are the lines of FCN's own script, pixel accuracy, F1 of each class over all pixels and as the mean
        over photos, boundary F1, accuracy of superpixels where the set has them, and the confusion matrix. A
        photo that cannot be read is named, left out, and makes the exit code 1.
        """,
    words: .anything,
    ownOptions: [
        Option("--data", value: "DIR", takes: .file([]), help: "the data set's folder"),
        Option(
            "--split", value: "S", help: "train, val (default), test, or all where nothing divides the set"),
        Option(
            "--list", value: "FILE", takes: .file(["txt"]),
            help: "judges only photos with these names, one a line"),
    ] + ModelArguments.model + [
        ModelArguments.threads, ModelArguments.precision, ModelArguments.refinement,
        ModelArguments.crowds,
        Option("--dark", help: "the mean F1 lost on darkened photos, too"),
        Option("--small", help: "and on photos at 40 % of their size"),
        Option("--corrupt", help: "and under nine corruptions of five severities, 45 runs a photo"),
        Option("--csv", value: "FILE", takes: .file(["csv"]), help: "a row of scores for each photo"),
        Option(
            "--report", value: "FILE", takes: .file(["html"]),
            help: "a page with the scores and the 20 worst photos in it"),
        Option("--json", help: "all scores as one line of JSON"),
    ],
    examples: [
        ("--data data --split val", "the built-in network on every set in a folder"),
        (
            "--data data --model fcn8s.caffemodel --prototxt deploy.prototxt --report worst.html",
            "a network of your own, and where it is wrong"
        ),
        ("--data data --dark --small --csv photos.csv", "what bad light and small faces cost"),
    ]
) { arguments in
    let isFine = try EvaluateCall(arguments).run()
    if !isFine { throw CommandError.alreadyTold }
}

/// What one command line asks for; no model is open yet.
private struct EvaluateCall {
    let sets: [DataSet], conditions: [Condition], model: ModelChoice, isJSON: Bool
    let table: String?, page: String?
    let data: String, split: String, precision: PrecisionName
    let refinement: RefinementName

    init(_ arguments: Arguments) throws {
        if let word = arguments.words.first {
            throw CommandError.usage("\"\(word)\" is too much: the folder is named by --data")
        }
        guard let data = arguments.text("--data") else {
            throw CommandError.usage("no data set is named: --data DIR")
        }
        (self.data, split) = (data, arguments.text("--split") ?? "val")
        model = try ModelChoice(arguments)
        precision = try arguments.choice("--precision", PrecisionName.self) ?? .exact
        refinement = try arguments.choice("--refine", RefinementName.self) ?? .guided
        isJSON = arguments.has("--json")
        conditions =
            [.plain] + (arguments.has("--dark") ? [.dark] : []) + (arguments.has("--small") ? [.small] : [])
            + (arguments.has("--corrupt") ? Condition.corruptions : [])
        (table, page) = (try Self.file("--csv", arguments), try Self.file("--report", arguments))
        let sets = try DataSet.open(data, split: split)
        self.sets = try arguments.text("--list").map { try Self.chosen(sets, $0) } ?? sets
    }

    /// Standard output has the scores.
    private static func file(_ option: String, _ arguments: Arguments) throws(CommandError) -> String? {
        let path = arguments.output(option)
        guard path != standardFile else {
            throw .usage("\(option): name a file; standard output has the scores")
        }
        return path
    }

    /// Those photos that a list names, as `NAME` or as LFW's `NAME N`.
    private static func chosen(_ sets: [DataSet], _ list: String) throws -> [DataSet] {
        let wanted = Set(try listLines(list).map(lfwName))
        let missing = wanted.subtracting(sets.flatMap(\.names))
        if let name = missing.min() {
            let more = missing.count > 1 ? " and \(missing.count - 1) more are" : " is"
            throw CommandError.failed("\(list): \"\(name)\"\(more) not among the photos of the split")
        }
        return sets.map { set in
            DataSet(title: set.title, photos: set.photos.filter { wanted.contains($0.name) })
        }.filter { $0.count > 0 }
    }

    /// Whether every photo could be judged.
    func run() throws -> Bool {
        // Where nothing can be written is told before the work.
        let tableSink = try table.map { try OutputSink($0) }, pageSink = try page.map { try OutputSink($0) }
        var evaluator = try Evaluator(model.segmenter(), conditions: conditions, keepsWorst: page != nil)
        try judge(&evaluator)
        let results = evaluator.results
        if isJSON {
            let head = [
                ("data", data), ("split", split), ("model", model.name), ("precision", precision.rawValue),
                ("refine", refinement.rawValue),
            ]
            try Console.line(evaluateJSON(head, evaluator).line)
        } else {
            for result in results + evaluator.together {
                try Console.line(evaluateText(result, split: split, evaluator.classNames))
            }
        }
        try write(evaluateCSV(results, evaluator.classNames), to: tableSink)
        if let pageSink {
            let page = try EvaluatePage(evaluator, title: "\(data), split \(split), model \(model.name)")
            try write(page.text, to: pageSink)
        }
        return evaluator.failures.isEmpty
    }

    private func judge(_ evaluator: inout Evaluator) throws {
        let count = sets.reduce(0) { $0 + $1.count }
        if !isJSON { Console.showBar(count: count) }
        defer { Console.hideBar() }
        var done = 0.0
        for set in sets {
            evaluator.begin(set)
            for index in 0..<set.count {
                evaluator.judge(index) { Console.advanceBar(to: done + $0) }
                done += 1
                Console.advanceBar(to: done)
            }
        }
    }

    private func write(_ text: String, to sink: OutputSink?) throws {
        guard let sink else { return }
        try Array(text.utf8).withUnsafeBytes { try sink.write($0) }
        try sink.commit()
    }
}

extension Condition {
    fileprivate static var corruptions: [Condition] {
        Corruption.allCases.flatMap { corruption in
            Corruption.severities.map { .corrupted(corruption, severity: $0) }
        }
    }
}
