// PackedSize: how large a layer's packed weights will be, from shapes alone. Packer makes them; a test holds the two
// together.
import Kernels

extension Packer {
    /// More weights than any file of 2 GiB has; below it no size computed here overflows.
    private static let mostWeights = 1 << 40

    /// Bytes of what ``pack(_:of:inputs:)`` gives. No weight is read. `Int.max` where a network that is only looked at
    /// says more than can be counted.
    static func packedSize(
        _ fused: FusedLayer, of network: Network, inputs: [Shape], precision: Precision
    ) throws(FaceSegError) -> Int {
        let layer = network.layers[fused.layer], inputs = fused.addsInput ? inputs.dropLast() : inputs
        if case .constant = fused.operation { return 0 }
        let weights = try layer.operation.weightShapes(inputs, layer: layer.name)
        guard weights.allSatisfy({ product($0) <= Packer.mostWeights }) else { return .max }
        let folded = fused.folded.map { network.layers[$0].operation.channelParts }
        let adds = weights.count > 1 || folded.contains { $0.addend }
        switch layer.operation {
        case .convolution(let convolution):
            let isBlocked = convolution.isBlocked(inputs[0])
            let bias = isBlocked ? blocked(convolution.filters) : convolution.filters
            return Buffer.bytes(filters(convolution, weights[0], inputs[0], precision))
                + (adds ? Buffer.bytes(bias) : 0)
        case .innerProduct(let product):
            let depth = weights[0].reduce(1, *) / product.outputs
            let packed = fsk_convolution_packed_size(variant, product.outputs, depth)
            return Buffer.bytes(packed) + (adds ? Buffer.bytes(product.outputs) : 0)
        case .deconvolution(let deconvolution):
            let phases = deconvolution.window.phases
            let sizes = phases.map {
                taps(deconvolution, inputs[0][1], $0.vertical.taps * $0.horizontal.taps)
            }
            let isBlocked = deconvolution.isBlocked(inputs[0])
            let bias = isBlocked ? blocked(deconvolution.filters) : deconvolution.filters
            return sizes.reduce(adds ? Buffer.bytes(bias) : 0) { $0 + Buffer.bytes($1) }
        case .batchNorm, .scale: return channels(layer, folded, weights, inputs)
        case .prelu: return Buffer.bytes(weights[0].reduce(1, *))
        default: return 0
        }
    }

    /// Channels up to a whole block.
    private static func blocked(_ channels: Int) -> Int {
        (channels + BlockKernels.width - 1) / BlockKernels.width * BlockKernels.width
    }

    /// Floats of a convolution's filters.
    private static func filters(
        _ convolution: Convolution, _ weight: [Int], _ input: Shape, _ precision: Precision
    )
        -> Int
    {
        switch convolution.form(input, precision) {
        case .planes: return weight.reduce(1, *)
        case .depthwise: return blocked(convolution.filters) * convolution.window.area
        case .blocks(let form, let precision):
            var sizes = convolution.sizes(input)
            (sizes.form, sizes.precision) = (form, precision)
            return fsk_block_packed_size(BlockKernels.variant, &sizes)
        case .grouped:
            let depth = weight.dropFirst().reduce(1, *), groups = convolution.group
            return fsk_convolution_packed_size(variant, convolution.filters / groups, depth) * groups
        }
    }

    /// Floats of one phase's filters, which have so many taps.
    private static func taps(_ deconvolution: Deconvolution, _ channels: Int, _ taps: Int) -> Int {
        let groups = deconvolution.group, filters = deconvolution.filters / groups
        if deconvolution.packsBlocks(channels) { return blocked(groups) * taps }
        if channels == groups, filters == 1 { return groups * taps }
        return fsk_convolution_packed_size(variant, filters, channels / groups * taps) * groups
    }

    /// Factors and addends of a chain of BatchNorm and Scale layers.
    private static func channels(
        _ layer: Layer, _ folded: [(factor: Bool, addend: Bool)], _ weights: [[Int]], _ inputs: [Shape]
    ) -> Int {
        let count = Buffer.bytes(weights.first?.reduce(1, *) ?? 0)
        if inputs.count == 2 { return weights.isEmpty ? 0 : count }
        let all = [layer.operation.channelParts] + folded
        return (all.contains { $0.factor } ? count : 0) + (all.contains { $0.addend } ? count : 0)
    }
}
