// BlockNormPass: BatchNorm, Scale and ReLU over blocks, one behind the other in one pass, or a Scale by itself.
import FaceSegKit
import Gradients
import Kernels

final class BlockNormPass: Pass {
    private let site: PassSite
    /// nil: a Scale by itself, of mean 0 and variance 1.
    private let statistics: StoredStatistics?
    private let gain: Parameter?, shift: Parameter?
    private let mean: Buffer, variance: Buffer
    private var arguments = fsg_block_normalization()

    convenience init(_ site: PassSite, _ statistics: StoredStatistics, eps: Float) throws(FaceSegError) {
        let scale = site.followers.compactMap(\.scale).first
        try self.init(site, statistics, Array(site.parameters.dropFirst(3)), scale)
        arguments.epsilon = eps
        if let slope = site.followers.last?.reluSlope { (arguments.relu, arguments.slope) = (1, slope) }
    }

    convenience init(_ site: PassSite, _ scale: Scale) throws(FaceSegError) {
        try self.init(site, nil, site.parameters, scale)
        arguments.is_fixed = 1
    }

    private init(
        _ site: PassSite, _ statistics: StoredStatistics?, _ parameters: [Parameter], _ scale: Scale?
    ) throws(FaceSegError) {
        (self.site, self.statistics) = (site, statistics)
        gain = scale == nil ? nil : parameters[0]
        shift = scale?.hasAddend == true ? parameters[1] : nil
        let shape = site.x.shape
        mean = try zeros(shape[1])
        variance = try Buffer(count: shape[1])
        UnsafeMutableBufferPointer(start: variance.start, count: shape[1]).update(repeating: 1)
        arguments.x = site.x.blocks.fromComputed
        arguments.y = site.y.blocks.fromComputed
        (arguments.batch, arguments.channels) = (shape[0], shape[1])
        (arguments.height, arguments.width) = (shape[2], shape[3])
        (arguments.mean, arguments.variance) = (mean.start, variance.start)
        (arguments.gain, arguments.shift) = (pointer(gain), pointer(shift))
        arguments.is_fixed = statistics?.isUsed == false ? 0 : 1
        arguments.adds = 1
        var sizes = arguments
        site.scratch.need(fsg_block_normalization_scratch(BlockKernels.variant, &sizes))
    }

    private func pointer(_ parameter: Parameter?) -> UnsafePointer<Float>? {
        parameter.map { UnsafePointer($0.data.start) }
    }

    func forward(_ workers: Workers) {
        let scratch = site.scratch.start
        if let statistics, statistics.isUsed {
            statistics.read(mean: mean.start, variance: variance.start)
        } else if let statistics {
            workers.withPool { fsg_block_statistics_run(BlockKernels.variant, &arguments, scratch, $0) }
            statistics.move(
                mean: mean.start, variance: variance.start,
                count: arguments.batch * arguments.height * arguments.width)
        }
        workers.withPool { fsg_block_normalize_run(BlockKernels.variant, &arguments, scratch, $0) }
    }

    func backward(_ workers: Workers) {
        guard let dy = site.y.gradientBlocks else { return }
        let dx = site.x.gradientBlocks
        guard dx != nil || gain?.gradient != nil || shift?.gradient != nil else { return }
        var arguments = arguments
        arguments.dy = dy.fromComputed
        // Where nobody asks for it, over what came in, which nobody reads again.
        arguments.dx = (dx ?? dy).fromComputed
        (arguments.dgain, arguments.dshift) = (gain?.gradient?.start, shift?.gradient?.start)
        workers.withPool {
            fsg_block_normalization_gradient_run(BlockKernels.variant, &arguments, site.scratch.start, $0)
        }
    }
}

extension TrainedLayer {
    fileprivate var scale: Scale? { if case .compute(.scale(let scale)) = operation { scale } else { nil } }
}
