// ModelArguments: which model is meant and how photos go into it: options that several commands share.
import FaceSegKit
import Media

enum ModelArguments {
    static let prototxt = Option(
        "--prototxt", value: "P", takes: .file(["prototxt"]),
        help: "the network's layers, instead of the model's own")
    static let network = Option(
        "--network", value: "N", takes: .choice(NetworkName.self),
        help: "which one of those inside: standard (default), or small: a quarter of its arithmetic")
    static let threads = Option("--threads", value: "N", help: "threads; default: one a processor")
    static let precision = Option(
        "--precision", value: "P", takes: .choice(PrecisionName.self),
        help: "exact (default), or fast: products of 16 bits, or 8, where the processor has them")
    static let refinement = Option(
        "--refine", value: "R", takes: .choice(RefinementName.self),
        help: """
            guided (default): edges follow the photo's; matting: hair's alpha is as fine as the
            photo, for stills; crf: by a dense CRF, slower; none: edges are only enlarged
            """)

    static let crowds = Option(
        "--smallest-head", value: "N|off",
        help: """
            heads of N pixels and more are looked at one by one, 8 to 4096; default: of 24
            in photos of more than a million pixels
            """)

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
        Option(
            "--exposure", value: "E", takes: .choice(ExposureName.self),
            help: "kept, or brightened: dark photos are made brighter for the network"),
    ]

    /// Which one, and how photos go into it.
    static let model =
        [
            Option(
                "--model", value: "M", takes: .file(["caffemodel"]),
                help: "a .caffemodel instead of the built-in network"),
            network, prototxt,
        ] + preprocessing

    static func options(_ arguments: Arguments) throws(CommandError) -> ModelOptions {
        var options = ModelOptions()
        options.prototxtPath = arguments.text("--prototxt")
        options.mean = try arguments.numbers("--means", count: 3)
        options.scale = try arguments.numbers("--scale", count: 1)?[0]
        options.workingSize = try arguments.side("--size", or: "photo")
        options.reduceSize = try arguments.side("--reduce", or: "none")
        options.classNames = arguments.list("--classes")
        options.exposure = try arguments.choice("--exposure", ExposureName.self).map {
            $0 == .kept ? .kept : .brightened
        }
        return options
    }
}

/// A model that is still to be opened: what is wrong with the command line is said before that.
struct ModelChoice {
    private let path: String?, network: BuiltInNetwork
    private let options: ModelOptions, threads: Int?, precision: Precision
    private let refinement: Refinement, crowds: CrowdSearch

    /// - path: nil: the built-in network that is named.
    init(
        _ path: String?, network: BuiltInNetwork = .standard, _ options: ModelOptions, threads: Int? = nil,
        precision: Precision = .exact,
        refinement: Refinement = .guided, crowds: CrowdSearch = .automatic
    ) throws(CommandError) {
        if let path, let prototxt = options.prototxtPath { try checkPair(path, prototxt) }
        (self.path, self.network, self.options) = (path, network, options)
        (self.threads, self.precision) = (threads, precision)
        (self.refinement, self.crowds) = (refinement, crowds)
    }

    /// What `--model` and its companions say; precision and refinement may be known already.
    init(
        _ arguments: Arguments, precision: Precision? = nil, refinement: Refinement? = nil
    ) throws(CommandError) {
        let path = arguments.text("--model")
        let companions = ([ModelArguments.prototxt] + ModelArguments.preprocessing).map { $0.names[0] }
        if path == nil, let option = companions.first(where: arguments.has) {
            throw .usage("\(option) is about a model of your own: name it with --model")
        }
        let (named, asked) = try (arguments.precision(), arguments.refinement())
        try self.init(
            path, network: arguments.network(unless: path), ModelArguments.options(arguments),
            threads: arguments.integer("--threads", 1...1024),
            precision: precision ?? named, refinement: refinement ?? asked, crowds: arguments.crowds())
    }

    /// For reports.
    var name: String { path ?? (network == .small ? "built-in small" : "built-in") }

    func open() throws -> Model {
        guard let path else { return try Model.builtIn(network) }
        guard path == standardFile else { return try Model.open(path: path, options: options) }
        return try readStandardInput().withUnsafeBytes {
            try Model.open(bytes: $0, name: standardInputName, options: options)
        }
    }

    /// - isSteady: whether photos are frames of one video, each of which follows those before.
    func segmenter(isSteady: Bool = false) throws -> Segmenter {
        try Segmenter(
            open(), threads: threads, precision: precision, refinement: refinement, crowds: crowds,
            steady: isSteady)
    }
}

enum NetworkName: String, CaseIterable {
    case standard, small
}

enum PrecisionName: String, CaseIterable {
    case exact, fast
}

enum ExposureName: String, CaseIterable {
    case kept, brightened
}

enum RefinementName: String, CaseIterable {
    case none, guided, matting, crf
}

extension Arguments {
    /// Which built-in network is meant.
    ///
    /// - Parameter path: of a model of the caller's own; then none may be named.
    func network(unless path: String?) throws(CommandError) -> BuiltInNetwork {
        if let path, has("--network") {
            throw .usage("--network is about the networks inside, but \(path) is another: name one of them")
        }
        return try choice("--network", NetworkName.self) == .small ? .small : .standard
    }

    func refinement() throws(CommandError) -> Refinement {
        switch try choice("--refine", RefinementName.self) {
        case .some(.none): .none
        case .matting: .matting
        case .crf: .crf
        case .guided, nil: .guided
        }
    }

    func crowds() throws(CommandError) -> CrowdSearch {
        if text("--smallest-head") == "off" { return .off }
        return try integer("--smallest-head", 8...4096).map { .heads(from: $0) } ?? .automatic
    }

    func precision() throws(CommandError) -> Precision {
        try choice("--precision", PrecisionName.self) == .fast ? .fast : .exact
    }
}

/// Standard input can be read once.
func checkStandardInput(_ paths: [String]) throws(CommandError) {
    guard paths.count(where: { $0 == standardFile }) <= 1 else {
        throw .usage("- is given twice, but there is one standard input")
    }
}

/// A prototxt has layers only: of two, one would be passed over in silence.
func checkPair(_ model: String, _ prototxt: String) throws(CommandError) {
    guard !model.hasSuffix(".prototxt") else {
        throw .usage("\(model) and \(prototxt) are two prototxts; name a .caffemodel, or one of them")
    }
}
