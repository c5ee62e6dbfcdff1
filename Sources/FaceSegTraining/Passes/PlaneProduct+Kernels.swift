// PlaneProduct: a window between a large picture and a small one, over planes: slid over the large one (Convolution, and
// the gradient of a Deconvolution's input), spread from the small one (the other two), and the gradient of its weights.
// Weights are `[small channels, large channels / group, kernel, kernel]` in either case, packed anew at each run.
import FaceSegKit
import Gradients
import Kernels

/// Of any window and group. Places of pictures are given at each run.
final class PlaneProduct {
    private let window: Window, group: Int
    private let large: Shape, small: Shape
    private let variant = fsk_convolution_choose(Processor.bits)!
    private let packed: Buffer, scratch: Buffer
    private let phases: [Phase]
    /// Where each plane has a filter of its own.
    private let depthwise: PlaneDepthwise?

    private struct Phase {
        let vertical: PhaseSide, horizontal: PhaseSide
        let rows: Int, columns: Int
    }

    init(window: Window, group: Int, large: Shape, small: Shape, threads: Int) throws(FaceSegError) {
        (self.window, self.group, self.large, self.small) = (window, group, large, small)
        let phases = window.phases.compactMap { sides -> Phase? in
            let rows = sides.vertical.count(of: large[2], stride: window.vertical.stride)
            let columns = sides.horizontal.count(of: large[3], stride: window.horizontal.stride)
            return rows > 0 && columns > 0
                ? Phase(vertical: sides.vertical, horizontal: sides.horizontal, rows: rows, columns: columns)
                : nil
        }
        self.phases = phases
        let hasOwnFilters = group > 1 && group == large[1] && group == small[1]
        depthwise = hasOwnFilters ? PlaneDepthwise(window: window, large: large, small: small) : nil
        let area = window.vertical.kernel * window.horizontal.kernel
        let variant = variant
        let sliding = fsk_convolution_packed_size(variant, small[1] / group, large[1] / group * area)
        let spreading =
            phases.map {
                fsk_convolution_packed_size(
                    variant, large[1] / group, small[1] / group * $0.vertical.taps * $0.horizontal.taps)
            }.max() ?? 0
        packed = try Buffer(count: group * max(sliding, spreading))
        scratch = try Buffer(count: fsk_convolution_scratch_size(variant) * threads)
    }

    /// small = window slid over large + bias.
    func slide(
        _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, large from: UnsafePointer<Float>,
        small to: UnsafeMutablePointer<Float>, _ workers: Workers
    ) {
        if let depthwise {
            return depthwise.slide(weights, bias, large: from, small: to, workers)
        }
        let area = window.vertical.kernel * window.horizontal.kernel
        let filters = small[1] / group, channels = large[1] / group
        pack(
            weights, filters: filters, step: filters * channels * area,
            fsk_filters(
                source: nil, channels: channels, height: window.vertical.kernel,
                width: window.horizontal.kernel, filter_step: channels * area, channel_step: area,
                row_step: window.horizontal.kernel, column_step: 1, gain: nil), workers)
        var arguments = sliding
        (arguments.x, arguments.y, arguments.bias) = (from, to, bias)
        arguments.weights = UnsafePointer(packed.start)
        workers.withPool { fsk_convolution_run(variant, &arguments, scratch.start, $0) }
    }

    /// What slides, without places.
    private var sliding: fsk_convolution {
        fsk_convolution(
            x: nil, y: nil, weights: nil, bias: nil, batch: large[0], groups: group,
            channels: large[1] / group, height: large[2], width: large[3], filters: small[1] / group,
            out_height: small[2], out_width: small[3], kernel_height: window.vertical.kernel,
            kernel_width: window.horizontal.kernel, stride_height: window.vertical.stride,
            stride_width: window.horizontal.stride, pad_height: window.vertical.pad,
            pad_width: window.horizontal.pad, dilation_height: window.vertical.dilation,
            dilation_width: window.horizontal.dilation, batch_step: small.count / small[0],
            plane_step: small[2] * small[3], row_step: small[3], column_step: 1, relu: 0, slope: 0)
    }

    /// large = the sum of the windows of small + bias.
    func spread(
        _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, small from: UnsafePointer<Float>,
        large to: UnsafeMutablePointer<Float>, _ workers: Workers
    ) {
        if let depthwise {
            return depthwise.spread(weights, bias, small: from, large: to, workers)
        }
        let area = window.vertical.kernel * window.horizontal.kernel, columns = window.horizontal.kernel
        let filters = large[1] / group, channels = small[1] / group
        for phase in phases {
            let vertical = phase.vertical, horizontal = phase.horizontal
            pack(
                weights + vertical.kernel * columns + horizontal.kernel, filters: filters,
                step: channels * filters * area,
                fsk_filters(
                    source: nil, channels: channels, height: vertical.taps, width: horizontal.taps,
                    filter_step: area, channel_step: filters * area,
                    row_step: -vertical.kernelStep * columns, column_step: -horizontal.kernelStep, gain: nil),
                workers)
            var arguments = fsk_convolution(
                x: from, y: to + vertical.first * large[3] + horizontal.first,
                weights: UnsafePointer(packed.start), bias: bias, batch: small[0], groups: group,
                channels: channels, height: small[2], width: small[3], filters: filters,
                out_height: phase.rows, out_width: phase.columns, kernel_height: vertical.taps,
                kernel_width: horizontal.taps, stride_height: 1, stride_width: 1, pad_height: vertical.pad,
                pad_width: horizontal.pad, dilation_height: vertical.dilation,
                dilation_width: horizontal.dilation, batch_step: large.count / large[0],
                plane_step: large[2] * large[3], row_step: window.vertical.stride * large[3],
                column_step: window.horizontal.stride, relu: 0, slope: 0)
            workers.withPool { fsk_convolution_run(variant, &arguments, scratch.start, $0) }
        }
    }

    /// - step: weights from group to group.
    private func pack(
        _ weights: UnsafePointer<Float>, filters: Int, step: Int, _ filter: fsk_filters, _ workers: Workers
    ) {
        let depth = filter.channels * filter.height * filter.width
        guard depth > 0 else { return }
        let size = fsk_convolution_packed_size(variant, filters, depth)
        let panel = fsk_convolution_panel(variant), parts = (filters + panel - 1) / panel
        nonisolated(unsafe) let (filter, weights, packed, variant) = (filter, weights, packed.start, variant)
        workers.forEachWorker(group * parts) { index, _ in
            var source = filter
            let group = index / parts, first = index % parts * panel
            source.source = weights + group * step + first * filter.filter_step
            fsk_convolution_pack(
                variant, &source, filters, first, min(panel, filters - first), packed + group * size)
        }
    }

    /// weights += large times small, summed over pixels; bias += the sum of small.
    func addWeightGradient(
        large from: UnsafePointer<Float>, small dy: UnsafePointer<Float>,
        weights: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>?, _ workers: Workers
    ) {
        var forward = sliding
        forward.x = from
        withUnsafePointer(to: &forward) { forward in
            var arguments = fsg_convolution(forward: forward, dy: dy, dw: weights, dbias: bias)
            workers.withPool { fsg_convolution_run(&arguments, $0) }
        }
    }
}
