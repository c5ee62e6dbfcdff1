// BlockKernels: what Execution has to know of this processor's kernels for values in blocks: widths, and which form
// a convolution takes. The form follows from the weights alone, so that plans of all sizes share them.
import Kernels

package enum BlockKernels {
    nonisolated(unsafe) package static let variant = fsk_block_choose(Processor.bits)
    /// Channels of a block.
    package static let width = fsk_block_width(variant)
    package static let narrow = Int(FSK_NARROW)
}

/// How a convolution is computed, and so how its weights are packed.
enum ConvolutionForm: Equatable {
    /// A filter for each plane, over planes: for few channels.
    case planes
    /// The same over blocks.
    case depthwise
    /// A product over gathered columns of planes: for groups.
    case grouped
    /// Over blocks, directly or by Winograd's transforms.
    case blocks(fsk_block_form, fsk_block_precision)

    var isBlocked: Bool {
        switch self {
        case .planes, .grouped: false
        case .depthwise, .blocks: true
        }
    }
}

extension ConvolutionForm {
    /// For people: "Winograd F(4x4, 3x3)".
    func text(_ convolution: Convolution) -> String {
        switch self {
        case .planes: "a filter a plane, over planes"
        case .depthwise: "a filter a plane"
        case .grouped: "gathered product"
        case .blocks(FSK_DIRECT, let precision):
            switch precision {
            case FSK_FAST: "direct product, bfloat16"
            case FSK_BYTES: "direct product, 8 bits"
            default: "direct product"
            }
        case .blocks(let form, let precision):
            "Winograd F(\(side(form, convolution))x\(side(form, convolution)), "
                + "\(convolution.window.vertical.kernel)x\(convolution.window.horizontal.kernel))"
                + (precision == FSK_FAST ? ", 16 bits" : "")
        }
    }

    /// Products for each pair of an input and an output channel.
    func products(_ convolution: Convolution, rows: Int, columns: Int) -> Int {
        guard case .blocks(let form, _) = self, form != FSK_DIRECT else {
            return rows * columns * convolution.window.area
        }
        let side = side(form, convolution)
        return (rows + side - 1) / side * ((columns + side - 1) / side) * Int(form.rawValue * form.rawValue)
    }

    /// The same, whatever the form: rows that no two bands may share.
    func tile(_ convolution: Convolution) -> Int {
        guard case .blocks(let form, _) = self, form != FSK_DIRECT else { return 1 }
        return side(form, convolution)
    }

    /// Pixels a side that a tile makes.
    private func side(_ form: fsk_block_form, _ convolution: Convolution) -> Int {
        Int(form.rawValue) - convolution.window.vertical.kernel + 1
    }
}

extension Convolution {
    /// - precision: what is asked for; not every layer gains by it.
    func form(_ input: Shape, _ precision: Precision) -> ConvolutionForm {
        if isDepthwise(input), group > 1 {
            return window.isModest && 2 * group >= BlockKernels.width ? .depthwise : .planes
        }
        // Frames hold the padding: layers that skip most of a large one would waste it.
        guard group == 1, window.isModest else { return .grouped }
        var sizes = sizes(input)
        let best = precision == .fast ? fsk_block_best_precision(BlockKernels.variant, &sizes) : FSK_EXACT
        sizes.precision = best
        return .blocks(fsk_block_best_form(BlockKernels.variant, &sizes), best)
    }

    /// Whether its packed weights, and so its kernel, are others when it is to be fast.
    func isFast(_ input: Shape) -> Bool {
        if case .blocks(_, let precision) = form(input, .fast) { precision != FSK_EXACT } else { false }
    }

    /// Whether it is computed over blocks, which precision has no say in.
    package func isBlocked(_ input: Shape) -> Bool { form(input, .exact).isBlocked }

    /// Whether the input comes in narrow blocks.
    package func isNarrow(_ input: Shape) -> Bool { group == 1 && input[1] <= BlockKernels.narrow }

    /// The kernel's arguments as far as packing asks for them.
    package func sizes(_ input: Shape) -> fsk_block_convolution {
        var sizes = fsk_block_convolution()
        (sizes.channels, sizes.filters) = (input[1], filters)
        sizes.block = isNarrow(input) ? BlockKernels.narrow : BlockKernels.width
        (sizes.kernel_height, sizes.kernel_width) = (window.vertical.kernel, window.horizontal.kernel)
        (sizes.stride_height, sizes.stride_width) = (window.vertical.stride, window.horizontal.stride)
        (sizes.dilation_height, sizes.dilation_width) = (window.vertical.dilation, window.horizontal.dilation)
        return sizes
    }
}

extension Deconvolution {
    private static let mostPhases = 4

    /// Whether every plane has a filter of its own.
    func isDepthwise(_ input: Shape) -> Bool { group == filters && group == input[1] }

    /// Whether it is computed over blocks.
    package func isBlocked(_ input: Shape) -> Bool { packsBlocks(input[1]) }

    /// A filter for each of so many planes, not too few of them, and few phases.
    func packsBlocks(_ channels: Int) -> Bool {
        group == filters && group == channels && 2 * group >= BlockKernels.width && window.isModest
            && window.vertical.stride * window.horizontal.stride <= Deconvolution.mostPhases
    }
}
