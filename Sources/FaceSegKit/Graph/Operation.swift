// Operation: what a layer does, as a value: one case a kind of arithmetic, not one a Caffe type name. Says which
// shapes come out and which weights must be there; does not compute.

/// What a layer does to its inputs.
package enum Operation: Sendable {
    case convolution(Convolution)
    case deconvolution(Deconvolution)
    case innerProduct(InnerProduct)
    case pooling(Pooling)
    case unary(Unary)
    case prelu(PReLU)
    case eltwise(Eltwise)
    case scale(Scale)
    case batchNorm(BatchNorm)
    case concat(Concat)
    case slice(Slice)
    case crop(Crop)
    case tile(Tile)
    case permute(Permute)
    case reshape(Reshape)
    case flatten(Flatten)
    /// Outputs are the input itself: Split, and Dropout outside training.
    case identity(outputs: Int)
    case lrn(LRN)
    case mvn(MVN)
    case softmax(Softmax)
    case reduction(Reduction)
    case argMax(ArgMax)
    case interp(Interp)
    case upsample(Upsample)
    /// Takes inputs and gives nothing.
    case silence
    /// Takes nothing and gives these numbers, one a channel. No layer of a file is this: see Constants.
    case constant([Float])

    /// The kind of arithmetic as a value that can say its shapes; nil for those without parameters.
    private var shaped: (any ShapedOperation)? {
        switch self {
        case .convolution(let o): o
        case .deconvolution(let o): o
        case .innerProduct(let o): o
        case .pooling(let o): o
        case .unary(let o): o
        case .prelu(let o): o
        case .eltwise(let o): o
        case .scale(let o): o
        case .batchNorm(let o): o
        case .concat(let o): o
        case .slice(let o): o
        case .crop(let o): o
        case .tile(let o): o
        case .permute(let o): o
        case .reshape(let o): o
        case .flatten(let o): o
        case .lrn(let o): o
        case .mvn(let o): o
        case .softmax(let o): o
        case .reduction(let o): o
        case .argMax(let o): o
        case .interp(let o): o
        case .upsample(let o): o
        case .identity, .silence, .constant: nil
        }
    }

    /// Shapes of the outputs for inputs of these shapes.
    package func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        if let shaped {
            try shaped.checkCount(of: inputs, layer: layer)
            return try shaped.outputShapes(inputs, layer: layer)
        }
        guard case .identity(let outputs) = self else { return [] }
        guard inputs.count == 1 else {
            throw .network(layer: layer, reason: "takes 1 input, is given \(inputs.count)")
        }
        return Array(repeating: inputs[0], count: outputs)
    }

    /// Shapes that the layer's weights must have.
    package func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]] {
        guard let shaped else { return [] }
        try shaped.checkCount(of: inputs, layer: layer)
        return try shaped.weightShapes(inputs, layer: layer)
    }
}

/// An operation that says its shapes. `inputs` already has an allowed number of entries.
protocol ShapedOperation: Sendable {
    var inputCounts: ClosedRange<Int> { get }
    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape]
    func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]]
}

extension ShapedOperation {
    var inputCounts: ClosedRange<Int> { 1...1 }
    func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]] { [] }

    fileprivate func checkCount(of inputs: [Shape], layer: String) throws(FaceSegError) {
        guard inputCounts.contains(inputs.count) else {
            throw .network(layer: layer, reason: "takes \(inputCounts.text) inputs, is given \(inputs.count)")
        }
    }
}

extension ClosedRange<Int> {
    /// "1", or "1 to 2", or "1 or more".
    var text: String {
        if lowerBound == upperBound { return "\(lowerBound)" }
        return upperBound == .max ? "\(lowerBound) or more" : "\(lowerBound) to \(upperBound)"
    }
}
