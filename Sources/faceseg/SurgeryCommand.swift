// SurgeryCommand: weights of one network for another that is not quite the same.
import FaceSegKit
import FaceSegTraining

let surgeryCommand = Command(
    name: "surgery", summary: "a network's weights for another that is not quite the same",
    usage: "FROM.caffemodel NET.prototxt -o OUT.caffemodel [options]",
    about: """
        Copies weights by layer name into the net that the prototxt describes, as FCN's surgery.py does: those of
        fully connected layers become convolutions of as many weights, score layers may have more classes, whose old
        ones come first, and deconvolutions that the file lacks enlarge bilinearly. What fits nowhere is named and
        keeps what its filler gives.
        """,
    words: .file(["caffemodel", "prototxt"]),
    ownOptions: [
        Option(
            "-o", "--output-file", value: "OUT", takes: .file(["caffemodel"]), help: "the new .caffemodel"),
        Option("--seed", value: "N", help: "of what fillers draw; default: 1"),
    ],
    examples: [
        ("vgg16.caffemodel train.prototxt -o vgg16fc.caffemodel", "VGG-16 as the beginning of an FCN"),
        ("fcn8s-voc.caffemodel face/train.prototxt -o begin.caffemodel", "21 classes of an FCN, made more"),
    ]
) { arguments in
    guard arguments.words.count == 2 else {
        throw CommandError.usage("a .caffemodel and a .prototxt are wanted")
    }
    guard let output = arguments.text("-o") else { throw CommandError.usage("no output is named: -o OUT") }
    let seed = try arguments.integer("--seed", 0...Int.max) ?? 1
    let report = try transplanted(
        from: arguments.words[0], into: arguments.words[1], output: output, seed: UInt64(seed))
    for line in report.lines { try Console.line(line) }
}
