// Loss: which loss a layer is, and how it is normalized. The arithmetic is in LossPass.
import FaceSegKit

/// What a loss layer measures. Source: Caffe's loss layers; `Dice` is not in Caffe.
struct Loss {
    enum Kind { case softmax, dice, euclidean, sigmoid, hinge(squared: Bool), multinomial }
    /// What the sum is divided by: all positions, those that count, the batch, or 1.
    enum Normalization { case full, valid, batchSize, none }

    let kind: Kind
    let axis: Int
    let ignored: Float?
    let normalization: Normalization
    /// A factor for each class, of ours; empty: all 1.
    let classWeights: [Float]

    /// nil if the layer is no loss that is known.
    init?(_ layer: Message) throws(FaceSegError) {
        switch layer.string("type") ?? "" {
        case "SoftmaxWithLoss": kind = .softmax
        case "DiceLoss": kind = .dice
        case "EuclideanLoss": kind = .euclidean
        case "SigmoidCrossEntropyLoss": kind = .sigmoid
        case "HingeLoss":
            kind = .hinge(squared: layer.message("hinge_loss_param")?.enumeration("norm") == "L2")
        case "MultinomialLogisticLoss": kind = .multinomial
        default: return nil
        }
        let parameters = layer.message("loss_param")
        classWeights = parameters?.floats("class_weight") ?? []
        axis = layer.message("softmax_param")?.int("axis") ?? 1
        ignored = parameters?.int("ignore_label").map { Float($0) }
        if let named = parameters?.enumeration("normalization") {
            normalization =
                switch named {
                case "FULL": .full
                case "BATCH_SIZE": .batchSize
                case "NONE": .none
                default: .valid
                }
        } else if let normalizes = parameters?.bool("normalize") {
            normalization = normalizes ? .valid : .batchSize
        } else if case .softmax = kind {
            normalization = .valid
        } else {
            normalization = .batchSize
        }
    }

    /// The divisor, at least 1.
    func divisor(counted: Int, positions: Int, batch: Int) -> Float {
        let divisor =
            switch normalization {
            case .full: positions
            case .valid: counted
            case .batchSize: batch
            case .none: 1
            }
        return Float(max(divisor, 1))
    }
}
