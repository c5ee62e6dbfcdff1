// ExportCommand: a model as an ONNX file, for runtimes that read no Caffe. The writing is the library's.
import FaceSegKit
import Media

let exportCommand = Command(
    name: "export", summary: "a network as an ONNX file, for other runtimes",
    usage: "[MODEL] [--prototxt P] [--size SIZE] OUT.onnx",
    about: """
        Writes layers and weights as ONNX: opset 13, float32, inputs of one fixed shape, below 2 GiB. Numbers go in
        as into `faceseg forward`, nothing subtracted or scaled; what is to be done with photos before, the names
        of the classes and the licence stand in the file's metadata_props. The main output comes first.
        MODEL is a .caffemodel, or - for one from standard input; without it, it is the built-in network. OUT.onnx
        may be -, standard output. A layer that ONNX has no operators for is an error that names it.
        """,
    words: .file(["caffemodel", "onnx"]),
    ownOptions: [ModelArguments.network, ModelArguments.prototxt, InputSize.option],
    examples: [
        ("face.onnx", "the built-in network"),
        (
            "their.caffemodel --prototxt deploy.prototxt --size 512x512 their.onnx",
            "Caffe files, for one size"
        ),
    ],
    run: export)

@Sendable private func export(_ arguments: Arguments) throws {
    let (path, output) = try files(arguments.words)
    var options = ModelOptions()
    options.prototxtPath = arguments.text("--prototxt")
    guard path != nil || options.prototxtPath == nil else {
        throw CommandError.usage("--prototxt is about a model of your own: name it before \(output)")
    }
    let sizes = try InputSize.list(arguments)
    let choice = try ModelChoice(path, network: arguments.network(unless: path), options)
    try OutputSink.refuseTerminal(output)
    let model = try choice.open()
    let shapes = try InputSize.shapes(sizes, model.network.inputs)
    let onnx = try ONNXExport(model, inputShapes: shapes)
    let sink = try OutputSink(output)
    try onnx.write { try sink.write($0) }
    try sink.commit()
    let values = try ModelSummary(model, inputShapes: shapes)
    let inputs = values.inputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    let isPiped = output == standardFile
    let name = path == standardFile ? standardInputName : path ?? "the built-in network"
    let line = "\(name) -> \(isPiped ? "standard output" : output): \(inputs)"
    if isPiped { Console.remark(line) } else { try Console.line(line) }
}

private func files(_ words: [String]) throws(CommandError) -> (model: String?, output: String) {
    guard words.count <= 2 else {
        throw .usage("\"\(words[2])\" is too much: one model and OUT.onnx are taken")
    }
    guard let output = words.last, output == standardFile || ending(output) == "onnx" else {
        throw .usage("OUT.onnx is missing: the last name must end in .onnx")
    }
    return (words.count == 2 ? words[0] : nil, output)
}
