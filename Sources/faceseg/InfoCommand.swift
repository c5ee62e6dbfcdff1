// InfoCommand: what a model is and what its layers look like at a size. Text for people; InfoJSON has the
// same for programs.
import FaceSegKit

let infoCommand = Command(
    name: "info", summary: "what a model is: classes, licence, layers, sizes", usage: "[MODEL] [options]",
    about: """
        Shows what a model says of itself, how photos go into it, and its layers with shapes, weights,
        multiply-adds and memory at one size. MODEL is a .caffemodel, a .prototxt, or - for a .caffemodel from
        standard input; without one it is the built-in network.

        Weights that layers share are counted for each of them. Multiply-adds are those of convolutions,
        deconvolutions and inner products. Memory is what a run takes: weights as this processor's kernels read
        them, and scratch between the layers; a photo's own rows come on top. With a limit, layers run by
        bands of rows where they would take more.

        --time runs the network on numbers of no meaning. A step's GFLOP/s are those of its layers as they are
        written, a multiply-add being two: what a kernel leaves out makes them more.
        """,
    words: .file(["caffemodel", "prototxt"]),
    ownOptions: [
        ModelArguments.network, ModelArguments.prototxt,
        InputSize.option,
        Option(
            "--threads", value: "N", help: "threads that scratch memory is for; default: one a processor"),
        ModelArguments.precision,
        Option(
            "--memory-limit", value: "BYTES",
            help: "scratch memory that a run may take; default: any"),
        Option(
            "--plan",
            help: """
                how it would run on this processor: what becomes one step,
                which kernel runs it, and what is left out
                """),
        Option("--time", help: "the same with what each step takes here"),
        Option(
            "--runs", value: "N",
            help: "runs of which --time shows the medians, 1 to 1000; default: 10"),
        Option("--json", help: "all of it as one line of JSON"),
    ],
    examples: [
        ("--size 512x512", "the built-in network, and what this program found on this machine"),
        ("their.caffemodel --size 500x375", "a model's layers for a photo of 500 rows and 375 columns"),
        ("their.caffemodel --size 512x512 --plan", "which kernel runs which layer"),
        ("--size 256x256 --time --threads 1 --runs 50", "where the time goes"),
        ("train_val.prototxt --size 1,3,512,512 --json", "layers alone"),
    ],
    run: info)

@Sendable private func info(_ arguments: Arguments) throws {
    guard arguments.words.count <= 1 else {
        throw CommandError.usage("\"\(arguments.words[1])\" is too much: one model is taken")
    }
    let sizes = try InputSize.list(arguments)
    let threads = try arguments.integer("--threads", 1...1024)
    let precision = try arguments.precision()
    let limit = try arguments.integer("--memory-limit", 1...Int.max)
    let model = try choice(arguments).open()
    let shapes = try InputSize.shapes(sizes, model.network.inputs)
    func sized() throws -> (ModelSummary, ModelMemory) {
        let summary = try ModelSummary(model, inputShapes: shapes)
        let memory = try ModelMemory(
            model, inputShapes: shapes, threads: threads, precision: precision, memoryLimit: limit)
        return (summary, memory)
    }
    let planned = try InfoPlan.wanted(arguments) {
        try InfoPlan(
            PlanSummary(
                model, inputShapes: shapes, threads: threads, precision: precision, memoryLimit: limit),
            times: $0.map {
                try Segmenter(model, threads: threads, precision: precision, memoryLimit: limit).stageTimes(
                    inputShapes: shapes, runs: $0)
            })
    }
    let count = threads ?? Runtime.processors
    if arguments.has("--json") {
        let (summary, memory) = try sized()
        return try Console.line(infoJSON(model, summary, memory, try planned?(), threads: count).line)
    }
    // What a model says of itself stands there even if it cannot take this size.
    try Console.line(head(model))
    let (summary, memory) = try sized()
    try Console.line(body(summary, memory, threads: count))
    if let planned { try Console.line(planned().text) }
    try Console.line(machine)
}

private func choice(_ arguments: Arguments) throws(CommandError) -> ModelChoice {
    var options = ModelOptions()
    options.prototxtPath = arguments.text("--prototxt")
    guard arguments.words.count == 1 || options.prototxtPath == nil else {
        throw .usage("--prototxt is about a model of your own: name it, or the prototxt alone")
    }
    return try ModelChoice(
        arguments.words.first, network: arguments.network(unless: arguments.words.first), options)
}

private func head(_ model: Model) -> String {
    let info = model.info
    let rows = [
        ["version", info.version], ["description", info.description], ["licence", info.license],
        ["accuracy", info.accuracy], ["classes", classes(info.classNames)],
        ["photos", description(model.preprocessing)],
    ].filter { !$0[1].isEmpty }
    return ([info.name.isEmpty ? "A network without a name" : info.name] + table(rows).map { "  " + $0 })
        .joined(separator: "\n")
}

/// The first of them, where there are as many as only a network for something else has.
private func classes(_ names: [String]) -> String {
    let shown = names.prefix(64).enumerated().map { "\($0) \($1)" }.joined(separator: ", ")
    return names.count > 64 ? "\(shown) ... \(grouped(names.count)) in all" : shown
}

/// How photos go in.
private func description(_ preprocessing: Preprocessing) -> String {
    var steps: [String] = []
    if let size = preprocessing.reduceSize { steps.append("reduced to \(size)") }
    steps.append(preprocessing.workingSize.map { "longest side \($0)" } ?? "at their own size")
    if preprocessing.canvas == .square {
        steps.append("on a square of B, G, R \(listed(preprocessing.canvasColor))")
    }
    if preprocessing.multipleOf > 1 { steps.append("sides a multiple of \(preprocessing.multipleOf)") }
    if preprocessing.exposure == .brightened { steps.append("dark ones brightened") }
    steps.append("minus B, G, R \(listed(preprocessing.mean))")
    if preprocessing.scale != 1 { steps.append("times \(short(preprocessing.scale))") }
    return steps.joined(separator: "; ")
}

private func body(_ summary: ModelSummary, _ memory: ModelMemory, threads: Int) -> String {
    let inputs = summary.inputs.map { "\($0.name) \($0.shape)" }
    let outputs = summary.outputs.map { "\($0.name) \($0.shape)" }
    let scratch = "\(bytes(memory.scratch)) scratch with \(threads == 1 ? "1 thread" : "\(threads) threads")"
    let least = "the least limit is \(bytes(memory.leastScratch))"
    let rows = [
        ["inputs", inputs.joined(separator: ", ")], ["outputs", outputs.joined(separator: ", ")],
        ["memory", "\(bytes(memory.weights)) packed weights, \(scratch); \(least)"],
    ]
    var layers = [["layer", "type", "output", "weights", "multiply-adds", "blobs"]] + summary.layers.map(row)
    layers.append([
        "total", summary.layers.count == 1 ? "1 layer" : "\(summary.layers.count) layers", "",
        grouped(summary.weightCount),
        grouped(summary.multiplyAdds), "",
    ])
    return (table(rows).map { "  " + $0 } + [""] + table(layers, numbers: [3, 4]) + [""]).joined(
        separator: "\n")
}

private func row(_ layer: ModelSummary.Layer) -> [String] {
    // Outputs of one shape, as those of a Split, show it once.
    let shapes = Set(layer.outputShapes).count == 1 ? Array(layer.outputShapes.prefix(1)) : layer.outputShapes
    let inputs = layer.inputs.joined(separator: ", "), outputs = layer.outputs.joined(separator: ", ")
    return [
        layer.name, layer.type, shapes.map(\.description).joined(separator: ", "), count(layer.weightCount),
        count(layer.multiplyAdds), "\(inputs) -> \(outputs)",
    ]
}

func count(_ number: Int) -> String { number == 0 ? "" : grouped(number) }

private var machine: String {
    let openMP = Runtime.openMP ?? "none, threads begin and end with each call"
    return "faceseg \(version): kernels \(Runtime.cpu), OpenMP \(openMP), threads \(Runtime.processors)"
}
