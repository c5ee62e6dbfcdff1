// Packer: weights from a file straight into the form that their kernel reads, panel by panel.
import Kernels

/// Packs the weights of fused layers for this processor.
struct Packer {
    nonisolated(unsafe) static let variant = fsk_convolution_choose(Processor.bits)!
    private let workers: Workers
    private var variant: OpaquePointer { Packer.variant }

    private let precision: Precision

    init(_ workers: Workers, _ precision: Precision) { (self.workers, self.precision) = (workers, precision) }

    /// - inputs: shapes of the layer's inputs at any size.
    func pack(_ fused: FusedLayer, of network: Network, inputs: [Shape]) throws(FaceSegError) -> PackedWeights
    {
        let layer = network.layers[fused.layer]
        if case .constant = fused.operation { return .none }
        // Their shapes bound nothing: only a prototxt was opened.
        for weight in layer.weights where weight.content is MissingWeight {
            try weight.content.read(0..<0, into: UnsafeMutableBufferPointer(start: nil, count: 0))
        }
        switch layer.operation {
        case .convolution(let convolution):
            let factors = try factors(fused, network, channels: convolution.filters)
            let channels = inputs[0][1]
            switch convolution.form(inputs[0], precision) {
            case .planes: return .planes(try packPlanes(layer, factors))
            case .depthwise: return .planes(try packDepthwise(convolution, layer, factors))
            case .grouped: return .filters(try pack(convolution, layer, factors, channels: channels))
            case .blocks(let form, let precision):
                var sizes = convolution.sizes(inputs[0])
                (sizes.form, sizes.precision) = (form, precision)
                return .blocks(try packBlocks(sizes, layer, factors))
            }
        case .innerProduct(let product):
            let factors = try factors(fused, network, channels: product.outputs)
            return .filters(try pack(product, layer, factors, input: inputs[0]))
        case .deconvolution(let deconvolution):
            let factors = try factors(fused, network, channels: deconvolution.filters)
            return try pack(deconvolution, layer, factors, channels: inputs[0][1])
        case .batchNorm, .scale: return try packChannels(fused, network, inputs)
        case .prelu:
            return .channels(gain: try Buffer(layer.weights[0].readAll()), shift: nil)
        default: return .none
        }
    }

    /// What the folded layers make of the layer's own bias.
    private func factors(
        _ fused: FusedLayer, _ network: Network, channels: Int
    ) throws(FaceSegError) -> ChannelFactors {
        var factors = ChannelFactors(channels: channels)
        let layer = network.layers[fused.layer]
        if layer.weights.count > 1 { factors.setShift(try layer.weights[1].readAll().map(Double.init)) }
        for index in fused.folded { try factors.append(network.layers[index]) }
        return factors
    }

    private func bias(_ factors: ChannelFactors) throws(FaceSegError) -> Buffer? {
        factors.parts.addend ? try Buffer(factors.shift.map { Float($0) }) : nil
    }

    private func pack(
        _ convolution: Convolution, _ layer: Layer, _ factors: ChannelFactors, channels: Int
    ) throws(FaceSegError) -> PackedFilters {
        let window = convolution.window, channels = channels / convolution.group
        let depth = channels * window.area, filters = convolution.filters / convolution.group
        let size = fsk_convolution_packed_size(variant, filters, depth)
        let packed = try Buffer(count: size * convolution.group)
        for group in 0..<convolution.group {
            let rows = fsk_filters(
                source: nil, channels: channels, height: window.vertical.kernel,
                width: window.horizontal.kernel,
                filter_step: depth, channel_step: window.area, row_step: window.horizontal.kernel,
                column_step: 1,
                gain: nil)
            try pack(
                rows, of: layer, first: group * filters, count: filters, depth: depth,
                gain: Array(factors.gain[group * filters..<(group + 1) * filters])
            ) { source, begin, part in
                fsk_convolution_pack(
                    Packer.variant, source, filters, begin, part, packed.start + group * size)
            }
        }
        return PackedFilters(weights: packed, bias: try bias(factors))
    }

    private func packBlocks(
        _ sizes: fsk_block_convolution, _ layer: Layer, _ factors: ChannelFactors
    ) throws(FaceSegError) -> PackedFilters {
        var sizes = sizes
        let packed = try Buffer(count: fsk_block_packed_size(BlockKernels.variant, &sizes))
        let area = sizes.kernel_height * sizes.kernel_width
        nonisolated(unsafe) let known = sizes
        let rows = fsk_filters(
            source: nil, channels: sizes.channels, height: sizes.kernel_height, width: sizes.kernel_width,
            filter_step: sizes.channels * area, channel_step: area, row_step: sizes.kernel_width,
            column_step: 1,
            gain: nil)
        try pack(
            rows, of: layer, first: 0, count: sizes.filters, depth: sizes.channels * area, gain: factors.gain,
            panel: fsk_block_panel(BlockKernels.variant)
        ) { source, begin, part in
            withUnsafePointer(to: known) {
                fsk_block_pack(BlockKernels.variant, $0, source, begin, part, packed.start)
            }
        }
        return PackedFilters(weights: packed, bias: try blockBias(factors))
    }

    /// With zeros up to a whole block.
    private func blockBias(_ factors: ChannelFactors) throws(FaceSegError) -> Buffer? {
        guard factors.parts.addend else { return nil }
        return try Buffer(factors.shift.map { Float($0) } + zeros(behind: factors.shift.count))
    }

    private func zeros(behind count: Int) -> [Float] {
        let width = BlockKernels.width
        return Array(repeating: 0, count: (width - count % width) % width)
    }

    /// Streams filters `first ..< first + count` of the layer's weights, a few panels at a time and on all threads, to
    /// `packPart`: the filters, the index of the first of them, their number.
    private func pack(
        _ rows: fsk_filters, of layer: Layer, first: Int, count: Int, depth: Int, gain: [Double],
        panel: Int = fsk_convolution_panel(Packer.variant),
        _ packPart: @Sendable (UnsafePointer<fsk_filters>, Int, Int) -> Void
    ) throws(FaceSegError) {
        let wanted = 1 << 18  // weights at once: 1 MB
        let part = min(max(wanted / max(depth, 1) / panel, 1) * panel, (count + panel - 1) / panel * panel)
        let parts = (count + part - 1) / part, readers = min(workers.threads, parts)
        var buffers: [Buffer] = []
        for _ in 0..<readers { buffers.append(try Buffer(count: part * depth)) }
        let gains = try Buffer(gain.map { Float($0) })
        let failure = Locked<FaceSegError?>(nil), content = layer.weights[0].content
        nonisolated(unsafe) let rows = rows
        workers.forEachWorker(parts) { [buffers] index, worker in
            let buffer = buffers[worker], begin = index * part
            let filters = min(part, count - begin), from = (first + begin) * depth
            do throws(FaceSegError) {
                try content.read(
                    from..<from + filters * depth,
                    into: UnsafeMutableBufferPointer(rebasing: buffer.whole[..<(filters * depth)]))
            } catch {
                failure.withLock { $0 = $0 ?? error }
                return
            }
            var source = rows
            source.source = UnsafePointer(buffer.start)
            source.gain = UnsafePointer(gains.start + begin)
            packPart(&source, begin, filters)
        }
        if let error = failure.withLock({ $0 }) { throw error }
        if workers.isCancelled { throw .cancelled }
        try content.checkUnchanged()
    }

    private func pack(
        _ product: InnerProduct, _ layer: Layer, _ factors: ChannelFactors, input: Shape
    ) throws(FaceSegError) -> PackedFilters {
        let depth = input.count(try input.axis(product.axis, layer: layer.name)..<input.rank)
        let packed = try Buffer(count: fsk_convolution_packed_size(variant, product.outputs, depth))
        var rows = fsk_filters(
            source: nil, channels: depth, height: 1, width: 1, filter_step: depth, channel_step: 1,
            row_step: 1,
            column_step: 1, gain: nil)
        if product.transposed {
            let numbers = try Buffer(layer.weights[0].readAll()),
                gains = try Buffer(factors.gain.map { Float($0) })
            (rows.filter_step, rows.channel_step) = (1, product.outputs)
            (rows.source, rows.gain) = (UnsafePointer(numbers.start), UnsafePointer(gains.start))
            fsk_convolution_pack(variant, &rows, product.outputs, 0, product.outputs, packed.start)
        } else {
            try pack(
                rows, of: layer, first: 0, count: product.outputs, depth: depth, gain: factors.gain
            ) { source, begin, part in
                fsk_convolution_pack(Packer.variant, source, product.outputs, begin, part, packed.start)
            }
        }
        return PackedFilters(weights: packed, bias: try bias(factors))
    }

    private func packPlanes(_ layer: Layer, _ factors: ChannelFactors) throws(FaceSegError) -> PackedFilters {
        var numbers = try layer.weights[0].readAll()
        let area = numbers.count / factors.gain.count
        for i in numbers.indices { numbers[i] *= Float(factors.gain[i / area]) }
        return PackedFilters(weights: try Buffer(numbers), bias: try bias(factors))
    }

    /// `[blocks, kernel, kernel, channels of a block]`.
    private func packDepthwise(
        _ convolution: Convolution, _ layer: Layer, _ factors: ChannelFactors
    ) throws(FaceSegError) -> PackedFilters {
        let numbers = try layer.weights[0].readAll()
        let area = convolution.window.area
        return PackedFilters(
            weights: try blocked(channels: factors.gain.count, area: area) { channel, tap in
                numbers[channel * area + tap] * Float(factors.gain[channel])
            }, bias: try blockBias(factors))
    }

    /// Taps of filters of single planes, `[blocks, area, channels of a block]`.
    private func blocked(
        channels: Int, area: Int, _ tap: (_ channel: Int, _ tap: Int) -> Float
    ) throws(FaceSegError) -> Buffer {
        let width = BlockKernels.width
        let packed = try Buffer(count: (channels + width - 1) / width * width * area)
        packed.whole.update(repeating: 0)
        for channel in 0..<channels {
            let block = packed.start + channel / width * width * area + channel % width
            for at in 0..<area { block[at * width] = tap(channel, at) }
        }
        return packed
    }

    /// A deconvolution's weights, `[C, filters / group, kh, kw]`, are read whole: every phase picks from all.
    private func pack(
        _ deconvolution: Deconvolution, _ layer: Layer, _ factors: ChannelFactors, channels: Int
    ) throws(FaceSegError) -> PackedWeights {
        let numbers = try Buffer(layer.weights[0].readAll()),
            gains = try Buffer(factors.gain.map { Float($0) })
        let window = deconvolution.window
        var phases: [Phase] = []
        for (vertical, horizontal) in window.phases {
            let weights = try pack(
                deconvolution, vertical, horizontal, numbers, gains,
                channels: channels / deconvolution.group)
            phases.append(Phase(vertical: vertical, horizontal: horizontal, weights: weights))
        }
        return .phases(
            phases, bias: try deconvolution.packsBlocks(channels) ? blockBias(factors) : bias(factors))
    }

    private func pack(
        _ deconvolution: Deconvolution, _ vertical: PhaseSide, _ horizontal: PhaseSide, _ numbers: Buffer,
        _ gains: Buffer, channels: Int
    ) throws(FaceSegError) -> Buffer {
        let width = deconvolution.window.horizontal.kernel, area = deconvolution.window.area
        let filters = deconvolution.filters / deconvolution.group
        if channels == 1, filters == 1 {
            return try packPlanes(deconvolution, vertical, horizontal, numbers, gains)
        }
        let size = fsk_convolution_packed_size(variant, filters, channels * vertical.taps * horizontal.taps)
        let packed = try Buffer(count: size * deconvolution.group)
        for group in 0..<deconvolution.group where size > 0 {
            let first = group * channels * filters * area + vertical.kernel * width + horizontal.kernel
            var rows = fsk_filters(
                source: UnsafePointer(numbers.start + first), channels: channels, height: vertical.taps,
                width: horizontal.taps, filter_step: area, channel_step: filters * area,
                row_step: -vertical.kernelStep * width, column_step: -horizontal.kernelStep,
                gain: UnsafePointer(gains.start + group * filters))
            fsk_convolution_pack(variant, &rows, filters, 0, filters, packed.start + group * size)
        }
        return packed
    }

    /// The taps of one phase where each plane has its own filter: `[planes, taps, taps]`.
    private func packPlanes(
        _ deconvolution: Deconvolution, _ vertical: PhaseSide, _ horizontal: PhaseSide, _ numbers: Buffer,
        _ gains: Buffer
    ) throws(FaceSegError) -> Buffer {
        let width = deconvolution.window.horizontal.kernel, area = deconvolution.window.area
        func tap(_ plane: Int, _ at: Int) -> Float {
            let row = vertical.kernel - at / horizontal.taps * vertical.kernelStep
            let column = horizontal.kernel - at % horizontal.taps * horizontal.kernelStep
            return numbers.start[plane * area + row * width + column] * gains.start[plane]
        }
        let taps = vertical.taps * horizontal.taps
        if deconvolution.packsBlocks(deconvolution.group) {
            return try blocked(channels: deconvolution.group, area: taps, tap)
        }
        return try Buffer((0..<deconvolution.group * taps).map { tap($0 / taps, $0 % taps) })
    }

    /// A chain of BatchNorm and Scale layers, or one Scale over other dimensions.
    private func packChannels(
        _ fused: FusedLayer, _ network: Network, _ inputs: [Shape]
    ) throws(FaceSegError) -> PackedWeights {
        let layer = network.layers[fused.layer]
        guard inputs.count == 1 else {  // the second input is the factor; an addend may be trained
            return .channels(gain: nil, shift: try layer.weights.first.map(readBuffer))
        }
        var channels = inputs[0].rank > 1 ? inputs[0][1] : 1
        if case .scale(let scale) = layer.operation {
            channels = inputs[0].count(try scale.range(inputs, layer: layer.name))
        }
        var factors = ChannelFactors(channels: channels)
        try factors.append(layer)
        for index in fused.folded { try factors.append(network.layers[index]) }
        return .channels(
            gain: factors.parts.factor ? try Buffer(factors.gain.map { Float($0) }) : nil,
            shift: try bias(factors))
    }

    private func readBuffer(_ weight: Weight) throws(FaceSegError) -> Buffer { try Buffer(weight.readAll()) }
}
