// ConvertCommand: a Caffe model written again as one file, with what it says of itself. The writing is the
// library's.
import FaceSegKit

let convertCommand = Command(
    name: "convert", summary: "Caffe files into one, with names, licence and how photos go in",
    usage: "MODEL [--prototxt P] -o OUT.caffemodel|OUT.prototxt [options]",
    about: """
        Writes layers and weights into one .caffemodel, old forms as today's, and beside them what the options
        below say. Caffe reads such a file and passes over the rest. What no option names stays as it is.
        An OUT that ends in .prototxt gets the layers alone, as text.
        """,
    ownOptions: [
        ModelArguments.prototxt,
        Option("-o", value: "OUT", help: "the new file"),
        Option("--name", value: "TEXT", help: "the network's name"),
        Option("--version-text", value: "TEXT", help: "which of its versions"),
        Option("--license", value: "TEXT", help: "what its weights may be used for"),
        Option("--description", value: "TEXT", help: "what it is"),
        Option("--accuracy", value: "TEXT", help: "how good it is, and on what"),
    ] + ModelArguments.preprocessing + [
        Option(
            "--canvas", value: "WHAT",
            help: "none: the input has the photo's shape; square: the photo stands in the\nmiddle of a square"
        ),
        Option(
            "--canvas-color", value: "B,G,R", help: "of the square, and of what is added for --multiple-of"),
        Option(
            "--multiple-of", value: "N", help: "sides of the input are rounded up to a multiple, 1 to 1024"),
    ],
    examples: [
        (
            "their.caffemodel --prototxt deploy.prototxt -o faces.caffemodel --classes background,face,hair",
            "one file for `faceseg segment --model faces.caffemodel`"
        ),
        ("old.caffemodel -o layers.prototxt", "the layers of a model, to read"),
    ],
    run: convert)

private enum CanvasName: String, CaseIterable { case none, square }

@Sendable private func convert(_ arguments: Arguments) throws {
    guard let model = arguments.words.first else { throw CommandError.usage("no model is named") }
    guard arguments.words.count == 1 else {
        throw CommandError.usage("\"\(arguments.words[1])\" is too much: one model is taken")
    }
    guard let output = arguments.text("-o") else { throw CommandError.usage("-o OUT is missing") }
    guard output.hasSuffix(".caffemodel") || output.hasSuffix(".prototxt") else {
        throw CommandError.usage("-o \(output): the name must end in .caffemodel or .prototxt")
    }
    if let prototxt = arguments.text("--prototxt") { try checkPair(model, prototxt) }
    let change = try MetadataChange(arguments)
    try Model.convert(path: model, prototxtPath: arguments.text("--prototxt"), to: output) {
        change.apply(&$0, &$1)
    }
    try Console.line("\(model) -> \(output)")
}

/// What the options change; nil: nothing.
private struct MetadataChange {
    let arguments: Arguments
    let options: ModelOptions
    let canvas: Preprocessing.Canvas?, canvasColor: [Float]?, multipleOf: Int?

    init(_ arguments: Arguments) throws(CommandError) {
        self.arguments = arguments
        options = try ModelArguments.options(arguments)
        let canvases = try arguments.choice("--canvas", CanvasName.self)
        guard canvases.count <= 1 else { throw .usage("--canvas takes one word") }
        canvas = canvases.first.map { $0 == .square ? .square : .none }
        canvasColor = try arguments.numbers("--canvas-color", count: 3)
        multipleOf = try arguments.integer("--multiple-of", 1...1024)
    }

    func apply(_ info: inout ModelInfo, _ preprocessing: inout Preprocessing) {
        info.name = arguments.text("--name") ?? info.name
        info.version = arguments.text("--version-text") ?? info.version
        info.license = arguments.text("--license") ?? info.license
        info.description = arguments.text("--description") ?? info.description
        info.accuracy = arguments.text("--accuracy") ?? info.accuracy
        info.classNames = options.classNames ?? info.classNames
        preprocessing.mean = options.mean ?? preprocessing.mean
        preprocessing.scale = options.scale ?? preprocessing.scale
        if let size = options.workingSize { preprocessing.workingSize = size == 0 ? nil : size }
        if let size = options.reduceSize { preprocessing.reduceSize = size == 0 ? nil : size }
        preprocessing.canvas = canvas ?? preprocessing.canvas
        preprocessing.canvasColor = canvasColor ?? preprocessing.canvasColor
        preprocessing.multipleOf = multipleOf ?? preprocessing.multipleOf
    }
}
