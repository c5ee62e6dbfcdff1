// Convolution, Deconvolution: their shapes. The arithmetic is in Execution and Kernels.

/// A window that slides over two dimensions. Kernel, stride and dilation are 1 or more, padding 0 or more; all
/// are at most ``Window/most``, so that sizes computed from them fit an `Int`.
package struct Window: Sendable, Equatable {
    package struct Side: Sendable, Equatable {
        package var kernel: Int, stride: Int, pad: Int, dilation: Int

        package init(kernel: Int, stride: Int, pad: Int, dilation: Int) {
            (self.kernel, self.stride, self.pad, self.dilation) = (kernel, stride, pad, dilation)
        }

        /// Pixels from the window's first to its last, both counted.
        package var reach: Int { dilation * (kernel - 1) + 1 }
        fileprivate var isModest: Bool { pad <= 256 && reach <= 256 && stride <= 8 }
    }
    package var vertical: Side, horizontal: Side

    package init(vertical: Side, horizontal: Side) {
        (self.vertical, self.horizontal) = (vertical, horizontal)
    }

    static let most = 1 << 20
    package var area: Int { vertical.kernel * horizontal.kernel }

    /// Whether the padding may stand in memory, as a frame around a value, without much waste.
    var isModest: Bool { vertical.isModest && horizontal.isModest }
}

/// Filters slid over the input, Caffe's `Convolution`.
///
/// - Input: `[N, C, H, W]`. Output: `[N, filters, (H + 2 pad - reach) / stride + 1, ...]`, rounded down.
/// - Weights: `[filters, C / group, kernel, kernel]`, and `[filters]` with a bias.
/// - Throws: ``FaceSegError/shape(layer:expected:got:)`` if the window is larger than the padded input.
/// - Source: Caffe `conv_layer.cpp`.
package struct Convolution: ShapedOperation {
    package let filters: Int, group: Int, window: Window, hasBias: Bool

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let input = try inputs[0].planes(layer: layer)
        try checkGroups(group, input.channels, filters, layer: layer)
        let height = try steps(input.height, window.vertical, layer: layer)
        let width = try steps(input.width, window.horizontal, layer: layer)
        return [try Shape([input.batch, filters, height, width], layer: layer)]
    }

    func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]] {
        let channels = try inputs[0].planes(layer: layer).channels
        let weight = [filters, channels / group, window.vertical.kernel, window.horizontal.kernel]
        return hasBias ? [weight, [filters]] : [weight]
    }

    /// Whether every plane has a filter of its own.
    package func isDepthwise(_ input: Shape) -> Bool { group == filters && group == input[1] }

    private func steps(_ n: Int, _ side: Window.Side, layer: String) throws(FaceSegError) -> Int {
        let room = n + 2 * side.pad - side.reach
        guard room >= 0 else {
            throw .shape(
                layer: layer, expected: "\(side.reach - 2 * side.pad) pixels or more", got: "\(n)")
        }
        return room / side.stride + 1
    }
}

/// The transpose of a convolution, Caffe's `Deconvolution`: each input pixel adds a scaled filter to the output.
///
/// - Input: `[N, C, H, W]`. Output: `[N, filters, (H - 1) stride + reach - 2 pad, ...]`.
/// - Weights: `[C, filters / group, kernel, kernel]`, and `[filters]` with a bias.
/// - Source: Caffe `deconv_layer.cpp`.
package struct Deconvolution: ShapedOperation {
    package let filters: Int, group: Int, window: Window, hasBias: Bool

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let input = try inputs[0].planes(layer: layer)
        try checkGroups(group, input.channels, filters, layer: layer)
        let height =
            (input.height - 1) * window.vertical.stride + window.vertical.reach - 2 * window.vertical.pad
        let width =
            (input.width - 1) * window.horizontal.stride + window.horizontal.reach - 2 * window.horizontal.pad
        return [try Shape([input.batch, filters, height, width], layer: layer)]
    }

    func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]] {
        let channels = try inputs[0].planes(layer: layer).channels
        let weight = [channels, filters / group, window.vertical.kernel, window.horizontal.kernel]
        return hasBias ? [weight, [filters]] : [weight]
    }
}

private func checkGroups(_ group: Int, _ channels: Int, _ filters: Int, layer: String) throws(FaceSegError) {
    guard channels % group == 0, filters % group == 0 else {
        throw .shape(
            layer: layer, expected: "channels and filters divisible by group \(group)",
            got: "\(channels) channels, \(filters) filters")
    }
}

/// Every input number times its own weight, summed: Caffe's `InnerProduct`.
///
/// - Input: dimensions from `axis` on are taken as one. Output: those before it, then `outputs`.
/// - Weights: `[outputs, inputs]`, or `[inputs, outputs]` if `transposed`; `[outputs]` with a bias.
/// - Source: Caffe `inner_product_layer.cpp`.
package struct InnerProduct: ShapedOperation {
    package let outputs: Int, axis: Int, transposed: Bool, hasBias: Bool

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let at = try inputs[0].axis(axis, layer: layer)
        return [try inputs[0].replacing(at..<inputs[0].rank, with: [outputs], layer: layer)]
    }

    func weightShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [[Int]] {
        let at = try inputs[0].axis(axis, layer: layer)
        let count = inputs[0].count(at..<inputs[0].rank)
        let weight = transposed ? [count, outputs] : [outputs, count]
        return hasBias ? [weight, [outputs]] : [weight]
    }
}
