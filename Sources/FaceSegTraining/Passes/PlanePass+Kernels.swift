// PlanePass: layers without products, whose forward pass is inference's own. Here: which kernel makes the gradient.
import FaceSegKit
import Gradients
import Kernels

/// A layer over planes. Movements are in MovementGradients.
struct PlanePass: Pass {
    private let layer: PlaneLayer
    private let steps: [PassStep]

    init(_ site: PassSite, _ operation: Operation) throws(FaceSegError) {
        let factors = try PlanePass.factors(site, operation)
        layer = try PlaneLayer(
            site.name, operation, inputs: site.inputs.map(\.place), outputs: site.outputs.map(\.place),
            gain: factors.gain, shift: factors.shift)
        steps = try site.gradientSteps(operation)
    }

    /// Which parameter is a gain and which a shift.
    private static func factors(
        _ site: PassSite, _ operation: Operation
    ) throws(FaceSegError) -> (gain: Buffer?, shift: Buffer?) {
        switch operation {
        case .prelu: return (site.parameters[0].data, nil)
        case .scale(let scale):
            let own = site.parameters.map(\.data)
            if site.inputs.count == 2 { return (nil, scale.hasFactor ? own.first : nil) }
            return scale.hasFactor ? (own[0], own.count > 1 ? own[1] : nil) : (nil, own[0])
        default: return (nil, nil)
        }
    }

    func forward(_ workers: Workers) { layer.run(workers) }
    func backward(_ workers: Workers) { for step in steps { step(workers) } }
}

extension TrainedBlob {
    var place: PlanePlace { PlanePlace(data, shape) }
    var read: UnsafePointer<Float> { UnsafePointer(data.start) }
}

/// A kernel with the arguments that it will have.
func step<Arguments>(
    _ arguments: Arguments, _ run: @escaping (UnsafePointer<Arguments>, UnsafePointer<fsk_pool>) -> Void
) -> PassStep {
    { workers in withUnsafePointer(to: arguments) { arguments in workers.withPool { run(arguments, $0) } } }
}

extension PassSite {
    /// The gradient that comes in, and those that are wanted; nil if none comes or is wanted.
    var dy: UnsafePointer<Float>? { y.gradient.map { UnsafePointer($0.start) } }
    var dx: UnsafeMutablePointer<Float>? { x.gradient?.start }

    fileprivate func gradientSteps(_ operation: Operation) throws(FaceSegError) -> [PassStep] {
        if let moved = try movementGradients(operation) { return moved }
        guard outputs.count == 1, let dy else { return [] }
        switch operation {
        case .scale(let scale): return try scaleSteps(scale, dy)
        case .interp(let interp): return interpSteps(interp, dy)
        case .prelu(let prelu): return try preluSteps(prelu, dy)
        default:
            guard let dx else { return [] }
            return try [oneInput(operation, dy, dx)].compactMap { $0 }
        }
    }

    private func oneInput(
        _ operation: Operation, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>
    ) throws(FaceSegError) -> PassStep? {
        switch operation {
        case .pooling(let pooling): return poolingStep(pooling, dy, dx)
        case .softmax(let softmax):
            let axis = try x.shape.axis(softmax.axis, layer: name)
            return step(
                fsk_softmax(
                    x: x.read, y: y.data.start, outer: x.shape.outer(axis), channels: x.shape[axis],
                    inner: x.shape.inner(axis)), { fsg_softmax_run($0, dy, dx, $1) })
        case .lrn(let lrn): return try lrnStep(lrn, dy, dx)
        case .mvn(let mvn):
            let outer = mvn.acrossChannels ? x.shape[0] : x.shape[0] * x.shape[1]
            return step(
                fsk_mvn(
                    x: x.read, y: y.data.start, outer: outer, inner: x.shape.count / outer,
                    normalize_variance: mvn.normalizesVariance, eps: mvn.eps),
                { fsg_mvn_run($0, dy, dx, $1) })
        case .reduction(let reduction): return try reductionStep(reduction, dy, dx)
        case .upsample(let upsample):
            return step(
                fsk_upsample(
                    x: nil, y: nil, planes: x.shape[0] * x.shape[1], height: x.shape[2], width: x.shape[3],
                    factor: upsample.factor), { fsg_upsample_run($0, dy, dx, $1) })
        default: return nil
        }
    }

    /// A second input gives its size alone: its gradient is zero.
    private func interpSteps(_ interp: Interp, _ dy: UnsafePointer<Float>) -> [PassStep] {
        let arguments = fsk_interp(
            x: nil, y: nil, planes: x.shape[0] * x.shape[1], height: x.shape[2], width: x.shape[3],
            out_height: y.shape[2], out_width: y.shape[3], pad_begin: interp.padBegin,
            pad_end: interp.padEnd)
        let own = dx.map { dx in step(arguments) { fsg_interp_run($0, dy, dx, $1) } }
        let second = inputs.count == 2 && inputs[1].gradient != nil ? inputs[1].gradients : nil
        return [own, second.map { second in { _ in second.update(repeating: 0) } }].compactMap { $0 }
    }

    private func poolingStep(
        _ pooling: Pooling, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>
    ) -> PassStep {
        let whole = Window.Side(kernel: 1, stride: 1, pad: 0, dilation: 1)
        var vertical = pooling.window?.vertical ?? whole, horizontal = pooling.window?.horizontal ?? whole
        if pooling.window == nil { (vertical.kernel, horizontal.kernel) = (x.shape[2], x.shape[3]) }
        return step(
            fsk_pooling(
                x: x.read, y: nil, planes: x.shape[0] * x.shape[1], height: x.shape[2], width: x.shape[3],
                out_height: y.shape[2], out_width: y.shape[3], kernel_h: vertical.kernel,
                kernel_w: horizontal.kernel, stride_h: vertical.stride, stride_w: horizontal.stride,
                pad_h: vertical.pad, pad_w: horizontal.pad,
                kind: Int32(pooling.kind == .max ? FSK_POOLING_MAX : FSK_POOLING_AVE)),
            { fsg_pooling_run($0, dy, dx, $1) })
    }

    private func lrnStep(
        _ lrn: LRN, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>
    ) throws(FaceSegError) -> PassStep {
        let bases = try Buffer(count: x.shape.count)
        return step(
            fsk_lrn(
                x: x.read, y: y.data.start, outer: x.shape[0], channels: x.shape[1], height: x.shape[2],
                width: x.shape[3], size: lrn.size, alpha: lrn.alpha, beta: lrn.beta, k: lrn.k,
                within_channel: lrn.withinChannel), { fsg_lrn_run($0, dy, bases.start, dx, $1) })
    }

    private func reductionStep(
        _ reduction: Reduction, _ dy: UnsafePointer<Float>, _ dx: UnsafeMutablePointer<Float>
    ) throws(FaceSegError) -> PassStep {
        let axis = try x.shape.axis(reduction.axis, layer: name)
        let kind =
            switch reduction.kind {
            case .sum: FSK_REDUCTION_SUM
            case .absoluteSum: FSK_REDUCTION_ASUM
            case .squareSum: FSK_REDUCTION_SUMSQ
            case .mean: FSK_REDUCTION_MEAN
            }
        return step(
            fsk_reduction(
                x: x.read, y: nil, outer: x.shape.outer(axis), tail: x.shape.count(axis..<x.shape.rank),
                kind: Int32(kind), coefficient: reduction.coefficient), { fsg_reduction_run($0, dy, dx, $1) })
    }

    private func preluSteps(_ prelu: PReLU, _ dy: UnsafePointer<Float>) throws(FaceSegError) -> [PassStep] {
        let sums = try Buffer(count: x.shape[1])
        return [
            step(
                fsg_prelu(
                    x: x.read, dy: dy, dx: dx, dslope: parameters[0].gradient?.start,
                    channel_sums: sums.start, outer: x.shape[0], channels: x.shape[1],
                    inner: x.shape.inner(1), slope: parameters[0].data.start,
                    slope_stride: prelu.isShared ? 0 : 1),
                { arguments, pool in withExtendedLifetime(sums) { fsg_prelu_run(arguments, pool) } })
        ]
    }

    /// With two inputs the second is the factor, or the addend, and has a gradient of its own, which is written.
    private func scaleSteps(_ scale: Scale, _ dy: UnsafePointer<Float>) throws(FaceSegError) -> [PassStep] {
        let range = try scale.range(shapes, layer: name)
        let second = inputs.count == 2 ? inputs[1] : nil
        var given = parameters.makeIterator()
        let factor = scale.hasFactor && second == nil ? given.next() : nil
        let addend = scale.hasAddend && (second == nil || scale.hasFactor) ? given.next() : nil
        let secondFactor = scale.hasFactor ? second : nil, secondAddend = scale.hasFactor ? nil : second
        let gain = factor?.data.start ?? secondFactor?.data.start
        let gradient = second?.gradients
        return [
            { _ in gradient?.update(repeating: 0) },
            step(
                fsg_affine(
                    x: x.read, dy: dy, gain: gain, dx: dx,
                    dgain: factor?.gradient?.start ?? secondFactor?.gradient?.start,
                    dshift: addend?.gradient?.start ?? secondAddend?.gradient?.start,
                    outer: x.shape.count(0..<range.lowerBound), channels: x.shape.count(range),
                    inner: x.shape.count(range.upperBound..<x.shape.rank)), { fsg_affine_run($0, $1) }),
        ]
    }
}
