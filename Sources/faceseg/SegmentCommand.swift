// SegmentCommand: photos in, pictures of their segments out: options and order of work. How results are made
// stands in SegmentResult, where they go in SegmentFiles, what is said of them in SegmentReport.
import FaceSegKit
import Media

let segmentCommand = Command(
    name: "segment", summary: "photos in; masks, overlays, cut-outs out",
    usage: "PHOTO... [-o OUT] [options]",
    about: """
        Finds face (skin), hair and background in photos. A PHOTO is a JPEG, PNG or WebP file, or a folder of
        such files (without its own folders and without earlier results, *.faceseg.png).

        The result of photo.jpg is photo.faceseg.png (probabilities: photo.faceseg.npy). Of several outputs each
        has its own name: photo.labels.png, photo.overlay.png, photo.cutout.png, photo.alpha.png,
        photo.probabilities.npy. Files that had these names are replaced.

        Outputs:
          labels         palette PNG; the number of a pixel is its class: 0 background, 1 face, 2 hair
          overlay        the photo with each class but the background coloured; the default
          cutout         the photo, transparent outside the target
          alpha          grey: how much of each pixel belongs to the target
          probabilities  NumPy file, float32 [class, row, column]
        """,
    ownOptions: [
        Option(
            "-o", value: "OUT",
            help: """
                one photo: a folder that is there, or a file; its ending .png, .jpg or .webp
                says how it is written. Several photos, a folder of them, or several
                outputs: a folder, made if it is missing. Default for one photo: beside it
                """),
        Option(
            "--output", value: "WHAT", repeats: true,
            help: "labels, overlay, cutout, alpha or probabilities; several with commas"),
        Option(
            "--target", value: "WHAT",
            help: "of cutout and alpha: face, hair or head, which is both (default)"),
        Option("--model", value: "M", help: "a .caffemodel instead of the built-in network"),
        ModelArguments.prototxt,
    ] + ModelArguments.preprocessing + [
        ModelArguments.threads,
        Option("--json", help: "a line of JSON for each photo"),
    ],
    examples: [
        ("photo.jpg", "writes photo.faceseg.png: the photo with face and hair coloured"),
        ("photo.jpg --output cutout -o me.webp", "cuts the head out"),
        ("holiday/ -o masks --output labels,alpha", "two pictures of each photo in a folder"),
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

private enum TargetName: String, CaseIterable {
    case face, hair, head

    var target: Target {
        switch self {
        case .face: .face
        case .hair: .hair
        case .head: .head
        }
    }
}

/// What one command line asks for; no model is open yet.
private struct SegmentCall {
    let photos: [String]
    /// Paths that could not be read.
    let failures: Int
    let files: SegmentFiles, target: Target, model: ModelChoice, report: SegmentReport

    init(_ arguments: Arguments) throws {
        guard !arguments.words.isEmpty else { throw CommandError.usage("no photo is named") }
        let outputs = try arguments.choice("--output", Output.self)
        let targets = try arguments.choice("--target", TargetName.self)
        guard targets.count <= 1 else {
            throw CommandError.usage("--target takes one word; head is face and hair")
        }
        target = targets.first?.target ?? .head
        model = try ModelChoice(arguments)
        report = SegmentReport(isJSON: arguments.has("--json"))
        let several = arguments.words.count > 1 || isFolder(arguments.words[0])
        let place = try SegmentPlace(
            arguments.text("-o"), several: several, outputs: outputs.isEmpty ? [.overlay] : outputs)
        var photos: [String] = [], failures = 0
        for word in arguments.words {
            do throws(MediaError) {
                photos += try findPhotos([word])
            } catch {
                failures += 1
                try report.tell(word, .failure(error))
            }
        }
        (self.photos, self.failures) = (photos, failures)
        files = try SegmentFiles(photos, place)
    }

    /// Whether every photo went well. Throws what concerns them all.
    func run() throws -> Bool {
        if photos.isEmpty { return false }
        let segmenter = try model.segmenter()
        try files.makeFolder()
        var failures = failures, report = report
        report.classNames = segmenter.model.info.classNames
        for (photo, files) in zip(photos, files.ofPhotos) {
            let result = Result { try SegmentResult(photo, segmenter, target, files) }
            if case .failure = result { failures += 1 }
            try report.tell(photo, result)
        }
        return failures == 0
    }
}
