// Pointwise: layers that treat every number alike, or by its channel. Shapes go through.

/// A function of each number: ReLU, Sigmoid and the rest of Caffe's neuron layers.
package struct Unary: ShapedOperation, Equatable {
    package enum Kind: Sendable, Equatable {
        case relu(slope: Float)
        case elu(alpha: Float)
        case sigmoid, tanh, absVal, bnll
        case clip(min: Float, max: Float)
        /// outer * e^(inner x)
        case exp(inner: Float, outer: Float)
        /// factor * ln(scale x + shift)
        case log(factor: Float, scale: Float, shift: Float)
        /// (scale x + shift)^power
        case power(power: Float, scale: Float, shift: Float)
        case swish(beta: Float)
        case threshold(Float)
    }
    package let kind: Kind

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] { inputs }
}

/// A ReLU whose negative slope is trained, one a channel (axis 1) or one for all.
///
/// - Weights: `[C]`, or `[]` or `[1]` if shared. Source: Caffe `prelu_layer.cpp`.
package struct PReLU: ShapedOperation {
    package let isShared: Bool

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        guard inputs[0].rank >= 2 else {
            throw .shape(layer: layer, expected: "2 dimensions or more", got: "\(inputs[0])")
        }
        return inputs
    }

    func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]] {
        isShared ? [[]] : [[inputs[0][1]]]
    }
}

/// Sum, product or maximum of inputs of one shape, number by number. Source: Caffe `eltwise_layer.cpp`.
package struct Eltwise: ShapedOperation {
    package enum Kind: Sendable { case sum, product, max }
    package let kind: Kind
    /// Factors of the inputs of a sum; empty: all 1.
    package let coefficients: [Float]

    /// A sum with factors of 1.
    var isPlainSum: Bool {
        if case .sum = kind { coefficients.allSatisfy { $0 == 1 } } else { false }
    }

    var inputCounts: ClosedRange<Int> { 1...Int.max }

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        for input in inputs where input != inputs[0] {
            throw .shape(layer: layer, expected: "inputs of one shape, \(inputs[0])", got: "\(input)")
        }
        guard coefficients.isEmpty || coefficients.count == inputs.count else {
            throw .network(
                layer: layer, reason: "\(coefficients.count) coefficients for \(inputs.count) inputs")
        }
        return [inputs[0]]
    }
}

/// A factor and an addend for each channel: Caffe's `Scale` and `Bias`, trained or from a second input.
///
/// - Factors cover the dimensions `axis ..< axis + axes` of the input (`axes` -1: to the end, 0: one number).
/// - With one input the weights are `[factors][addends]`, as far as there are any; with two, the second is the
///   factor (or the addend, if there is no factor) and the weights are the addend alone.
/// - Source: Caffe `scale_layer.cpp`, `bias_layer.cpp`.
package struct Scale: ShapedOperation {
    package let axis: Int, axes: Int, hasFactor: Bool, hasAddend: Bool

    var inputCounts: ClosedRange<Int> { 1...2 }

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let covered = try range(inputs, layer: layer)
        if inputs.count == 2, Array(inputs[0].dimensions[covered]) != inputs[1].dimensions {
            throw .shape(
                layer: layer, expected: "\(Shape.text(Array(inputs[0].dimensions[covered])))",
                got: "\(inputs[1])")
        }
        return [inputs[0]]
    }

    func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]] {
        let sides = Array(inputs[0].dimensions[try range(inputs, layer: layer)])
        let trained = (hasFactor ? 1 : 0) + (hasAddend ? 1 : 0) - (inputs.count - 1)
        return Array(repeating: sides, count: max(trained, 0))
    }

    /// Dimensions that the factors cover.
    package func range(_ inputs: [Shape], layer: String) throws(FaceSegError) -> Range<Int> {
        let rank = inputs[0].rank
        let start = axis == rank ? rank : try inputs[0].axis(axis, layer: layer)
        let length = inputs.count == 2 ? inputs[1].rank : axes == -1 ? rank - start : axes
        guard length >= 0, start + length <= rank else {
            throw .shape(layer: layer, expected: "\(start + length) dimensions or more", got: "\(inputs[0])")
        }
        return start..<start + length
    }
}

/// (x - mean) / sqrt(variance + eps) with the running statistics.
///
/// - Weights: sums of means `[C]`, of variances `[C]`, and the number `[1]` that divides both.
/// - Source: Caffe `batch_norm_layer.cpp`.
package struct BatchNorm: ShapedOperation {
    package let eps: Float

    package init(eps: Float) { self.eps = eps }

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] { inputs }

    func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]] {
        let channels = inputs[0].rank > 1 ? inputs[0][1] : 1
        return [[channels], [channels], [1]]
    }
}
