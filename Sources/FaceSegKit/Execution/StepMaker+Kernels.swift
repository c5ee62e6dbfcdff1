// StepMaker: the steps of one layer for the places and shapes of its values. Products are in Products+Kernels,
// moved numbers in Movements+Kernels.
import Kernels

/// What the steps of a layer are made from.
struct StepMaker {
    let layer: Layer
    let slope: Float?
    let weights: PackedWeights
    let inputs: [Tensor], outputs: [Tensor]
    let scratch: UnsafeMutablePointer<Float>

    var x: Tensor { inputs[0] }
    var y: Tensor { outputs[0] }

    func steps() throws(FaceSegError) -> [any Step] {
        switch layer.operation {
        case .convolution(let o): [convolution(o)]
        case .deconvolution(let o): deconvolution(o)
        case .innerProduct(let o): [try innerProduct(o)]
        case .pooling(let o): [pooling(o)]
        case .unary(let o): [o.step(x.read, y.start, count: x.shape.count)]
        case .prelu(let o): [prelu(o)]
        case .eltwise(let o): [o.step(inputs.map(\.read), y.start, count: y.shape.count, slope: slope)]
        case .scale(let o): [try scale(o)]
        case .batchNorm: [affine(range: min(1, x.shape.rank)..<min(2, x.shape.rank))]
        case .concat(let o): try concat(o)
        case .slice(let o): try slice(o)
        case .crop(let o): [try crop(o)]
        case .tile(let o): [try tile(o)]
        case .permute(let o): [try permute(o)]
        case .lrn(let o): [lrn(o)]
        case .mvn(let o): [mvn(o)]
        case .softmax(let o): [try softmax(o)]
        case .reduction(let o): [try reduction(o)]
        case .argMax(let o): [try argMax(o)]
        case .interp(let o): [interp(o)]
        case .upsample(let o): [upsample(o)]
        case .reshape, .flatten, .identity, .silence, .constant: []
        }
    }

    private func pooling(_ pooling: Pooling) -> any Step {
        let vertical = pooling.window?.vertical ?? .init(kernel: x.shape[2], stride: 1, pad: 0, dilation: 1)
        let horizontal =
            pooling.window?.horizontal ?? .init(kernel: x.shape[3], stride: 1, pad: 0, dilation: 1)
        return KernelStep(
            fsk_pooling(
                x: x.read, y: y.start, planes: x.shape[0] * x.shape[1], height: x.shape[2], width: x.shape[3],
                out_height: y.shape[2], out_width: y.shape[3], kernel_h: vertical.kernel,
                kernel_w: horizontal.kernel, stride_h: vertical.stride, stride_w: horizontal.stride,
                pad_h: vertical.pad, pad_w: horizontal.pad,
                kind: Int32(pooling.kind == .max ? FSK_POOLING_MAX : FSK_POOLING_AVE)),
            fsk_pooling_run)
    }

    private func prelu(_ prelu: PReLU) -> any Step {
        guard case .channels(let slope?, _) = weights else { preconditionFailure("PReLU without slopes") }
        return KernelStep(
            fsk_prelu(
                x: x.read, y: y.start, outer: x.shape[0], channels: x.shape[1], inner: x.shape.inner(1),
                slope: UnsafePointer(slope.start), slope_stride: prelu.isShared ? 0 : 1), fsk_prelu_run)
    }

    private func scale(_ scale: Scale) throws(FaceSegError) -> any Step {
        affine(range: try scale.range(inputs.map(\.shape), layer: layer.name), second: scale)
    }

    /// x * gain + shift, by the index within dimensions `range`.
    private func affine(range: Range<Int>, second scale: Scale? = nil) -> any Step {
        guard case .channels(let gain, let shift) = weights else { preconditionFailure("no factors") }
        let other = inputs.count == 2 ? inputs[1].read : nil
        let factor = scale?.hasFactor == true && other != nil ? other : gain.map { UnsafePointer($0.start) }
        let addend = scale?.hasFactor == false && other != nil ? other : shift.map { UnsafePointer($0.start) }
        return KernelStep(
            fsk_affine(
                x: x.read, y: y.start, outer: x.shape.count(0..<range.lowerBound),
                channels: x.shape.count(range), inner: x.shape.count(range.upperBound..<x.shape.rank),
                gain: factor, shift: addend, relu: slope != nil, negative_slope: slope ?? 0), fsk_affine_run)
    }

    private func lrn(_ lrn: LRN) -> any Step {
        KernelStep(
            fsk_lrn(
                x: x.read, y: y.start, outer: x.shape[0], channels: x.shape[1], height: x.shape[2],
                width: x.shape[3], size: lrn.size, alpha: lrn.alpha, beta: lrn.beta, k: lrn.k,
                within_channel: lrn.withinChannel), fsk_lrn_run)
    }

    private func mvn(_ mvn: MVN) -> any Step {
        let outer = mvn.acrossChannels ? x.shape[0] : x.shape[0] * x.shape[1]
        return KernelStep(
            fsk_mvn(
                x: x.read, y: y.start, outer: outer, inner: x.shape.count / outer,
                normalize_variance: mvn.normalizesVariance, eps: mvn.eps), fsk_mvn_run)
    }

    private func softmax(_ softmax: Softmax) throws(FaceSegError) -> any Step {
        let axis = try x.shape.axis(softmax.axis, layer: layer.name)
        return KernelStep(
            fsk_softmax(
                x: x.read, y: y.start, outer: x.shape.outer(axis), channels: x.shape[axis],
                inner: x.shape.inner(axis)), fsk_softmax_run)
    }

    private func reduction(_ reduction: Reduction) throws(FaceSegError) -> any Step {
        let axis = try x.shape.axis(reduction.axis, layer: layer.name)
        let kind =
            switch reduction.kind {
            case .sum: FSK_REDUCTION_SUM
            case .absoluteSum: FSK_REDUCTION_ASUM
            case .squareSum: FSK_REDUCTION_SUMSQ
            case .mean: FSK_REDUCTION_MEAN
            }
        return KernelStep(
            fsk_reduction(
                x: x.read, y: y.start, outer: x.shape.outer(axis), tail: x.shape.count(axis..<x.shape.rank),
                kind: Int32(kind), coefficient: reduction.coefficient), fsk_reduction_run)
    }

    private func argMax(_ argMax: ArgMax) throws(FaceSegError) -> any Step {
        var (outer, channels, inner) = (x.shape[0], x.shape.inner(0), 1)
        var output = argMax.givesValues ? FSK_ARGMAX_BOTH : FSK_ARGMAX_INDEX
        if let axis = argMax.axis {
            let at = try x.shape.axis(axis, layer: layer.name)
            (outer, channels, inner) = (x.shape.outer(at), x.shape[at], x.shape.inner(at))
            output = argMax.givesValues ? FSK_ARGMAX_VALUE : FSK_ARGMAX_INDEX
        }
        return KernelStep(
            fsk_argmax(
                x: x.read, y: y.start, outer: outer, channels: channels, inner: inner, top_k: argMax.topK,
                output: Int32(output)), fsk_argmax_run)
    }

    private func interp(_ interp: Interp) -> any Step {
        KernelStep(
            fsk_interp(
                x: x.read, y: y.start, planes: x.shape[0] * x.shape[1], height: x.shape[2], width: x.shape[3],
                out_height: y.shape[2], out_width: y.shape[3], pad_begin: interp.padBegin,
                pad_end: interp.padEnd), fsk_interp_run)
    }

    private func upsample(_ upsample: Upsample) -> any Step {
        KernelStep(
            fsk_upsample(
                x: x.read, y: y.start, planes: x.shape[0] * x.shape[1], height: x.shape[2], width: x.shape[3],
                factor: upsample.factor), fsk_upsample_run)
    }
}

extension Unary {
    /// Over numbers in any order; y may be x.
    func step(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) -> any Step {
        let (kind, a, b, c) = kind.parameters
        return KernelStep(
            fsk_unary(x: x, y: y, count: count, kind: Int32(kind), a: a, b: b, c: c), fsk_unary_run)
    }
}

extension Eltwise {
    /// Over numbers in any order, all inputs in the same; y may be one of them.
    func step(
        _ inputs: [UnsafePointer<Float>], _ y: UnsafeMutablePointer<Float>, count: Int, slope: Float?
    ) -> any Step {
        let kind =
            switch kind {
            case .sum: FSK_ELTWISE_SUM
            case .product: FSK_ELTWISE_PROD
            case .max: FSK_ELTWISE_MAX
            }
        return EltwiseStep(
            inputs: inputs, coefficients: coefficients,
            arguments: fsk_eltwise(
                x: nil, inputs: inputs.count, y: y, count: count, kind: Int32(kind), coefficients: nil,
                relu: slope != nil, negative_slope: slope ?? 0))
    }
}

extension Unary.Kind {
    /// The kernel's kind and its parameters a, b, c.
    var parameters: (Int, Float, Float, Float) {
        switch self {
        case .relu(let slope): (FSK_UNARY_RELU, slope, 0, 0)
        case .elu(let alpha): (FSK_UNARY_ELU, alpha, 0, 0)
        case .sigmoid: (FSK_UNARY_SIGMOID, 0, 0, 0)
        case .tanh: (FSK_UNARY_TANH, 0, 0, 0)
        case .absVal: (FSK_UNARY_ABS, 0, 0, 0)
        case .bnll: (FSK_UNARY_BNLL, 0, 0, 0)
        case .clip(let min, let max): (FSK_UNARY_CLIP, min, max, 0)
        case .exp(let inner, let outer): (FSK_UNARY_EXP, inner, outer, 0)
        case .log(let factor, let scale, let shift): (FSK_UNARY_LOG, factor, scale, shift)
        case .power(let power, let scale, let shift): (FSK_UNARY_POWER, power, scale, shift)
        case .swish(let beta): (FSK_UNARY_SWISH, beta, 0, 0)
        case .threshold(let threshold): (FSK_UNARY_THRESHOLD, threshold, 0, 0)
        }
    }
}
