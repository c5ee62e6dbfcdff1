// ForwardCommand: numbers through a network as Caffe runs it: no means, no scale, no photo.
import FaceSegKit
import Media

let forwardCommand = Command(
    name: "forward", summary: "numbers through a network, as Caffe runs it",
    usage: "MODEL [PROTOTXT] --input X.npy --output OUT.npy [options]",
    about: """
        Runs a .caffemodel on NumPy files and writes one blob as a NumPy file of float32. Nothing is subtracted
        or scaled. The shape of an input is its file's, whatever the network declares.
        PROTOTXT stands in for the layers in the model's own file. One X.npy or the MODEL may be -, standard
        input, and OUT.npy may be -, standard output; the line that tells of it then goes to standard error.
        """,
    words: .file(["caffemodel", "prototxt"]),
    ownOptions: [
        Option(
            "--input", value: "X.npy", takes: .file(["npy"]), repeats: true,
            help: "numbers for an input; one for each, in the network's order"),
        Option("--output", "-o", value: "OUT.npy", takes: .file(["npy"]), help: "where the blob goes"),
        Option(
            "--blob", value: "NAME",
            help:
                "the blob that is wanted; default: the one that no layer takes, of\nseveral \"score\" or the first"
        ),
        ModelArguments.threads, ModelArguments.precision,
    ],
    examples: [
        ("fcn8s.caffemodel deploy.prototxt --input data.npy --output score.npy", "the network's scores"),
        ("fcn8s.caffemodel --input data.npy --blob pool3 -o pool3.npy", "a blob on the way"),
        ("fcn8s.caffemodel --input - -o - < data.npy > score.npy", "in a pipe"),
    ],
    run: forward)

@Sendable private func forward(_ arguments: Arguments) throws {
    let (path, prototxt) = try files(arguments.words)
    let inputs = arguments.texts("--input")
    guard !inputs.isEmpty else { throw CommandError.usage("no numbers are given: --input X.npy") }
    guard let output = arguments.output("--output") else {
        throw CommandError.usage("--output OUT.npy is missing")
    }
    try checkStandardInput([path] + inputs)
    try OutputSink.refuseTerminal(output)
    var options = ModelOptions()
    options.prototxtPath = prototxt
    let segmenter = try ModelChoice(
        path, options, threads: arguments.integer("--threads", 1...1024),
        precision: arguments.precision()
    ).segmenter()
    var arrays: [NumpyArray] = []
    for input in inputs { arrays.append(try read(input)) }
    let start = now()
    let result = try borrow(arrays[...], []) { given throws(FaceSegError) in
        try segmenter.forward(given, blob: arguments.text("--blob")) { numbers, shape in
            NumpyArray(shape: shape.dimensions, floats: Array(numbers))
        }
    }
    let milliseconds = (now() - start) * 1000
    try OutputSink.write(result.encode(), to: output)
    let sides = result.shape.map(String.init).joined(separator: " x ")
    let line = "float32 \(sides), \(oneDigit(milliseconds)) ms"
    if output == standardFile { Console.remark(line) } else { try Console.line("\(output): \(line)") }
}

private func read(_ path: String) throws(MediaError) -> NumpyArray {
    guard path == standardFile else { return try NumpyArray.read(path: path) }
    return try NumpyArray.decode(readStandardInput(), name: standardInputName)
}

/// Model and prototxt, in either order: Caffe's own tools ask for the prototxt first.
private func files(_ words: [String]) throws(CommandError) -> (model: String, prototxt: String?) {
    switch words.count {
    case 0: throw .usage("no model is named")
    case 1: return (words[0], nil)
    case 2: return words[0].hasSuffix(".prototxt") ? (words[1], words[0]) : (words[0], words[1])
    default: throw .usage("\"\(words[2])\" is too much: a model and a prototxt are taken")
    }
}

/// All arrays as borrowed numbers with their shapes.
private func borrow<Result>(
    _ arrays: ArraySlice<NumpyArray>, _ given: [(numbers: UnsafeBufferPointer<Float>, shape: [Int])],
    _ body: ([(numbers: UnsafeBufferPointer<Float>, shape: [Int])]) throws(FaceSegError) -> Result
) throws(FaceSegError) -> Result {
    guard let first = arrays.first else { return try body(given) }
    return try first.floats.withUnsafeBufferPointer { numbers throws(FaceSegError) in
        try borrow(arrays.dropFirst(), given + [(numbers, first.shape)], body)
    }
}
