// Pooling: shapes of windows that are reduced to one number.

/// The largest or the mean of each window, with Caffe's rounding.
///
/// - Input: `[N, C, H, W]`. Output: `[N, C, ceil((H + 2 pad - k) / stride) + 1, ...]`; with padding, a last
///   window that would start beyond the picture and its padding is left out.
/// - Border: windows may hang over. The mean's divisor counts padding, not what hangs over.
/// - Source: Caffe `pooling_layer.cpp`; 710 -> 355 -> 178 in fcn8s-atonce.
package struct Pooling: ShapedOperation {
    package enum Kind: Sendable { case max, average }
    package let kind: Kind
    /// nil: one window over the whole plane (`global_pooling`). Its dilation is 1.
    package let window: Window?
    package let roundsUp: Bool

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let input = try inputs[0].planes(layer: layer)
        guard let window else { return [try Shape([input.batch, input.channels, 1, 1], layer: layer)] }
        let padded = window.vertical.pad > 0 || window.horizontal.pad > 0
        let height = try steps(input.height, window.vertical, padded: padded, layer: layer)
        let width = try steps(input.width, window.horizontal, padded: padded, layer: layer)
        return [try Shape([input.batch, input.channels, height, width], layer: layer)]
    }

    private func steps(_ n: Int, _ side: Window.Side, padded: Bool, layer: String) throws(FaceSegError) -> Int
    {
        guard side.pad < side.kernel else {
            throw .network(layer: layer, reason: "pad \(side.pad) is not below kernel \(side.kernel)")
        }
        let room = n + 2 * side.pad - side.kernel
        let up = roundsUp ? side.stride - 1 : 0
        // Swift's division truncates; a window larger than the picture rounds as Caffe's ceil and floor do.
        var count = Int((Double(room + up) / Double(side.stride)).rounded(.down)) + 1
        if padded, (count - 1) * side.stride >= n + side.pad { count -= 1 }
        guard count >= 1 else {
            throw .shape(layer: layer, expected: "\(side.kernel - 2 * side.pad) pixels or more", got: "\(n)")
        }
        return count
    }
}
