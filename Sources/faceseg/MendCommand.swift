// MendCommand: labels of a data set completed by a trained network, as masks for `faceseg train --mended`. What is
// mended, and how, stands in LabelMending.
import FaceSegKit
import FaceSegTraining
import Media

let mendCommand = Command(
    name: "mend", summary: "labels of a data set completed by a trained network",
    usage: "--data DIR -o MASKS [options]",
    about: """
        Writes masks for those photos whose labels a trained network completes, as MASKS/SET/NAME.png, for `faceseg
        train --mended MASKS`. The data set's own files stay as they are.

        LFW Part Labels know one person a photo: what the network calls face or hair far from there becomes 255,
        which is ignored. Figaro-1k knows hair alone: where the network is certain of face or background, that is
        written; elsewhere it stays "not hair", 130. Other sets stay as they are.
        """,
    words: .anything,
    ownOptions: [
        Option(
            "--data", value: "DIR", takes: .file([]), help: "the data set's folder, or one of several sets"),
        Option("--split", value: "S", help: "train (default), val, test or all"),
        Option("-o", "--output-folder", value: "MASKS", takes: .file([]), help: "for the masks"),
        Option("--certain", value: "P", help: "probability from which on a class is written; default: 0.9"),
        Option(
            "--model", value: "M", takes: .file(["caffemodel"]),
            help: "a .caffemodel instead of the built-in network"),
        ModelArguments.prototxt,
    ] + ModelArguments.preprocessing + [ModelArguments.threads, ModelArguments.precision],
    examples: [
        ("--data sets -o mended", "what the built-in network knows of every set in a folder"),
        ("--data sets --model first.caffemodel -o mended", "what your first training knows, for the second"),
    ]
) { arguments in
    if let word = arguments.words.first {
        throw CommandError.usage("\"\(word)\" is too much: the folder is named by --data")
    }
    guard let data = arguments.text("--data") else {
        throw CommandError.usage("no data set is named: --data DIR")
    }
    guard let folder = arguments.text("-o") else {
        throw CommandError.usage("no folder for the masks is named: -o MASKS")
    }
    let certain = try arguments.numbers("--certain", count: 1)?[0] ?? 0.9
    guard (0.5...1).contains(certain) else { throw CommandError.usage("--certain: a number of 0.5 to 1") }
    let choice = try ModelChoice(arguments)
    let sets = try DataSet.open(data, split: arguments.text("--split") ?? "train").filter { set in
        set.photos.contains(where: \.canBeMended)
    }
    guard !sets.isEmpty else {
        throw CommandError.failed("\(data): no set in it is of a kind whose labels can be mended")
    }
    try Mender(choice.segmenter(), folder: folder, certain: certain).mend(sets)
}

private struct Mender {
    let segmenter: Segmenter, folder: String, certain: Float

    init(_ segmenter: Segmenter, folder: String, certain: Float) throws(CommandError) {
        guard segmenter.model.classCount == 3 else {
            throw .failed(
                "the model has \(segmenter.model.classCount) classes; background, face and hair are wanted")
        }
        (self.segmenter, self.folder, self.certain) = (segmenter, folder, certain)
    }

    /// Photos that cannot be read are told of and left out.
    func mend(_ sets: [DataSet]) throws {
        Console.showBar(count: sets.reduce(0) { $0 + $1.count })
        defer { Console.hideBar() }
        var done = 0.0, isFine = true
        for set in sets {
            var photos = 0, changed = 0, pixels = 0
            for index in set.photos.indices {
                do {
                    let (changes, of) = try mend(set, index)
                    photos += changes > 0 ? 1 : 0
                    (changed, pixels) = (changed + changes, pixels + of)
                } catch let error as MediaError {
                    Console.complain("\(error)")
                    isFine = false
                }
                done += 1
                Console.advanceBar(to: done)
            }
            let share = percent(Double(changed) / Double(max(pixels, 1)))
            try Console.line(
                "\(set.title): \(photos) of \(set.count) photos mended, \(share) % of the pixels")
        }
        if !isFine { throw CommandError.alreadyTold }
    }

    /// Pixels that have other labels now, of how many.
    private func mend(_ set: DataSet, _ index: Int) throws -> (changed: Int, pixels: Int) {
        let photo = set.photos[index], sample = try set.sample(at: index)
        _ = try segmenter.segment(sample.pixels.span, width: sample.width, height: sample.height)
        var mending = LabelMending(
            probabilities: try (0..<3).map { try segmenter.probability(of: $0).pixels })
        mending.certain = certain
        let labels = mending.labels(of: sample, labelsOnePerson: photo.labelsOnePerson)
        let changed = zip(labels, sample.labels).count { $0 != $1 }
        if changed > 0 {
            let mask = set.mendedMask(of: index, in: folder)
            try makeFolder(FaceSegKit.folder(of: mask))
            let bytes = try encodePNG(
                width: sample.width, height: sample.height, channels: 1, pixels: labels, fast: true)
            try OutputSink.write(bytes, to: mask)
        }
        return (changed, labels.count)
    }
}
