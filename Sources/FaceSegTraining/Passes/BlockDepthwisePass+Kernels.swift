// BlockDepthwisePass: a filter of its own for each plane, over blocks: depthwise convolutions, and deconvolutions that
// only enlarge and are not trained.
import FaceSegKit
import Gradients
import Kernels

final class BlockDepthwisePass: Pass {
    private let site: PassSite, window: Window
    /// The output is the larger picture.
    private let isTransposed: Bool
    /// `[blocks, kernel, kernel, channels of a block]`, for each phase of the stride as far as it has some.
    private var packed: [Float] = [], phases: [Float] = []
    private let sides: [(vertical: PhaseSide, horizontal: PhaseSide)]
    private var bias: [Float] = []

    init(_ site: PassSite, _ convolution: Convolution) {
        (self.site, window, isTransposed) = (site, convolution.window, false)
        sides = BlockDepthwisePass.sides(convolution.window, site.x.shape)
        var gradient = weightGradient
        site.scratch.need(fsg_block_depthwise_gradient_scratch(BlockKernels.variant, &gradient))
    }

    init(_ site: PassSite, _ deconvolution: Deconvolution) {
        (self.site, window, isTransposed) = (site, deconvolution.window, true)
        sides = BlockDepthwisePass.sides(deconvolution.window, site.y.shape)
    }

    /// Phases with pixels of the large picture.
    private static func sides(
        _ window: Window, _ large: Shape
    ) -> [(vertical: PhaseSide, horizontal: PhaseSide)] {
        window.phases.filter {
            $0.vertical.count(of: large[2], stride: window.vertical.stride) > 0
                && $0.horizontal.count(of: large[3], stride: window.horizontal.stride) > 0
        }
    }

    func forward(_ workers: Workers) {
        pack()
        if isTransposed {
            spread(from: site.x.blocks, to: site.y.blocks, made: nil, workers)
        } else {
            slide(
                from: site.x.blocks, to: site.y.blocks, bias, slope: site.followers.last?.reluSlope, workers)
        }
    }

    func backward(_ workers: Workers) {
        guard let dy = site.y.gradientBlocks else { return }
        site.reluGradient?(workers)
        if !isTransposed { addWeightGradient(dy, workers) }
        guard let dx = site.x.gradientBlocks else { return }
        if isTransposed {
            slide(from: dy, to: dx, [], slope: nil, workers)
        } else {
            spread(from: dy, to: dx, made: site.x, workers)
        }
    }

    private func pack() {
        let (area, width) = (window.area, window.horizontal.kernel)
        packed = blocked(rows: window.vertical.kernel, columns: width) { channel, row, column in
            channel * area + row * width + column
        }
        phases = sides.flatMap { vertical, horizontal in
            blocked(rows: vertical.taps, columns: horizontal.taps) { channel, row, column in
                channel * area + (vertical.kernel - row * vertical.kernelStep) * width + horizontal.kernel
                    - column * horizontal.kernelStep
            }
        }
        guard site.parameters.count > 1 else { return }
        bias = Array(repeating: 0, count: site.y.blocks.planes * BlockKernels.width)
        bias.replaceSubrange(..<site.y.shape[1], with: site.parameters[1].numbers)
    }

    private func blocked(rows: Int, columns: Int, _ index: (Int, Int, Int) -> Int) -> [Float] {
        let block = BlockKernels.width, weights = site.parameters[0].numbers
        var all = [Float](repeating: 0, count: site.x.blocks.planes * rows * columns * block)
        for channel in 0..<site.x.shape[1] {
            for row in 0..<rows {
                for column in 0..<columns {
                    let at = ((channel / block * rows + row) * columns + column) * block + channel % block
                    all[at] = weights[index(channel, row, column)]
                }
            }
        }
        return all
    }

    /// - slope: of the ReLU that ends it; nil: none.
    private func slide(from: Blocks, to: Blocks, _ bias: [Float], slope: Float?, _ workers: Workers) {
        packed.withUnsafeBufferPointer { weights in
            bias.withUnsafeBufferPointer { bias in
                var arguments = fsk_block_depthwise(
                    x: from.seen(from: -window.vertical.pad, -window.horizontal.pad), y: to.fromComputed,
                    y_step: to.channels, weights: weights.baseAddress,
                    bias: bias.isEmpty ? nil : bias.baseAddress, batch: to.shape[0], planes: to.planes,
                    out_height: to.shape[2], out_width: to.shape[3], kernel_height: window.vertical.kernel,
                    kernel_width: window.horizontal.kernel, stride_height: window.vertical.stride,
                    stride_width: window.horizontal.stride, dilation_height: window.vertical.dilation,
                    dilation_width: window.horizontal.dilation, relu: slope == nil ? 0 : 1, slope: slope ?? 0,
                    relu_made: fsk_blocks())
                workers.withPool { fsk_block_depthwise_run(BlockKernels.variant, &arguments, 1, $0) }
            }
        }
    }

    /// - made: what lies where `to`'s gradient is of, which may come from a ReLU.
    private func spread(from: Blocks, to: Blocks, made: TrainedBlob?, _ workers: Workers) {
        let slope = made?.reluSlope
        phases.withUnsafeBufferPointer { weights in
            var weights = weights.baseAddress!
            let arguments = sides.map { vertical, horizontal in
                defer { weights += to.planes * vertical.taps * horizontal.taps * to.channels }
                func place(_ blocks: Blocks) -> fsk_blocks {
                    var place = blocks.seen(from: vertical.first, horizontal.first)
                    place.row_step *= window.vertical.stride
                    return place
                }
                return fsk_block_depthwise(
                    x: from.seen(from: -vertical.pad, -horizontal.pad), y: place(to),
                    y_step: to.channels * window.horizontal.stride, weights: weights, bias: nil,
                    batch: to.shape[0], planes: to.planes,
                    out_height: vertical.count(of: to.shape[2], stride: window.vertical.stride),
                    out_width: horizontal.count(of: to.shape[3], stride: window.horizontal.stride),
                    kernel_height: vertical.taps, kernel_width: horizontal.taps, stride_height: 1,
                    stride_width: 1, dilation_height: vertical.dilation, dilation_width: horizontal.dilation,
                    relu: Int32(slope == nil ? FSK_NO_RELU : FSK_RELU_GRADIENT), slope: slope ?? 0,
                    relu_made: made.map { place($0.blocks) } ?? fsk_blocks())
            }
            workers.withPool {
                fsk_block_depthwise_run(BlockKernels.variant, arguments, arguments.count, $0)
            }
        }
    }

    private var weightGradient: fsg_block_depthwise_gradient {
        var arguments = fsg_block_depthwise_gradient()
        arguments.adds = 1
        (arguments.batch, arguments.channels) = (site.x.shape[0], site.x.shape[1])
        (arguments.out_height, arguments.out_width) = (site.y.shape[2], site.y.shape[3])
        (arguments.kernel_height, arguments.kernel_width) = (window.vertical.kernel, window.horizontal.kernel)
        (arguments.stride_height, arguments.stride_width) = (window.vertical.stride, window.horizontal.stride)
        arguments.dilation_height = window.vertical.dilation
        arguments.dilation_width = window.horizontal.dilation
        return arguments
    }

    private func addWeightGradient(_ dy: Blocks, _ workers: Workers) {
        guard let dw = site.parameters[0].gradient else { return }
        var arguments = weightGradient
        arguments.x = site.x.blocks.seen(from: -window.vertical.pad, -window.horizontal.pad)
        arguments.dy = dy.fromComputed
        arguments.dw = dw.start
        arguments.dbias = site.parameters.count > 1 ? site.parameters[1].gradient?.start : nil
        workers.withPool {
            fsg_block_depthwise_gradient_run(BlockKernels.variant, &arguments, site.scratch.start, $0)
        }
    }
}
