// Statistics: layers that look at many numbers to make each of theirs, without weights.

/// Local response normalization. Source: Caffe `lrn_layer.cpp`.
///
/// Across channels: x / (k + alpha / size * sum of squares)^beta over `size` channels. Within a channel: the
/// same over a square of `size` pixels a side, with k 1.
package struct LRN: ShapedOperation {
    package let size: Int, alpha: Float, beta: Float, k: Float, withinChannel: Bool

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        _ = try inputs[0].planes(layer: layer)
        guard size % 2 == 1 else { throw .network(layer: layer, reason: "local_size \(size) is not odd") }
        return inputs
    }
}

/// Mean taken off, deviation divided out: over a plane, or over all channels. Source: Caffe `mvn_layer.cpp`.
package struct MVN: ShapedOperation {
    package let normalizesVariance: Bool, acrossChannels: Bool, eps: Float

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        _ = try inputs[0].planes(layer: layer)
        return inputs
    }
}

/// e^x over its sum along `axis`. Source: Caffe `softmax_layer.cpp`.
package struct Softmax: ShapedOperation {
    package let axis: Int

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        _ = try inputs[0].axis(axis, layer: layer)
        return inputs
    }
}

/// Dimensions from `axis` on as one number. Source: Caffe `reduction_layer.cpp`.
package struct Reduction: ShapedOperation {
    package enum Kind: Sendable { case sum, absoluteSum, squareSum, mean }
    package let kind: Kind, axis: Int, coefficient: Float

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let at = try inputs[0].axis(axis, layer: layer)
        return [try Shape(Array(inputs[0].dimensions[..<at]), layer: layer)]
    }
}

/// Indices (as floats) or values of the `topK` largest. Source: Caffe `argmax_layer.cpp`.
///
/// With an axis the output has `topK` there. Without one, each picture is one row of numbers and the output is
/// `[N, 1, topK]`, or `[N, 2, topK]`, indices then values, with `givesValues`.
package struct ArgMax: ShapedOperation {
    package let axis: Int?, topK: Int, givesValues: Bool

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let input = inputs[0]
        guard input.rank >= 1 else { throw .shape(layer: layer, expected: "a dimension", got: "\(input)") }
        let at = try axis.map { (axis) throws(FaceSegError) in try input.axis(axis, layer: layer) }
        let choices = at.map { input[$0] } ?? input.count(1..<input.rank)
        guard topK <= choices else {
            throw .shape(layer: layer, expected: "\(topK) choices or more", got: "\(input)")
        }
        if let at { return [try input.replacing(at..<at + 1, with: [topK], layer: layer)] }
        // Caffe makes it a blob of at least three dimensions.
        let ones = Array(repeating: 1, count: max(input.rank, 3) - 3)
        return [try Shape([input[0], givesValues ? 2 : 1, topK] + ones, layer: layer)]
    }
}
