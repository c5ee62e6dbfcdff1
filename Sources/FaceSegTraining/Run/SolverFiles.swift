// SolverFiles: a solver.prototxt and the nets that it names, opened as Caffe opens them, and what their data layers ask
// for. Source: Caffe `solver.cpp`.
import FaceSegKit

/// What a data layer wants.
package struct DataRequest: Sendable, Equatable {
    /// As the net has it; nil: it does not say.
    package var folder: String?, split: String
    package var mean: [Float] = [0, 0, 0], scale: Float = 1
    package var seed: UInt64 = 1
    package var isRandom: Bool
    package var curriculum = Curriculum()
    /// How often samples of each of several sets are drawn, by the sets' names; those that are not named are left out. nil:
    /// all samples are drawn alike.
    package var shares: [String: Double]?
    /// The blobs that it fills.
    package var data = "data", label = "label"
}

/// A solver's settings with its nets, not yet made.
package struct SolverFiles {
    package let settings: SolverSettings
    package let train: Message, validation: Message?
    package let trainState: CaffeState, validationState: CaffeState

    /// - path: of a solver.prototxt. Paths in it are taken from the current folder, as Caffe takes them, or else from the
    ///   solver's own.
    package init(path: String) throws(FaceSegError) {
        let text = try textFile(path)
        let message = try readMessage("SolverParameter", text: Array(text.utf8), name: path)
        settings = try SolverSettings(message)
        let folder = FaceSegKit.folder(of: path)
        func net(_ name: String) throws(FaceSegError) -> Message {
            let place = (try? FileByteSource(path: name)) == nil ? folder + name : name
            return try readNetParameter(text: Array(try textFile(place).utf8), name: place)
        }
        let named = message.string("net"), trained = message.string("train_net")
        guard
            [named != nil, trained != nil, message.has("net_param"), message.has("train_net_param")].count(
                where: { $0 }) == 1
        else {
            throw message.failure("needs one of net, train_net, net_param, train_net_param, and only one")
        }
        let inline = message.message("net_param") ?? message.message("train_net_param")
        if let inline { train = inline } else { train = try net(named ?? trained!) }
        if let inline = message.messages("test_net_param").first {
            validation = inline
        } else if let tested = message.strings("test_net").first {
            validation = try net(tested)
        } else {
            validation =
                message.ints("test_iter").isEmpty || named == nil && !message.has("net_param") ? nil : train
        }
        trainState = SolverFiles.state("TRAIN", message.message("train_state"), of: train)
        validationState = SolverFiles.state("TEST", message.messages("test_state").first, of: validation)
    }

    /// The net's own level and stages, and the solver's.
    private static func state(_ phase: String, _ own: Message?, of net: Message?) -> CaffeState {
        var state = CaffeState()
        state.phase = phase
        for message in [net?.message("state"), own] {
            guard let message else { continue }
            state.level = message.int("level") ?? state.level
            state.stages.formUnion(message.strings("stage"))
        }
        return state
    }
}

extension DataRequest {
    /// What the net's data layer asks for.
    ///
    /// - replacing: whether a layer of any type will do, as its folder is given from outside.
    /// - Throws: if there is none, or its type cannot be read here.
    package init(of net: Message, state: CaffeState, replacing: Bool) throws(FaceSegError) {
        var found: Message?
        for layer in try upgradedLayers(net) where try state.holds(layer) {
            if case .data = CaffeRole(layer) { found = found ?? layer }
        }
        guard let layer = found else {
            throw net.failure("no layer gives data in the phase \(state.phase); trainings need a data layer")
        }
        let name = layer.string("name") ?? "", type = layer.string("type") ?? "", tops = layer.strings("top")
        guard tops.count >= 2 else {
            throw .network(layer: name, reason: "gives \(tops.count) blobs; data and label are wanted")
        }
        guard type == "Python" || replacing else {
            throw .network(
                layer: name,
                reason: "reads data of type \(type), which is not read here; name a folder with --data")
        }
        self.init(split: state.phase == "TRAIN" ? "train" : "val", isRandom: state.phase == "TRAIN")
        (data, label) = (tops[0], tops[1])
        guard type == "Python" else { return }
        let parameters = try PythonParameters(layer.message("python_param")?.string("param_str") ?? "{}")
        folder = parameters.folder
        split = parameters.string("split") ?? split
        if let mean = try parameters.numbers("mean", count: 3) { self.mean = mean.map { Float($0) } }
        if let seed = try parameters.number("seed", in: 0...0x1p53) { self.seed = UInt64(seed) }
        isRandom = (parameters.bool("randomize") ?? true) && split.contains("train")
        if let scale = try parameters.number("scale", in: -1e6...1e6) { self.scale = Float(scale) }
        if let batch = try parameters.number("batch_size", in: 1...4096) {
            curriculum = Curriculum(batch: Int(batch))
        }
        if let rows = try parameters.rows("sizes") { curriculum = try Curriculum(rows: rows) }
        shares = try parameters.table("shares")
        if let (name, share) = shares?.first(where: { !($0.value > 0) }) {
            throw .argument("param_str: the share \(share) of \(name) is not above 0")
        }
    }

    init(split: String, isRandom: Bool) { (self.split, self.isRandom) = (split, isRandom) }
}
