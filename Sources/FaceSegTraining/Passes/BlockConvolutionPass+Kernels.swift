// BlockConvolutionPass: a dense convolution over blocks: forwards as inference does it, with weights packed anew at each
// run; gradients of its weights; and gradients of its input as a convolution with the filters turned round.
import FaceSegKit
import Gradients
import Kernels

final class BlockConvolutionPass: Pass {
    private let site: PassSite
    private let window: Window
    private let forwards: BlockProduct
    private let phases: [InputPhase]
    /// Zeros up to a whole block.
    private let bias: Buffer?
    private let isFast: Bool

    init(_ site: PassSite, _ convolution: Convolution) throws(FaceSegError) {
        (self.site, window) = (site, convolution.window)
        var sizes = convolution.sizes(site.x.shape)
        isFast = site.precision == .fast && fsk_block_is_fast(BlockKernels.variant) != 0
        sizes.batch = site.x.shape[0]
        (sizes.out_height, sizes.out_width) = (site.y.shape[2], site.y.shape[3])
        if let slope = site.followers.last?.reluSlope { (sizes.relu, sizes.slope) = (Int32(FSK_RELU), slope) }
        forwards = BlockProduct(sizes, fast: isFast, site)
        bias = site.parameters.count > 1 ? try zeros(site.y.blocks.planes * BlockKernels.width) : nil
        phases = site.dx == nil ? [] : InputPhase.all(site, convolution, fast: isFast)
        var gradient = weightGradient
        site.scratch.need(fsg_block_weight_gradient_scratch(BlockKernels.variant, &gradient, site.threads))
    }

    private var weights: UnsafePointer<Float> { UnsafePointer(site.parameters[0].data.start) }
    private var area: Int { window.area }

    func forward(_ workers: Workers) {
        if let bias { bias.start.update(from: site.parameters[1].data.start, count: site.y.shape[1]) }
        let filters = fsk_filters(
            source: weights, channels: site.x.shape[1], height: window.vertical.kernel,
            width: window.horizontal.kernel, filter_step: site.x.shape[1] * area, channel_step: area,
            row_step: window.horizontal.kernel, column_step: 1, gain: nil)
        forwards.run(
            filters, bias: bias.map { UnsafePointer($0.start) },
            from: site.x.blocks.seen(from: -window.vertical.pad, -window.horizontal.pad),
            to: site.y.blocks.fromComputed, workers)
    }

    func backward(_ workers: Workers) {
        guard site.y.gradient != nil else { return }
        site.reluGradient?(workers)
        addWeightGradient(workers)
        guard let dx = site.x.gradientBlocks else { return }
        if phases.count < window.vertical.stride * window.horizontal.stride {
            site.x.gradients.update(repeating: 0)  // no window reaches some
        }
        for phase in phases {
            phase.run(weights, from: site.y.gradientBlocks!, to: dx, made: site.x.blocks, workers)
        }
    }

    private var weightGradient: fsg_block_weight_gradient {
        var arguments = fsg_block_weight_gradient()
        arguments.adds = 1
        (arguments.batch, arguments.channels, arguments.filters) = (
            site.x.shape[0], site.x.shape[1], site.y.shape[1]
        )
        (arguments.out_height, arguments.out_width) = (site.y.shape[2], site.y.shape[3])
        arguments.block = site.x.blocks.channels
        (arguments.kernel_height, arguments.kernel_width) = (window.vertical.kernel, window.horizontal.kernel)
        (arguments.stride_height, arguments.stride_width) = (window.vertical.stride, window.horizontal.stride)
        arguments.dilation_height = window.vertical.dilation
        arguments.dilation_width = window.horizontal.dilation
        arguments.precision =
            isFast ? fsg_block_weight_gradient_best_precision(BlockKernels.variant, &arguments) : FSK_EXACT
        return arguments
    }

    private func addWeightGradient(_ workers: Workers) {
        guard let dw = site.parameters[0].gradient else { return }
        var arguments = weightGradient
        arguments.x = site.x.blocks.seen(from: -window.vertical.pad, -window.horizontal.pad)
        arguments.dy = site.y.gradientBlocks!.fromComputed
        arguments.dw = dw.start
        arguments.dbias = site.parameters.count > 1 ? site.parameters[1].gradient?.start : nil
        workers.withPool {
            fsg_block_weight_gradient_run(BlockKernels.variant, &arguments, site.scratch.start, $0)
        }
    }
}

/// A product over blocks whose weights are packed at each run, some filters at a time, into memory that others use before
/// and after.
struct BlockProduct {
    private let sizes: fsk_block_convolution
    /// Filters that are packed at once, and the floats that they take.
    private let part: Int, packed: Int
    private let scratch: SharedScratch

    /// 64 MiB: fc6's weights, packed, would take more than all that a training of FCN-8s holds otherwise but two.
    private static let mostPacked = 1 << 24

    /// - sizes: all but form, precision, places and weights.
    init(_ sizes: fsk_block_convolution, fast: Bool, _ site: PassSite) {
        var sizes = sizes
        let variant = BlockKernels.variant
        sizes.precision = fast ? fsk_block_best_pairs(variant, &sizes) : FSK_EXACT
        // Pixels with others between them: the direct form alone.
        sizes.form = sizes.y_step == 0 ? fsk_block_best_form(variant, &sizes) : FSK_DIRECT
        let panel = fsk_block_panel(variant), panels = (sizes.filters + panel - 1) / panel
        let parts = min((fsk_block_packed_size(variant, &sizes) - 1) / BlockProduct.mostPacked + 1, panels)
        part = (panels + parts - 1) / parts * panel
        var first = sizes
        first.filters = min(part, sizes.filters)
        packed = (fsk_block_packed_size(variant, &first) + 15) / 16 * 16
        site.scratch.need(packed + fsk_block_scratch_size(variant, &first, site.threads))
        (self.sizes, scratch) = (sizes, site.scratch)
    }

    /// - made: what the ReLU made whose gradient ends the product, if one does.
    func run(
        _ filters: fsk_filters, bias: UnsafePointer<Float>?, from: fsk_blocks, to: fsk_blocks,
        made: fsk_blocks = fsk_blocks(), _ workers: Workers
    ) {
        for first in stride(from: 0, to: sizes.filters, by: part) {
            var arguments = sizes, source = filters
            arguments.filters = min(part, sizes.filters - first)
            source.source = filters.source + first * filters.filter_step
            pack(source, arguments, workers)
            (arguments.x, arguments.y, arguments.residual) = (from, to, made)
            arguments.y.pixels += first / BlockKernels.width * to.plane_step
            if made.pixels != nil {
                arguments.residual.pixels += first / BlockKernels.width * made.plane_step
            }
            arguments.bias = bias.map { $0 + first }
            arguments.weights = UnsafePointer(scratch.start)
            workers.withPool {
                fsk_block_convolution_run(BlockKernels.variant, &arguments, scratch.start + packed, $0)
            }
        }
    }

    private func pack(_ filters: fsk_filters, _ sizes: fsk_block_convolution, _ workers: Workers) {
        let panel = fsk_block_panel(BlockKernels.variant), count = sizes.filters
        nonisolated(unsafe) let (sizes, filters, packed) = (sizes, filters, scratch.start)
        workers.forEachWorker((count + panel - 1) / panel) { index, _ in
            var (source, sizes) = (filters, sizes)
            let first = index * panel
            source.source = filters.source + first * filters.filter_step
            fsk_block_pack(BlockKernels.variant, &sizes, &source, first, min(panel, count - first), packed)
        }
    }
}

/// Pixels of an input's gradient whose rows and columns leave one remainder by the stride: a convolution of stride 1 over
/// the output's gradient, with the weights that reach them.
private struct InputPhase {
    private let vertical: PhaseSide, horizontal: PhaseSide
    private let window: Window
    private let product: BlockProduct
    private let channels: Int, filters: Int
    private let hasRelu: Bool

    static func all(_ site: PassSite, _ convolution: Convolution, fast: Bool) -> [InputPhase] {
        convolution.window.phases.compactMap { vertical, horizontal in
            InputPhase(site, convolution.window, vertical, horizontal, fast: fast)
        }
    }

    /// nil if there are no such pixels, or no weight reaches them.
    private init?(
        _ site: PassSite, _ window: Window, _ vertical: PhaseSide, _ horizontal: PhaseSide, fast: Bool
    ) {
        (self.window, self.vertical, self.horizontal) = (window, vertical, horizontal)
        (channels, filters) = (site.x.shape[1], site.y.shape[1])
        var sizes = fsk_block_convolution()
        (sizes.batch, sizes.channels, sizes.filters) = (site.x.shape[0], filters, channels)
        sizes.block = BlockKernels.width
        sizes.out_height = vertical.count(of: site.x.shape[2], stride: window.vertical.stride)
        sizes.out_width = horizontal.count(of: site.x.shape[3], stride: window.horizontal.stride)
        (sizes.kernel_height, sizes.kernel_width) = (vertical.taps, horizontal.taps)
        guard sizes.out_height > 0, sizes.out_width > 0, vertical.taps > 0, horizontal.taps > 0 else {
            return nil
        }
        (sizes.stride_height, sizes.stride_width) = (1, 1)
        (sizes.dilation_height, sizes.dilation_width) = (vertical.dilation, horizontal.dilation)
        if window.horizontal.stride > 1 { sizes.y_step = window.horizontal.stride * BlockKernels.width }
        if let slope = site.x.reluSlope { (sizes.relu, sizes.slope) = (Int32(FSK_RELU_GRADIENT), slope) }
        hasRelu = site.x.reluSlope != nil
        product = BlockProduct(sizes, fast: fast, site)
    }

    /// - made: what lies where dx is the gradient of.
    func run(
        _ weights: UnsafePointer<Float>, from dy: Blocks, to dx: Blocks, made: Blocks, _ workers: Workers
    ) {
        let area = window.area, width = window.horizontal.kernel
        let turned = fsk_filters(
            source: weights + vertical.kernel * width + horizontal.kernel, channels: filters,
            height: vertical.taps, width: horizontal.taps, filter_step: area, channel_step: channels * area,
            row_step: -vertical.kernelStep * width, column_step: -horizontal.kernelStep, gain: nil)
        func place(_ blocks: Blocks) -> fsk_blocks {
            var place = blocks.seen(from: vertical.first, horizontal.first)
            place.row_step *= window.vertical.stride
            return place
        }
        product.run(
            turned, bias: nil, from: dy.seen(from: -vertical.pad, -horizontal.pad), to: place(dx),
            made: hasRelu ? place(made) : fsk_blocks(), workers)
    }
}
