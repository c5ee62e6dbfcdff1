// SegmentCommand: photos in, pictures of their segments out: options and order of work. How results are made
// stands in SegmentResult, where they go in SegmentFiles, what is said of them in SegmentReport.
import FaceSegKit
import Media

let segmentCommand = Command(
    name: "segment", summary: "photos in; masks, overlays, cut-outs out",
    usage: "PHOTO... [-o OUT] [options]",
    about: """
        Finds face (skin), hair and background in photos. A PHOTO is a JPEG, PNG or WebP file, a folder of
        such files (without its own folders), a pattern in quotes like 'holiday/*.jpg' or 'holiday/**/*.jpg',
        or - for standard input. Folders and patterns pass over earlier results.

        The result of photo.jpg is photo.faceseg.png (probabilities: photo.faceseg.npy). Of several outputs each
        has its own name: photo.labels.png, photo.overlay.png, photo.cutout.png, photo.alpha.png,
        photo.probabilities.npy, photo.heads.png, photo.recolor.png. Files that had these names are replaced.

        Outputs:
          labels         palette PNG; the number of a pixel is its class: 0 background, 1 face, 2 hair
          overlay        the photo with each class but the background coloured; the default
          cutout         the photo, transparent outside the target
          alpha          grey: how much of each pixel belongs to the target
          probabilities  NumPy file, float32 [class, row, column]
          heads          palette PNG; the number of a pixel is that of the head it belongs to, 0 nobody's; with
                         --json boxes and areas of the heads, too
          recolor        the photo with hair or skin in the colours of --recolor

        Formats:
          png   all but probabilities; the default
          jpg   overlay, alpha and recolor
          webp  overlay, cutout, alpha and recolor
          npy   all: uint8 [row, column] and for pictures [row, column, channel]; alpha is float32, 0 to 1

        On a terminal a bar shows how long several photos will take; with --json it does not.
        """,
    words: .file(photoEndings),
    ownOptions: [
        Option(
            "-o", value: "OUT", takes: .file([]),
            help: """
                one photo: a folder that is there, a file, or - for standard output; its
                ending .png, .jpg, .webp or .npy says how it is written. Several photos, a
                folder of them, or several outputs: a folder, made if it is missing.
                Default for one photo: beside it
                """),
        Option(
            "--output", value: "WHAT", takes: .choices(Output.self), repeats: true,
            help: "labels, overlay, cutout, alpha, probabilities, heads or recolor; several with commas"),
        Option(
            "--format", value: "F", takes: .choice(FileFormat.self),
            help: "png, jpg, webp or npy, where no name tells; of several outputs all"),
        Option(
            "--target", value: "WHAT", takes: .choice(TargetName.self),
            help: "of cutout and alpha: face, hair or head, which is both (default)"),
        Option(
            "--premultiplied", help: "of cutout: colours are multiplied by alpha, as compositors take them"),
        Option(
            "--recolor", value: "TARGET=#RRGGBB", repeats: true,
            help: """
                face, hair or head in another colour that keeps shading and strands;
                #RRGGBBAA is less strong. Several with commas: hair=#8a2be2,face=#3a8f3a80.
                The output is recolor then, unless --output says more
                """),
    ] + ModelArguments.model + [
        ModelArguments.threads, ModelArguments.precision, ModelArguments.refinement,
        ModelArguments.crowds,
        Option("--json", help: "a line of JSON for each photo"),
    ],
    examples: [
        ("photo.jpg", "writes photo.faceseg.png: the photo with face and hair coloured"),
        ("photo.jpg --output cutout -o me.webp", "cuts the head out"),
        ("photo.jpg --output cutout --refine matting", "the same, hair for hair and without a halo"),
        ("photo.jpg --recolor hair=#e8c97a", "makes the hair blond"),
        ("holiday/ -o masks --output labels,alpha", "two pictures of each photo in a folder"),
        ("- -o - --output labels < photo.jpg > mask.png", "from standard input to standard output"),
        (
            "photo.jpg --model fcn8s.caffemodel --prototxt deploy.prototxt",
            "with a network of your own, fed as FaceFCN's are unless its file or options say how"
        ),
    ]
) { arguments in
    let call = try SegmentCall(arguments)
    let isFine = try call.run()
    if !isFine { throw CommandError.alreadyTold }
}

private let photoEndings = ["jpg", "jpeg", "png", "webp"]

/// What one command line asks for; no model is open yet.
private struct SegmentCall {
    let photos: [String]
    /// Paths that could not be read.
    let failures: Int
    let files: SegmentFiles, wish: ResultWish, model: ModelChoice, report: SegmentReport

    init(_ arguments: Arguments) throws {
        let words = arguments.words, out = arguments.output("-o")
        guard !words.isEmpty else { throw CommandError.usage("no photo is named") }
        wish = try ResultWish(arguments)
        let outputs = try Self.outputs(arguments, wish)
        model = try ModelChoice(arguments)
        try checkStandardInput(words + arguments.texts("--model"))
        report = SegmentReport(isJSON: arguments.has("--json"), isAside: out == standardFile)
        var photos: [String] = [], missing: [(word: String, error: MediaError)] = []
        for word in words {
            do throws(MediaError) { photos += try Self.photos(word) } catch { missing.append((word, error)) }
        }
        // Folders and patterns that hold no photo are told as such, not asked where its result should go.
        let isFruitless = out == nil && photos.isEmpty && words.allSatisfy(Self.isSearch)
        let several = words.count > 1 || Self.isSearch(words[0])
        let place = try SegmentPlace(
            out, words, several: several && !isFruitless, outputs: outputs,
            format: arguments.choice("--format", FileFormat.self))
        if let out { try OutputSink.refuseTerminal(out) }
        for (word, error) in missing { try report.tell(word, .failure(error)) }
        (self.photos, self.failures) = (photos, missing.count)
        files = try SegmentFiles(photos, place)
    }

    private static func outputs(
        _ arguments: Arguments, _ wish: ResultWish
    ) throws(CommandError) -> [Output] {
        let isRecolored = !wish.recolors.isEmpty
        let outputs = try arguments.choices("--output", Output.self)
        guard !outputs.isEmpty else { return isRecolored ? [.recolor] : [.overlay] }
        guard outputs.contains(.recolor) == isRecolored else {
            throw .usage(
                isRecolored
                    ? "--recolor is about --output recolor, which is not among the outputs"
                    : "--output recolor needs --recolor, for example --recolor hair=#8a2be2")
        }
        return outputs
    }

    private static func isSearch(_ word: String) -> Bool { isFolder(word) || isPattern(word) }

    private static func photos(_ word: String) throws(MediaError) -> [String] {
        if word == standardFile { return [word] }
        guard isPattern(word) else { return try findPhotos([word], isResult: ResultName.isTaken) }
        let found = try matches(pattern: word).filter { !ResultName.isTaken(lastName($0)) }
        guard !found.isEmpty else {
            throw MediaError(path: word, reason: "only earlier results have such names")
        }
        return try findPhotos(found.map { $0 == standardFile ? "./-" : $0 }, isResult: ResultName.isTaken)
    }

    /// Whether every photo went well. Throws what concerns them all.
    func run() throws -> Bool {
        if photos.isEmpty { return false }
        let segmenter = try model.segmenter()
        try files.makeFolder()
        var failures = failures, report = report
        report.classNames = segmenter.model.info.classNames
        if photos.count > 1 && !report.isJSON { Console.showBar(count: photos.count) }
        defer { Console.hideBar() }
        for (index, (photo, files)) in zip(photos, files.ofPhotos).enumerated() {
            let result = Result {
                try SegmentResult(photo, segmenter, wish, files) { share in
                    Console.advanceBar(to: Double(index) + Double(share))
                }
            }
            Console.advanceBar(to: Double(index + 1))
            if case .failure = result { failures += 1 }
            try report.tell(photo, result)
        }
        return failures == 0
    }
}
