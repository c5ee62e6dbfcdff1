// ConvertCommand: a Caffe model written again as one file, with what it says of itself. The writing is the
// library's.
import FaceSegKit
import Media

let convertCommand = Command(
    name: "convert", summary: "Caffe files into one, with names, licence and how photos go in",
    usage: "MODEL [--prototxt P] -o OUT.caffemodel|OUT.prototxt [options]",
    about: """
        Writes layers and weights into one .caffemodel, old forms as today's, and beside them what the options
        below say. Caffe reads such a file and passes over the rest. What no option names stays as it is.
        An OUT that ends in .prototxt gets the layers alone, as text. MODEL may be -, a .caffemodel from standard
        input, and OUT may be -, standard output.
        """,
    words: .file(["caffemodel", "prototxt"]),
    ownOptions: [
        ModelArguments.prototxt,
        Option("-o", value: "OUT", takes: .file(["caffemodel", "prototxt"]), help: "the new file"),
        Option(
            "--format", value: "F", takes: .choice(ModelFormat.self),
            help: "caffemodel (default) or prototxt, where OUT has no such ending"),
        Option("--name", value: "TEXT", help: "the network's name"),
        Option("--version-text", value: "TEXT", help: "which of its versions"),
        Option("--license", value: "TEXT", help: "what its weights may be used for"),
        Option("--description", value: "TEXT", help: "what it is"),
        Option("--accuracy", value: "TEXT", help: "how good it is, and on what"),
    ] + ModelArguments.preprocessing + [
        Option(
            "--canvas", value: "WHAT", takes: .choice(CanvasName.self),
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
        ("old.caffemodel -o - --format prototxt | less", "the layers of a model, to read"),
    ],
    run: convert)

private enum CanvasName: String, CaseIterable { case none, square }

/// The raw value is the ending of such files.
private enum ModelFormat: String, CaseIterable { case caffemodel, prototxt }

@Sendable private func convert(_ arguments: Arguments) throws {
    guard let model = arguments.words.first else { throw CommandError.usage("no model is named") }
    guard arguments.words.count == 1 else {
        throw CommandError.usage("\"\(arguments.words[1])\" is too much: one model is taken")
    }
    guard let output = arguments.output("-o") else { throw CommandError.usage("-o OUT is missing") }
    let format = try format(of: output, arguments.choice("--format", ModelFormat.self))
    let prototxt = arguments.text("--prototxt")
    if let prototxt { try checkPair(model, prototxt) }
    let change = try MetadataChange(arguments)
    if format == .caffemodel { try OutputSink.refuseTerminal(output) }
    var copy = try copy(model, prototxt: prototxt)
    try copy.change { change.apply(&$0, &$1) }
    let sink = try OutputSink(output)
    switch format {
    case .caffemodel: try copy.write { try sink.write($0) }
    case .prototxt: try Array(copy.prototxt.utf8).withUnsafeBytes { try sink.write($0) }
    }
    try sink.commit()
    if output != standardFile { try Console.line("\(model) -> \(output)") }
}

private func format(of output: String, _ wanted: ModelFormat?) throws(CommandError) -> ModelFormat {
    guard let named = ModelFormat(rawValue: ending(output)) else {
        if let wanted { return wanted }
        guard output == standardFile else {
            throw .usage(
                "-o \(output): the name must end in .caffemodel or .prototxt; or say it with --format")
        }
        return .caffemodel
    }
    guard wanted == nil || wanted == named else {
        throw .usage("-o \(output): the ending and --format \(wanted!.rawValue) disagree")
    }
    return named
}

private func copy(_ model: String, prototxt: String?) throws -> ModelCopy {
    guard model == standardFile else { return try ModelCopy(path: model, prototxtPath: prototxt) }
    return try ModelCopy(bytes: readStandardInput(), name: standardInputName, prototxtPath: prototxt)
}

/// What the options change; nil: nothing.
private struct MetadataChange {
    let arguments: Arguments
    let options: ModelOptions
    let canvas: Preprocessing.Canvas?, canvasColor: [Float]?, multipleOf: Int?

    init(_ arguments: Arguments) throws(CommandError) {
        self.arguments = arguments
        options = try ModelArguments.options(arguments)
        canvas = try arguments.choice("--canvas", CanvasName.self).map { $0 == .square ? .square : .none }
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
        preprocessing.exposure = options.exposure ?? preprocessing.exposure
        preprocessing.canvas = canvas ?? preprocessing.canvas
        preprocessing.canvasColor = canvasColor ?? preprocessing.canvasColor
        preprocessing.multipleOf = multipleOf ?? preprocessing.multipleOf
    }
}
