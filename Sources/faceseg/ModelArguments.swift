// ModelArguments: which model is meant and how photos go into it: options that several commands share.
import FaceSegKit

enum ModelArguments {
    static let prototxt = Option(
        "--prototxt", value: "P", help: "the network's layers, instead of the model's own")
    static let threads = Option("--threads", value: "N", help: "threads; default: one a processor")

    /// How a photo becomes numbers; a plain Caffe file says nothing of it.
    static let preprocessing = [
        Option("--means", value: "B,G,R", help: "subtracted from blue, green and red, 0 to 255"),
        Option("--scale", value: "S", help: "multiplied after that"),
        Option(
            "--size", value: "N|photo", help: "longest side in the network, 1 to 4096; photo: the photo's own"
        ),
        Option(
            "--reduce", value: "N|none", help: "longest side that larger photos are reduced to before that"),
        Option("--classes", value: "A,B,...", help: "names of the classes, in their order"),
    ]

    /// The model that `--model` and its companions name.
    static func open(_ arguments: Arguments) throws -> Model {
        let companions = [prototxt.names[0]] + preprocessing.map { $0.names[0] }
        guard let path = arguments.text("--model") else {
            if let option = companions.first(where: arguments.has) {
                throw CommandError.usage("\(option) is about a model of your own: name it with --model")
            }
            return try Model.builtIn()
        }
        return try Model.open(path: path, options: options(arguments))
    }

    static func options(_ arguments: Arguments) throws(CommandError) -> ModelOptions {
        var options = ModelOptions()
        options.prototxtPath = arguments.text("--prototxt")
        options.mean = try arguments.numbers("--means", count: 3)
        options.scale = try arguments.numbers("--scale", count: 1)?[0]
        options.workingSize = try arguments.side("--size", or: "photo")
        options.reduceSize = try arguments.side("--reduce", or: "none")
        options.classNames = arguments.list("--classes")
        return options
    }

    static func segmenter(_ model: Model, _ arguments: Arguments) throws -> Segmenter {
        try Segmenter(model, threads: arguments.integer("--threads", 1...1024))
    }
}
