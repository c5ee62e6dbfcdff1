// TrainCommand: a network trained as Caffe trains it, or by the FaceFCN post's recipe: options and order of work. The
// run itself is TrainingRun; what is shown of it stands in TrainWatch.
import FaceSegKit
import FaceSegTraining
import Media

let trainCommand = Command(
    name: "train", summary: "a network trained as Caffe trains it, or by a recipe",
    usage: "--solver FILE | --recipe facefcn|light|small [options]",
    about: """
        With --solver reads a solver.prototxt and the nets that it names, as Caffe does, and goes through its
        iterations. Nets whose data comes from a Python layer of FCN's are fed from the folder and split that its
        param_str names; --data names another folder, and then the data layer may be of any type. `faceseg
        evaluate --help` lists the kinds of folders.

        With --recipe facefcn writes the prototxts of fcn8s-atonce for three classes into the output folder, and
        its solver (batch 1, rate 1e-12, momentum 0.99, decay 0.005, the loss not normalized), and trains that, with
        the post's augmentation. With --recipe light those of the built-in network, and with small those of a net
        of a quarter of its products.

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
            help: "facefcn, light or small: nets and solver are written"),
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
            help: "none, facefcn (the post's) or light; default: the recipe's"),
        Option(
            "--size", value: "N",
            help: "of augmented pictures; default: the data layer's, 512 for facefcn, 256"),
        Option(
            "--mended", value: "DIR", takes: .file([]),
            help: "masks from `faceseg mend` in place of the training set's"),
        Option("--narrow", value: "N", help: "recipe facefcn: divides the numbers of filters; default: 1"),
        Option("--rate", value: "R", help: "recipe: instead of 1e-12 for facefcn, 0.03 for the others"),
        Option(
            "--validate", value: "N",
            help: "recipe: iterations from validation to validation; default: 4000, 1000"),
        Option(
            "--shares", value: "A=1,...",
            help: "light, small: draws from these data sets in the folder alone, as often as\nthe numbers say"
        ),
        Option("--validation-set", value: "A", help: "light, small: validates with this data set alone"),
        Option("--photos", value: "N", help: "photos of a validation; default: the solver's test_iter"),
        Option("--keep", value: "N", help: "snapshots that stay; default: 3"),
        Option("--cache", value: "MiB", help: "for decoded photos; default: 1024"),
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
            "--recipe facefcn --data lfw --narrow 4 --rate 3e-10 -o run",
            "a narrow FaceFCN that two cores can train"
        ),
        ("--recipe light --data lfw --precision fast -o run", "the built-in network's layers, from nothing"),
        ("--recipe facefcn --data lfw --preview 24 -o run", "what the augmentation makes of the photos"),
    ]
) { arguments in
    try TrainCall(arguments).run()
}

enum RecipeName: String, CaseIterable {
    case facefcn, light, small

    var isLight: Bool { self != .facefcn }
}
enum AugmentationName: String, CaseIterable { case none, facefcn, light }
enum BrokenName: String, CaseIterable { case skip, fail }

/// What one command line asks for.
private struct TrainCall {
    private let arguments: Arguments
    private let folder: String, recipe: RecipeName?

    init(_ arguments: Arguments) throws {
        if let word = arguments.words.first {
            throw CommandError.usage("\"\(word)\" is too much: files and folders are named by options")
        }
        guard arguments.has("--solver") != arguments.has("--recipe") else {
            throw CommandError.usage("one of --solver and --recipe is wanted, and only one")
        }
        self.arguments = arguments
        folder = arguments.text("-o") ?? "."
        recipe = try arguments.choice("--recipe", RecipeName.self)
        try checkRecipe()
        if arguments.has("--snapshot"), arguments.has("--resume") {
            throw CommandError.usage("--snapshot and --resume name two beginnings; give one")
        }
    }

    private func checkRecipe() throws {
        let always = ["--rate", "--validate"], facefcn = ["--narrow"],
            light = ["--shares", "--validation-set"]
        func refuse(_ options: [String], _ what: String) throws {
            guard let option = options.first(where: arguments.has) else { return }
            throw CommandError.usage(
                "\(option) belongs to --recipe\(what); a solver's files say it themselves")
        }
        if recipe == nil { try refuse(always, "") }
        if recipe != .facefcn { try refuse(facefcn, " facefcn") }
        if recipe?.isLight != true { try refuse(light, " light or small") }
        if recipe != nil, !arguments.has("--data") { throw CommandError.usage("--recipe needs --data DIR") }
    }

    func run() throws {
        var options = try self.options()
        try makeFolder(folder)
        if recipe != nil { try writeRecipe() }
        let files = try SolverFiles(
            path: recipe != nil ? "\(folder)/solver.prototxt" : arguments.text("--solver")!)
        if let count = try arguments.integer("--preview", 1...400) {
            return try preview(count, files, options)
        }
        if let recipe { options.snapshotPrefix = "\(folder)/\(recipe)" }
        if arguments.has("--resume") {
            options.snapshot = latestSnapshot(
                prefix: options.snapshotPrefix ?? files.settings.snapshotPrefix,
                damaged: { Console.remark("\($0); looking for the one before") })
        }
        let run = try TrainingRun(files, options)
        try TrainWatch(run, folder: folder, isCaffe: arguments.has("--caffe-log")).run()
    }

    private func options() throws -> TrainingRunOptions {
        var options = TrainingRunOptions()
        options.folder = arguments.text("--data")
        options.mended = arguments.text("--mended")
        options.threads = try Workers.checked(threads: arguments.integer("--threads", 1...1024))
        options.precision = try arguments.precision()
        options.batch = try arguments.integer("--batch", 1...4096)
        options.weights = arguments.texts("--weights")
        options.transplants = recipe != nil
        options.snapshot = arguments.text("--snapshot")
        options.iterations = try arguments.integer("--iterations", 1...1_000_000_000)
        options.keptSnapshots = try arguments.integer("--keep", 1...1_000_000) ?? options.keptSnapshots
        options.cacheBytes =
            try arguments.integer("--cache", 0...1_000_000).map { $0 << 20 } ?? options.cacheBytes
        options.mostPhotos = try arguments.integer("--photos", 1...1_000_000)
        options.seed = try arguments.integer("--seed", 0...Int.max).map { UInt64($0) }
        if try arguments.choice("--broken", BrokenName.self) == .fail { options.broken = .fatal }
        try setAugmentation(&options)
        return options
    }

    private func setAugmentation(_ options: inout TrainingRunOptions) throws {
        let own: AugmentationName =
            switch recipe {
            case .facefcn: .facefcn
            case .light, .small: .light
            case nil: .none
            }
        let augmentation = try arguments.choice("--augment", AugmentationName.self) ?? own
        guard augmentation != .none else { return }
        let given = try arguments.integer("--size", 32...4096), usual = augmentation == .facefcn ? 512 : 256
        options.recipe = { stage, sources in
            let size = given ?? stage.side ?? usual
            return augmentation == .facefcn
                ? .faceFCN(size: size) : .light(size: size, strength: stage.strength, sources: sources)
        }
        // The net sees enlarged pictures: the post's tip.
        options.validationRecipe = { stage in
            let size = given ?? stage.side ?? usual
            return Recipe([Resized(width: size, height: size)])
        }
    }

    /// `train.prototxt`, `val.prototxt`, `deploy.prototxt` and `solver.prototxt`, but files that are there stay: they may
    /// have been changed, and a run may be going on with them.
    private func writeRecipe() throws {
        let made: any TrainingRecipe = try recipe!.isLight ? lightRecipe() : fcnRecipe()
        let files = [
            ("train.prototxt", made.prototxt(.train)), ("val.prototxt", made.prototxt(.validation)),
            ("deploy.prototxt", made.prototxt(.deploy)),
            (
                "solver.prototxt",
                made.solver(
                    train: "\(folder)/train.prototxt", validation: "\(folder)/val.prototxt",
                    prefix: "\(folder)/\(recipe!)")
            ),
        ]
        for (name, text) in files where !exists("\(folder)/\(name)") {
            try OutputSink.write(Array(text.utf8), to: "\(folder)/\(name)")
        }
    }

    private func fcnRecipe() throws -> FCN8s {
        var recipe = FCN8s()
        recipe.narrowing = try arguments.integer("--narrow", 1...64) ?? 1
        recipe.beginsWithNothing = !arguments.has("--weights")
        recipe.baseRate = try arguments.numbers("--rate", count: 1)?[0] ?? recipe.baseRate
        recipe.iterations = try arguments.integer("--iterations", 1...1_000_000_000) ?? recipe.iterations
        recipe.validationInterval =
            try arguments.integer("--validate", 1...1_000_000_000) ?? recipe.validationInterval
        recipe.folder = arguments.text("--data")!
        return recipe
    }

    private func lightRecipe() throws -> LightNet {
        var recipe = recipe == .small ? LightNet.small : .standard
        recipe.baseRate = try arguments.numbers("--rate", count: 1)?[0] ?? recipe.baseRate
        recipe.iterations = try arguments.integer("--iterations", 1...1_000_000_000) ?? recipe.iterations
        recipe.validationInterval =
            try arguments.integer("--validate", 1...1_000_000_000) ?? recipe.validationInterval
        recipe.folder = arguments.text("--data")!
        recipe.shares = try shares()
        recipe.validationSet = arguments.text("--validation-set")
        return recipe
    }

    private func shares() throws -> [(set: String, weight: Double)]? {
        guard let text = arguments.text("--shares") else { return nil }
        return try text.split(separator: ",").map { part in
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty, let weight = Double(pair[1]), weight > 0, weight.isFinite
            else {
                throw CommandError.usage("--shares: \"\(part)\" is no NAME=NUMBER with a number above 0")
            }
            return (String(pair[0]), weight)
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
