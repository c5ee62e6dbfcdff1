// TrainCommand: a network trained as Caffe trains it, or by the FaceFCN post's recipe: options and order of work. The
// run itself is TrainingRun; what is shown of it stands in TrainWatch.
import FaceSegKit
import FaceSegTraining
import Media

let trainCommand = Command(
    name: "train", summary: "a network trained as Caffe trains it, or by the FaceFCN post's recipe",
    usage: "--solver FILE | --recipe facefcn [options]",
    about: """
        With --solver reads a solver.prototxt and the nets that it names, as Caffe does, and goes through its
        iterations. Nets whose data comes from a Python layer of FCN's are fed from the folder and split that its
        param_str names; --data names another folder, and then the data layer may be of any type. `faceseg
        evaluate --help` lists the kinds of folders.

        With --recipe facefcn writes the prototxts of fcn8s-atonce for three classes into the output folder, and
        its solver (batch 1, rate 1e-12, momentum 0.99, decay 0.005, the loss not normalized), and trains that, with
        the post's augmentation.

        Into the output folder go log.csv, training.svg and examples.png, redrawn as it runs. Snapshots go where
        the solver says, or for a recipe into the output folder: the last few, and PREFIX_best.caffemodel of the
        best validation. Ctrl-C ends the iteration and writes a snapshot; --resume goes on from the latest, to the
        same weights as without the break.
        """,
    words: .anything,
    ownOptions: [
        Option("--solver", value: "FILE", takes: .file(["prototxt"]), help: "a solver.prototxt"),
        Option(
            "--recipe", value: "R", takes: .choice(RecipeName.self),
            help: "facefcn: nets and solver are written"),
        Option("--data", value: "DIR", takes: .file([]), help: "the data set's folder"),
        Option(
            "-o", "--output-folder", value: "DIR", takes: .file([]), help: "for what is written; default: ."),
        Option(
            "--weights", value: "W", takes: .file(["caffemodel"]), repeats: true,
            help:
                "begins with these, by layer name; what does not fit is an error,\nbut with --recipe is reshaped, grown or left"
        ),
        Option("--snapshot", value: "S", takes: .file(["solverstate"]), help: "goes on from a .solverstate"),
        Option("--resume", help: "goes on from the latest snapshot, if there is one"),
        Option("--iterations", value: "N", help: "instead of the solver's max_iter"),
        Option("--batch", value: "N", help: "samples a pass; default: the data layer's, or 1"),
        Option(
            "--augment", value: "A", takes: .choice(AugmentationName.self),
            help: "none, facefcn (the post's, default of its recipe) or light"),
        Option("--size", value: "N", help: "of augmented pictures; default: 512 for facefcn, else 256"),
        Option("--narrow", value: "N", help: "recipe: divides the numbers of filters; default: 1"),
        Option("--rate", value: "R", help: "recipe: instead of 1e-12"),
        Option(
            "--validate", value: "N", help: "recipe: iterations from validation to validation; default: 4000"),
        Option("--photos", value: "N", help: "photos of a validation; default: the solver's test_iter"),
        Option("--keep", value: "N", help: "snapshots that stay; default: 3"),
        Option(
            "--broken", value: "B", takes: .choice(BrokenName.self),
            help: "skip (default) or fail at a broken sample"),
        Option("--seed", value: "N", help: "of draws, fillers and Dropout; default: what the files say"),
        Option(
            "--preview", value: "N", help: "only writes preview.png: N augmented samples with their masks"),
        Option("--caffe-log", help: "prints Caffe's lines, for its plotting scripts"),
        ModelArguments.threads,
        Option(
            "--precision", value: "P", takes: .choice(PrecisionName.self),
            help: "exact (default), or fast: products of 16 bits where the processor has them"),
    ],
    examples: [
        ("--solver solver.prototxt --weights vgg16fc.caffemodel", "FCN's training, from its own files"),
        (
            "--recipe facefcn --data lfw --narrow 4 --rate 1e-10 -o run",
            "a narrow FaceFCN that two cores can train"
        ),
        ("--recipe facefcn --data lfw --preview 24 -o run", "what the augmentation makes of the photos"),
    ]
) { arguments in
    try TrainCall(arguments).run()
}

enum RecipeName: String, CaseIterable { case facefcn }
enum AugmentationName: String, CaseIterable { case none, facefcn, light }
enum BrokenName: String, CaseIterable { case skip, fail }

/// What one command line asks for.
private struct TrainCall {
    private let arguments: Arguments
    private let folder: String, isRecipe: Bool

    init(_ arguments: Arguments) throws {
        if let word = arguments.words.first {
            throw CommandError.usage("\"\(word)\" is too much: files and folders are named by options")
        }
        guard arguments.has("--solver") != arguments.has("--recipe") else {
            throw CommandError.usage("one of --solver and --recipe is wanted, and only one")
        }
        self.arguments = arguments
        folder = arguments.text("-o") ?? "."
        isRecipe = try arguments.choice("--recipe", RecipeName.self) != nil
        if !isRecipe, let option = ["--narrow", "--rate", "--validate"].first(where: arguments.has) {
            throw CommandError.usage("\(option) belongs to --recipe; a solver's file says it itself")
        }
        if isRecipe, !arguments.has("--data") { throw CommandError.usage("--recipe needs --data DIR") }
        if arguments.has("--snapshot"), arguments.has("--resume") {
            throw CommandError.usage("--snapshot and --resume name two beginnings; give one")
        }
    }

    func run() throws {
        var options = try self.options()
        try makeFolder(folder)
        if isRecipe { try writeRecipe() }
        let files = try SolverFiles(
            path: isRecipe ? "\(folder)/solver.prototxt" : arguments.text("--solver")!)
        if let count = try arguments.integer("--preview", 1...400) {
            return try preview(count, files, options)
        }
        if isRecipe { options.snapshotPrefix = "\(folder)/facefcn" }
        if arguments.has("--resume") {
            options.snapshot = latestSnapshot(prefix: options.snapshotPrefix ?? files.settings.snapshotPrefix)
        }
        let run = try TrainingRun(files, options)
        try TrainWatch(run, folder: folder, isCaffe: arguments.has("--caffe-log")).run()
    }

    private func options() throws -> TrainingRunOptions {
        var options = TrainingRunOptions()
        options.folder = arguments.text("--data")
        options.threads = try Workers.checked(threads: arguments.integer("--threads", 1...1024))
        options.precision = try arguments.precision()
        options.batch = try arguments.integer("--batch", 1...4096)
        options.weights = arguments.texts("--weights")
        options.transplants = isRecipe
        options.snapshot = arguments.text("--snapshot")
        options.iterations = try arguments.integer("--iterations", 1...1_000_000_000)
        options.keptSnapshots = try arguments.integer("--keep", 1...1_000_000) ?? options.keptSnapshots
        options.mostPhotos = try arguments.integer("--photos", 1...1_000_000)
        options.seed = try arguments.integer("--seed", 0...Int.max).map { UInt64($0) }
        if try arguments.choice("--broken", BrokenName.self) == .fail { options.broken = .fatal }
        let augmentation =
            try arguments.choice("--augment", AugmentationName.self)
            ?? (isRecipe ? .facefcn : AugmentationName.none)
        let size = try arguments.integer("--size", 32...4096) ?? (augmentation == .facefcn ? 512 : 256)
        switch augmentation {
        case .none: break
        case .facefcn:
            options.recipe = { _ in .faceFCN(size: size) }
            // The net sees enlarged pictures: the post's tip.
            options.validationRecipe = Recipe([Resized(width: size, height: size)])
        case .light:
            options.recipe = { .light(size: size, sources: $0) }
            options.validationRecipe = Recipe([Resized(width: size, height: size)])
        }
        return options
    }

    /// `train.prototxt`, `val.prototxt`, `deploy.prototxt` and `solver.prototxt`, but files that are there stay: they may
    /// have been changed, and a run may be going on with them.
    private func writeRecipe() throws {
        var recipe = FCN8s()
        recipe.narrowing = try arguments.integer("--narrow", 1...64) ?? 1
        recipe.fillsRandomly = !arguments.has("--weights")
        recipe.baseRate = try arguments.numbers("--rate", count: 1)?[0] ?? recipe.baseRate
        recipe.iterations = try arguments.integer("--iterations", 1...1_000_000_000) ?? recipe.iterations
        recipe.validationInterval =
            try arguments.integer("--validate", 1...1_000_000_000) ?? recipe.validationInterval
        recipe.folder = arguments.text("--data")!
        let files = [
            ("train.prototxt", recipe.prototxt(.train)), ("val.prototxt", recipe.prototxt(.validation)),
            ("deploy.prototxt", recipe.prototxt(.deploy)),
            (
                "solver.prototxt",
                recipe.solver(
                    train: "\(folder)/train.prototxt", validation: "\(folder)/val.prototxt",
                    prefix: "\(folder)/facefcn")
            ),
        ]
        for (name, text) in files where !exists("\(folder)/\(name)") {
            try OutputSink.write(Array(text.utf8), to: "\(folder)/\(name)")
        }
    }

    private func preview(_ count: Int, _ files: SolverFiles, _ options: TrainingRunOptions) throws {
        let sheet = try TrainingRun.preview(files, options, count: count)
        let bytes = try encodePNG(
            width: sheet.width, height: sheet.height, channels: sheet.channels, pixels: sheet.pixels,
            fast: true)
        try OutputSink.write(bytes, to: "\(folder)/preview.png")
        try Console.line("\(folder)/preview.png")
    }
}
