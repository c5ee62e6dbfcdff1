// Products: steps of layers with large weights: convolution, its transpose, inner products.
import Kernels

extension StepMaker {
    private var variant: OpaquePointer { Packer.variant }

    func convolution(_ convolution: Convolution) -> any Step {
        if case .planes(let packed) = weights { return depthwise(convolution, packed) }
        guard case .filters(let packed) = weights else {
            preconditionFailure("a convolution without filters")
        }
        let window = convolution.window, plane = y.planeStep
        return step(
            fsk_convolution(
                x: x.read, y: y.fromComputed, weights: UnsafePointer(packed.weights.start),
                bias: packed.bias.map { UnsafePointer($0.start) }, batch: x.shape[0],
                groups: convolution.group,
                channels: x.shape[1] / convolution.group, height: x.held.count, width: x.shape[3],
                filters: convolution.filters / convolution.group, out_height: y.computed.count,
                out_width: y.shape[3],
                kernel_height: window.vertical.kernel, kernel_width: window.horizontal.kernel,
                stride_height: window.vertical.stride, stride_width: window.horizontal.stride,
                pad_height: pad(window), pad_width: window.horizontal.pad,
                dilation_height: window.vertical.dilation, dilation_width: window.horizontal.dilation,
                batch_step: y.shape[1] * plane, plane_step: plane, row_step: y.shape[3], column_step: 1,
                relu: slope == nil ? 0 : 1, slope: slope ?? 0))
    }

    private func depthwise(_ convolution: Convolution, _ packed: PackedFilters) -> any Step {
        let window = convolution.window
        return planewise([
            fsk_depthwise(
                x: x.read, y: y.fromComputed, weights: UnsafePointer(packed.weights.start),
                bias: packed.bias.map { UnsafePointer($0.start) }, batch: x.shape[0], channels: x.shape[1],
                height: x.held.count, width: x.shape[3], out_height: y.computed.count, out_width: y.shape[3],
                kernel_height: window.vertical.kernel, kernel_width: window.horizontal.kernel,
                stride_height: window.vertical.stride, stride_width: window.horizontal.stride,
                pad_height: pad(window), pad_width: window.horizontal.pad,
                dilation_height: window.vertical.dilation, dilation_width: window.horizontal.dilation,
                plane_step: y.planeStep, row_step: y.shape[3], column_step: 1,
                relu: slope == nil ? 0 : 1,
                slope: slope ?? 0)
        ])
    }

    /// Rows that the window of the first computed row has before the input's first that is held.
    private func pad(_ window: Window) -> Int {
        window.vertical.pad + x.held.lowerBound - y.computed.lowerBound * window.vertical.stride
    }

    private func planewise(_ phases: [fsk_depthwise]) -> any Step {
        PhasesStep(phases: phases) { fsk_depthwise_run($0, $1, $2) }
    }

    private func planePhase(
        _ deconvolution: Deconvolution, _ phase: Phase, _ bias: Buffer?, rows: Range<Int>, columns: Int
    ) -> fsk_depthwise {
        let width = y.shape[3]
        return fsk_depthwise(
            x: x.read, y: start(deconvolution, phase, rows),
            weights: UnsafePointer(phase.weights.start), bias: bias.map { UnsafePointer($0.start) },
            batch: x.shape[0], channels: x.shape[1], height: x.held.count, width: x.shape[3],
            out_height: rows.count,
            out_width: columns, kernel_height: phase.vertical.taps, kernel_width: phase.horizontal.taps,
            stride_height: 1, stride_width: 1, pad_height: pad(phase, rows),
            pad_width: phase.horizontal.pad, dilation_height: phase.vertical.dilation,
            dilation_width: phase.horizontal.dilation, plane_step: y.planeStep,
            row_step: deconvolution.window.vertical.stride * width,
            column_step: deconvolution.window.horizontal.stride, relu: slope == nil ? 0 : 1,
            slope: slope ?? 0)
    }

    /// A picture of one pixel a row of the input.
    func innerProduct(_ product: InnerProduct) throws(FaceSegError) -> any Step {
        guard case .filters(let packed) = weights else { preconditionFailure("a product without filters") }
        let axis = try x.shape.axis(product.axis, layer: layer.name)
        let rows = x.shape.count(0..<axis)
        return step(
            fsk_convolution(
                x: x.read, y: y.start, weights: UnsafePointer(packed.weights.start),
                bias: packed.bias.map { UnsafePointer($0.start) }, batch: rows, groups: 1,
                channels: x.shape.count / rows, height: 1, width: 1, filters: product.outputs, out_height: 1,
                out_width: 1, kernel_height: 1, kernel_width: 1, stride_height: 1, stride_width: 1,
                pad_height: 0, pad_width: 0, dilation_height: 1, dilation_width: 1,
                batch_step: product.outputs,
                plane_step: 1, row_step: 1, column_step: 1, relu: slope == nil ? 0 : 1, slope: slope ?? 0))
    }

    func deconvolution(_ deconvolution: Deconvolution) -> [any Step] {
        guard case .phases(let phases, let bias) = weights else { preconditionFailure("no phases") }
        let isPlanewise = deconvolution.isDepthwise(x.shape)
        var planes: [fsk_depthwise] = [], products: [any Step] = []
        for phase in phases {
            let rows = phase.vertical.steps(to: y.computed, stride: deconvolution.window.vertical.stride)
            let columns = phase.horizontal.count(
                of: y.shape[3], stride: deconvolution.window.horizontal.stride)
            guard !rows.isEmpty, columns > 0 else { continue }
            if isPlanewise {
                planes.append(planePhase(deconvolution, phase, bias, rows: rows, columns: columns))
            } else {
                products.append(product(deconvolution, phase, bias, rows: rows, columns: columns))
            }
        }
        return isPlanewise ? [planewise(planes)] : products
    }

    /// Where a phase's first output pixel lies.
    private func start(_ deconvolution: Deconvolution, _ phase: Phase, _ rows: Range<Int>)
        -> UnsafeMutablePointer<Float>
    {
        let row = phase.vertical.first + rows.lowerBound * deconvolution.window.vertical.stride
        return y.start + (row - y.held.lowerBound) * y.shape[3] + phase.horizontal.first
    }

    /// A phase's padding before the input's first row that is held.
    private func pad(_ phase: Phase, _ rows: Range<Int>) -> Int {
        phase.vertical.pad + x.held.lowerBound - rows.lowerBound
    }

    private func product(
        _ deconvolution: Deconvolution, _ phase: Phase, _ bias: Buffer?, rows: Range<Int>, columns: Int
    ) -> any Step {
        let window = deconvolution.window, width = y.shape[3], plane = y.planeStep
        return step(
            fsk_convolution(
                x: x.read, y: start(deconvolution, phase, rows),
                weights: UnsafePointer(phase.weights.start), bias: bias.map { UnsafePointer($0.start) },
                batch: x.shape[0], groups: deconvolution.group, channels: x.shape[1] / deconvolution.group,
                height: x.held.count, width: x.shape[3], filters: deconvolution.filters / deconvolution.group,
                out_height: rows.count, out_width: columns, kernel_height: phase.vertical.taps,
                kernel_width: phase.horizontal.taps, stride_height: 1, stride_width: 1,
                pad_height: pad(phase, rows), pad_width: phase.horizontal.pad,
                dilation_height: phase.vertical.dilation, dilation_width: phase.horizontal.dilation,
                batch_step: y.shape[1] * plane, plane_step: plane, row_step: window.vertical.stride * width,
                column_step: window.horizontal.stride, relu: slope == nil ? 0 : 1, slope: slope ?? 0))
    }

    private func step(_ arguments: fsk_convolution) -> any Step {
        ProductStep(arguments: arguments, variant: variant, scratch: scratch, driver: fsk_convolution_run)
    }

    /// Floats of scratch memory that a layer's step needs, for all threads.
    /// - computed: pixels of the output, where that lies in blocks.
    static func scratchSize(
        _ operation: Operation, _ inputs: [Shape], computed: Box?, threads: Int,
        precision: Precision
    ) -> Int {
        switch operation {
        case .convolution(let convolution):
            switch convolution.form(inputs[0], precision) {
            case .planes, .depthwise: return 0
            case .grouped: return fsk_convolution_scratch_size(Packer.variant) * threads
            case .blocks(let form, let precision):
                var sizes = convolution.sizes(inputs[0])
                (sizes.form, sizes.precision, sizes.batch) = (form, precision, inputs[0][0])
                (sizes.out_height, sizes.out_width) = (computed!.rows.count, computed!.columns.count)
                return fsk_block_scratch_size(BlockKernels.variant, &sizes, threads)
            }
        case .deconvolution(let deconvolution) where deconvolution.isDepthwise(inputs[0]): return 0
        case .deconvolution, .innerProduct: return fsk_convolution_scratch_size(Packer.variant) * threads
        default: return 0
        }
    }
}
