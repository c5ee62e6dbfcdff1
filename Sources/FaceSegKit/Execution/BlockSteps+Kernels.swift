// BlockSteps: the steps of one layer whose values lie in blocks.
import Kernels

/// What the steps of a layer over blocks are made from.
struct BlockStepMaker {
    let layer: Layer
    let fused: FusedLayer
    let precision: Precision
    let weights: PackedWeights
    let inputs: [Blocks], y: Blocks
    let scratch: UnsafeMutablePointer<Float>

    private var x: Blocks { inputs[0] }

    func steps() -> [any Step] {
        switch fused.operation {
        case .convolution(let convolution):
            if case .planes(let packed) = weights { return [depthwise(convolution, packed)] }
            return [self.convolution(convolution)]
        case .deconvolution(let deconvolution): return self.deconvolution(deconvolution)
        case .pooling(let pooling): return [self.pooling(pooling)]
        case .unary(let unary): return flat { unary.step($0[0], $1, count: $2) }
        case .eltwise(let eltwise): return flat { eltwise.step($0, $1, count: $2, slope: fused.slope) }
        case .concat: return concat()
        case .identity, .constant: return []
        default: preconditionFailure("\(layer.type) over blocks")
        }
    }

    /// Over all memory at once where it holds the same pixels; else, in a band, over the computed rows of each plane.
    private func flat(
        _ step: ([UnsafePointer<Float>], UnsafeMutablePointer<Float>, _ count: Int) -> any Step
    ) -> [any Step] {
        if !y.isPart, inputs.allSatisfy({ $0.box == y.box }) {
            return [step(inputs.map { UnsafePointer($0.start) }, y.start, y.count)]
        }
        let rows = y.computed.rows, column = y.box.columns.lowerBound
        return (0..<y.shape[0] * y.planes).map { plane in
            func place(_ blocks: Blocks) -> UnsafeMutablePointer<Float> {
                blocks.seen(from: rows.lowerBound, column).pixels + plane * blocks.planeStep
            }
            return step(inputs.map { UnsafePointer(place($0)) }, place(y), rows.count * y.rowStep)
        }
    }

    /// Where the window that makes the first computed pixel begins.
    private func corner(_ window: Window) -> (row: Int, column: Int) {
        (
            y.computed.rows.lowerBound * window.vertical.stride - window.vertical.pad,
            y.computed.columns.lowerBound * window.horizontal.stride - window.horizontal.pad
        )
    }

    private func convolution(_ convolution: Convolution) -> any Step {
        guard case .blocks(let packed) = weights,
            case .blocks(let form, let precision) = convolution.form(x.shape, precision)
        else { preconditionFailure("a convolution without filters") }
        let corner = corner(convolution.window)
        var arguments = convolution.sizes(x.shape)
        (arguments.form, arguments.precision) = (form, precision)
        arguments.x = x.seen(from: corner.row, corner.column)
        arguments.y = y.fromComputed
        if fused.addsInput {
            arguments.residual = inputs[1].seen(
                from: y.computed.rows.lowerBound, y.computed.columns.lowerBound)
        }
        arguments.weights = UnsafePointer(packed.weights.start)
        arguments.bias = packed.bias.map { UnsafePointer($0.start) }
        arguments.batch = x.shape[0]
        (arguments.out_height, arguments.out_width) = (y.computed.rows.count, y.computed.columns.count)
        (arguments.relu, arguments.slope) = (fused.slope == nil ? 0 : 1, fused.slope ?? 0)
        return ProductStep(
            arguments: arguments, variant: BlockKernels.variant!, scratch: scratch,
            driver: fsk_block_convolution_run)
    }

    private func depthwise(_ convolution: Convolution, _ packed: PackedFilters) -> any Step {
        let window = convolution.window, corner = corner(window)
        return planewise([
            fsk_block_depthwise(
                x: x.seen(from: corner.row, corner.column), y: y.fromComputed, y_step: y.channels,
                weights: UnsafePointer(packed.weights.start),
                bias: packed.bias.map { UnsafePointer($0.start) },
                batch: x.shape[0], planes: x.planes, out_height: y.computed.rows.count,
                out_width: y.computed.columns.count, kernel_height: window.vertical.kernel,
                kernel_width: window.horizontal.kernel, stride_height: window.vertical.stride,
                stride_width: window.horizontal.stride, dilation_height: window.vertical.dilation,
                dilation_width: window.horizontal.dilation, relu: fused.slope == nil ? 0 : 1,
                slope: fused.slope ?? 0, relu_made: fsk_blocks())
        ])
    }

    /// A depthwise convolution for each phase of the stride.
    private func deconvolution(_ deconvolution: Deconvolution) -> [any Step] {
        guard case .phases(let phases, let bias) = weights else { preconditionFailure("no phases") }
        let window = deconvolution.window
        let steps: [fsk_block_depthwise] = phases.compactMap { phase in
            let rows = phase.vertical.steps(to: y.computed.rows, stride: window.vertical.stride)
            let columns = phase.horizontal.count(of: y.shape[3], stride: window.horizontal.stride)
            guard !rows.isEmpty, columns > 0 else { return nil }
            let first = phase.vertical.first + rows.lowerBound * window.vertical.stride
            var to = y.seen(from: first, phase.horizontal.first)
            to.row_step *= window.vertical.stride
            return fsk_block_depthwise(
                x: x.seen(from: rows.lowerBound - phase.vertical.pad, -phase.horizontal.pad), y: to,
                y_step: y.channels * window.horizontal.stride,
                weights: UnsafePointer(phase.weights.start), bias: bias.map { UnsafePointer($0.start) },
                batch: x.shape[0], planes: x.planes, out_height: rows.count, out_width: columns,
                kernel_height: phase.vertical.taps, kernel_width: phase.horizontal.taps, stride_height: 1,
                stride_width: 1, dilation_height: phase.vertical.dilation,
                dilation_width: phase.horizontal.dilation, relu: fused.slope == nil ? 0 : 1,
                slope: fused.slope ?? 0, relu_made: fsk_blocks())
        }
        return [planewise(steps)]
    }

    private func planewise(_ phases: [fsk_block_depthwise]) -> any Step {
        PhasesStep(phases: phases) { fsk_block_depthwise_run(BlockKernels.variant, $0, $1, $2) }
    }

    private func pooling(_ pooling: Pooling) -> any Step {
        VariantStep(
            arguments: pooling.arguments(x, y), variant: BlockKernels.variant!, driver: fsk_block_pooling_run)
    }

    private func concat() -> [any Step] {
        var channel = 0
        return inputs.map { input in
            defer { channel += input.shape[1] }
            var to = y.fromComputed
            to.pixels += channel / y.channels * y.planeStep
            return KernelStep(
                fsk_block_move(
                    x: input.seen(from: y.computed.rows.lowerBound, y.computed.columns.lowerBound), y: to,
                    batch: input.shape[0], channels: input.shape[1], height: y.computed.rows.count,
                    width: y.computed.columns.count, block: y.channels, shift: channel % y.channels),
                fsk_block_move_run)
        }
    }
}

extension Pooling {
    /// The kernel's arguments for pictures in blocks.
    package func arguments(_ x: Blocks, _ y: Blocks) -> fsk_block_pooling {
        let window =
            self.window
            ?? Window(
                vertical: .init(kernel: x.shape[2], stride: 1, pad: 0, dilation: 1),
                horizontal: .init(kernel: x.shape[3], stride: 1, pad: 0, dilation: 1))
        let row = y.computed.rows.lowerBound * window.vertical.stride - window.vertical.pad
        let column = y.computed.columns.lowerBound * window.horizontal.stride - window.horizontal.pad
        func windows(_ side: Window.Side, _ first: Int, _ memory: Range<Int>, _ count: Int)
            -> fsk_block_windows
        {
            let origin = memory.lowerBound
            return fsk_block_windows(
                first: first - origin, kernel: side.kernel, stride: side.stride, begin: -origin,
                end: count - origin, far: count + side.pad - origin)
        }
        return fsk_block_pooling(
            x: x.seen(from: x.box.rows.lowerBound, x.box.columns.lowerBound), y: y.fromComputed,
            batch: x.shape[0], planes: x.planes, out_height: y.computed.rows.count,
            out_width: y.computed.columns.count,
            vertical: windows(window.vertical, row, x.box.rows, x.shape[2]),
            horizontal: windows(window.horizontal, column, x.box.columns, x.shape[3]),
            kind: Int32(kind == .max ? FSK_POOLING_MAX : FSK_POOLING_AVE))
    }
}
