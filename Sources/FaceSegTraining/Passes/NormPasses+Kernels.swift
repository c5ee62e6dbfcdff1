// NormPasses: layers that do another thing in training than in use: BatchNorm and Dropout.
import FaceSegKit
import Gradients
import Kernels

/// The statistics that a BatchNorm keeps, in parameters of its own: sums of means and of variances that fade, and the
/// number that divides both. Source: Caffe `batch_norm_layer.cpp`.
struct StoredStatistics {
    private let stored: [Parameter]
    /// Whether they take the batch's place.
    let isUsed: Bool
    private let momentum: Float

    init(_ site: PassSite, usesStored: Bool, momentum: Float) {
        (stored, isUsed, self.momentum) = (Array(site.parameters.prefix(3)), usesStored, momentum)
    }

    func read(mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>) {
        let total = stored[2].numbers[0], factor = total == 0 ? 0 : 1 / total
        for c in 0..<stored[0].count {
            (mean[c], variance[c]) = (stored[0].numbers[c] * factor, stored[1].numbers[c] * factor)
        }
    }

    /// Takes in a batch's, of so many numbers a channel; the variance without bias.
    func move(mean: UnsafePointer<Float>, variance: UnsafePointer<Float>, count: Int) {
        let correction = count > 1 ? Float(count) / Float(count - 1) : 1
        stored[2].numbers[0] = stored[2].numbers[0] * momentum + 1
        for c in 0..<stored[0].count {
            stored[0].numbers[c] = mean[c] + momentum * stored[0].numbers[c]
            stored[1].numbers[c] = correction * variance[c] + momentum * stored[1].numbers[c]
        }
    }
}

/// (x - mean) / sqrt(variance + eps), by the batch's statistics, which move the stored ones.
struct BatchNormPass: Pass {
    private let site: PassSite, statistics: StoredStatistics
    private let mean: Buffer, variance: Buffer
    private let arguments: fsg_batch_norm

    init(_ site: PassSite, _ norm: BatchNorm, _ statistics: StoredStatistics) throws(FaceSegError) {
        (self.site, self.statistics) = (site, statistics)
        let shape = site.x.shape
        let channels = shape.rank > 1 ? shape[1] : 1
        mean = try Buffer(count: channels)
        variance = try Buffer(count: channels)
        arguments = fsg_batch_norm(
            x: site.x.read, y: site.y.data.start, outer: shape[0], channels: channels,
            inner: shape.count / shape[0] / channels, eps: norm.eps, mean: mean.start,
            variance: variance.start)
    }

    func forward(_ workers: Workers) {
        var arguments = arguments
        if statistics.isUsed {
            statistics.read(mean: mean.start, variance: variance.start)
        } else {
            workers.withPool { fsg_batch_norm_statistics(&arguments, $0) }
            statistics.move(
                mean: mean.start, variance: variance.start, count: arguments.outer * arguments.inner)
        }
        workers.withPool { fsg_batch_norm_run(&arguments, $0) }
    }

    func backward(_ workers: Workers) {
        guard let dy = site.dy, let dx = site.dx else { return }
        var arguments = arguments
        workers.withPool { fsg_batch_norm_gradient(&arguments, dy, dx, statistics.isUsed, $0) }
    }
}

/// Zeros for a share of the numbers, drawn anew each time; the others grow by what was lost.
/// Source: Caffe `dropout_layer.cpp`.
final class DropoutPass: Pass {
    private let site: PassSite
    private let ratio: Float
    private var mask: [UInt8]

    init(_ site: PassSite, ratio: Float) throws(FaceSegError) {
        (self.site, self.ratio) = (site, ratio)
        mask = Array(repeating: 0, count: site.x.count)
    }

    func forward(_ workers: Workers) {
        var random = SplitMix(seed: site.seed, stream: site.name, site.clock.passes)
        let seed = random.next()
        mask.withUnsafeMutableBufferPointer { mask in
            workers.withPool { fsg_dropout_mask_run(seed, ratio, mask.baseAddress, mask.count, $0) }
        }
        run(workers, site.x.read, site.y.data.start)
    }

    func backward(_ workers: Workers) {
        if let dy = site.dy, let dx = site.dx { run(workers, dy, dx) }
    }

    private func run(_ workers: Workers, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
        mask.withUnsafeBufferPointer { mask in
            workers.withPool { fsg_dropout_run(x, mask.baseAddress, ratio, y, mask.count, $0) }
        }
    }
}
