// TrainedLayer: a layer of a net in training as a value: what it does, which blobs it takes and makes. Its numbers are
// elsewhere: weights in Parameters, the rest in a TrainingPlan.
import FaceSegKit

/// What a layer does in training. Most do what they do in use.
enum TrainedOperation {
    case compute(Operation)
    /// Given from outside; the shapes are what the file says, if it does.
    case feed([Shape?])
    case dropout(ratio: Float)
    /// By the batch's own statistics, or by the stored ones.
    case batchNorm(BatchNorm, usesStored: Bool, momentum: Float)
    case loss(Loss)
    case accuracy(top: Int, axis: Int, ignored: Float?)

    var isLoss: Bool { if case .loss = self { true } else { false } }

    /// Whether a gradient can go through it.
    var hasGradient: Bool {
        switch self {
        case .feed, .accuracy: false
        case .compute(.argMax), .compute(.silence): false
        default: true
        }
    }

    var trained: Operation? {
        switch self {
        case .compute(let operation): operation
        case .batchNorm(let norm, _, _): .batchNorm(norm)
        default: nil
        }
    }
}

struct TrainedLayer {
    let name: String, type: String
    let message: Message
    /// Indices of blobs in single-assignment form.
    let bottoms: [Int], tops: [Int]
    let operation: TrainedOperation
    /// Of each top, 0 for most.
    let lossWeights: [Float]
    /// Indices of the net's parameters, a blob of the layer each.
    var parameters: [Int] = []

    var isFeed: Bool { if case .feed = operation { true } else { false } }

    /// Of a ReLU: what numbers below 0 are multiplied by.
    var reluSlope: Float? {
        guard case .compute(.unary(let unary)) = operation, case .relu(let slope) = unary.kind else {
            return nil
        }
        return slope
    }
}

/// The operation of a layer in a phase.
func makeTrainedOperation(_ layer: Message, phase: String) throws(FaceSegError) -> TrainedOperation {
    let tops = layer.strings("top").count
    switch CaffeRole(layer) {
    case .data: return .feed(Array(repeating: nil, count: tops))
    case .input:
        let shapes = layer.message("input_param")?.messages("shape") ?? []
        return .feed(
            try (0..<tops).map { (top) throws(FaceSegError) in
                guard let shape = shapes.count == 1 ? shapes[0] : top < shapes.count ? shapes[top] : nil
                else { return nil }
                return try Shape(shape.ints("dim"), layer: layer.string("name") ?? "")
            })
    case .compute, .measure: break
    }
    switch layer.string("type") ?? "" {
    case "Dropout":
        let ratio = layer.message("dropout_param")?.float("dropout_ratio") ?? 0.5
        guard ratio > 0, ratio < 1 else {
            // Caffe dies of a ratio of 0; nets that mean "none" are met, so it is that here.
            guard ratio == 0 else { throw layer.failure("dropout_ratio \(ratio) is not in 0 ..< 1") }
            return .compute(.identity(outputs: 1))
        }
        return phase == "TRAIN" ? .dropout(ratio: ratio) : .compute(.identity(outputs: 1))
    case "BatchNorm":
        let parameters = layer.message("batch_norm_param")
        return .batchNorm(
            BatchNorm(eps: parameters?.float("eps") ?? 1e-5),
            usesStored: parameters?.bool("use_global_stats") ?? (phase == "TEST"),
            momentum: parameters?.float("moving_average_fraction") ?? 0.999)
    case "Accuracy":
        let parameters = layer.message("accuracy_param")
        return .accuracy(
            top: parameters?.int("top_k") ?? 1, axis: parameters?.int("axis") ?? 1,
            ignored: parameters?.int("ignore_label").map { Float($0) })
    default:
        if let loss = try Loss(layer) { return .loss(loss) }
        return .compute(try makeOperation(layer))
    }
}
