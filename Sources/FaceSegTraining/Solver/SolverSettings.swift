// SolverSettings: what a solver.prototxt says, with Caffe's defaults, checked. Source: Caffe `caffe.proto`, `solver.cpp`.
import FaceSegKit

/// How weights change.
package struct SolverSettings: Sendable {
    package enum Kind: String, Sendable {
        case sgd = "SGD", nesterov = "Nesterov", adaGrad = "AdaGrad", rmsProp = "RMSProp", adaDelta =
            "AdaDelta"
        case adam = "Adam"
        /// Not Caffe's: Adam with a decay that does not pass through its moments (Loshchilov and Hutter 2019), and changes
        /// of matrices made orthogonal (Jordan 2024), with AdamW for all that is no matrix.
        case adamW = "AdamW", muon = "Muon"
        /// Blobs of history a parameter.
        var histories: Int {
            switch self {
            case .adaDelta, .adam, .adamW, .muon: 2
            default: 1
            }
        }
    }

    package var kind = Kind.sgd
    package var rate = RatePolicy()
    package var momentum: Float = 0, momentum2: Float = 0.999, rmsDecay: Float = 0.99, delta: Float = 1e-8
    /// Of what Muon leaves to AdamW, times what the rate's policy makes of 1; nil: the base rate.
    package var adamRate: Float?
    /// How much of itself the average of the weights keeps in each iteration, of ours; nil: none is made.
    package var averaging: Float?
    package var weightDecay: Float = 0, decaysBySign = false
    /// Norm of all gradients together that is not passed; 0 or less: any.
    package var clipGradients: Float = -1
    /// Passes whose gradients add up to one change.
    package var iterationSize = 1
    package var mostIterations = 0
    package var averageLoss = 1
    package var display = 0
    package var testIterations: [Int] = [], testInterval = 0
    package var testsAtStart = true
    package var snapshotInterval = 0, snapshotPrefix = "", snapshotsAtEnd = true
    package var seed: UInt64?
    /// Files that the weights begin with.
    package var weights: [String] = []

    package init() {}

    /// - message: a `SolverParameter`.
    /// - Throws: if a value is out of range, or names a solver, policy or format that there is not.
    package init(_ message: Message) throws(FaceSegError) {
        kind = try SolverSettings.kind(message)
        rate = try RatePolicy(message)
        momentum = message.float("momentum") ?? 0
        momentum2 = message.float("momentum2") ?? 0.999
        rmsDecay = message.float("rms_decay") ?? 0.99
        delta = message.float("delta") ?? 1e-8
        weightDecay = message.float("weight_decay") ?? 0
        adamRate = message.float("adam_lr")
        averaging = message.float("weight_average")
        switch message.string("regularization_type") ?? "L2" {
        case "L2": decaysBySign = false
        case "L1": decaysBySign = true
        case let type: throw message.failure("regularization_type \"\(type)\" is neither L1 nor L2")
        }
        clipGradients = message.float("clip_gradients") ?? -1
        iterationSize = message.int("iter_size") ?? 1
        mostIterations = message.int("max_iter") ?? 0
        averageLoss = message.int("average_loss") ?? 1
        display = message.int("display") ?? 0
        testIterations = message.ints("test_iter")
        testInterval = message.int("test_interval") ?? 0
        testsAtStart = message.bool("test_initialization") ?? true
        snapshotInterval = message.int("snapshot") ?? 0
        snapshotPrefix = message.string("snapshot_prefix") ?? ""
        snapshotsAtEnd = message.bool("snapshot_after_train") ?? true
        if let seed = message.int("random_seed"), seed >= 0 { self.seed = UInt64(seed) }
        weights = message.strings("weights").flatMap { $0.split(separator: ",").map(String.init) }
        try check(message)
    }

    private static func kind(_ message: Message) throws(FaceSegError) -> Kind {
        if let name = message.string("type") {
            guard let kind = Kind(rawValue: name) else {
                throw message.failure(
                    "type \"\(name)\" is no solver; there are SGD, Nesterov, AdaGrad, RMSProp, AdaDelta, Adam, "
                        + "AdamW, Muon")
            }
            return kind
        }
        let old: [String: Kind] = [
            "SGD": .sgd, "NESTEROV": .nesterov, "ADAGRAD": .adaGrad, "RMSPROP": .rmsProp,
            "ADADELTA": .adaDelta, "ADAM": .adam,
        ]
        return old[message.enumeration("solver_type") ?? "SGD"] ?? .sgd
    }

    private func check(_ message: Message) throws(FaceSegError) {
        for (name, value) in [
            ("iter_size", iterationSize), ("average_loss", averageLoss),
        ] where value < 1 {
            throw message.failure("\(name) \(value) is below 1")
        }
        for (name, value) in [
            ("max_iter", mostIterations), ("display", display), ("test_interval", testInterval),
            ("snapshot", snapshotInterval),
        ] where value < 0 {
            throw message.failure("\(name) \(value) is below 0")
        }
        guard averaging.map({ $0 >= 0 && $0 < 1 }) ?? true else {
            throw message.failure("weight_average \(averaging!) is not in 0 ..< 1")
        }
        guard message.enumeration("snapshot_format") != "HDF5" else {
            throw message.failure("snapshot_format HDF5 is not written; leave it out for BINARYPROTO")
        }
    }
}
