// NormPasses: layers that do another thing in training than in use: BatchNorm and Dropout.
import FaceSegKit
import Gradients
import Kernels

/// (x - mean) / sqrt(variance + eps), by the batch's statistics, which move the stored ones.
/// Source: Caffe `batch_norm_layer.cpp`.
final class BatchNormPass: Pass {
    private let site: PassSite
    private let usesStored: Bool, momentum: Float
    private let mean: Buffer, variance: Buffer
    private let arguments: fsg_batch_norm

    init(_ site: PassSite, _ norm: BatchNorm, usesStored: Bool, momentum: Float) throws(FaceSegError) {
        (self.site, self.usesStored, self.momentum) = (site, usesStored, momentum)
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
        if usesStored {
            readStored()
        } else {
            workers.withPool { fsg_batch_norm_statistics(&arguments, $0) }
            moveStored()
        }
        workers.withPool { fsg_batch_norm_run(&arguments, $0) }
    }

    private var stored: [UnsafeMutableBufferPointer<Float>] { site.parameters.map(\.numbers) }

    private func readStored() {
        let total = stored[2][0], factor = total == 0 ? 0 : 1 / total
        for c in stored[0].indices {
            (mean.start[c], variance.start[c]) = (stored[0][c] * factor, stored[1][c] * factor)
        }
    }

    /// Sums that fade; the variance without bias.
    private func moveStored() {
        let count = Float(arguments.outer * arguments.inner)
        let correction = count > 1 ? count / (count - 1) : 1
        stored[2][0] = stored[2][0] * momentum + 1
        for c in stored[0].indices {
            stored[0][c] = mean.start[c] + momentum * stored[0][c]
            stored[1][c] = correction * variance.start[c] + momentum * stored[1][c]
        }
    }

    func backward(_ workers: Workers) {
        guard let dy = site.dy, let dx = site.dx else { return }
        var arguments = arguments
        workers.withPool { fsg_batch_norm_gradient(&arguments, dy, dx, usesStored, $0) }
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
        let kept = UInt64((1 - Double(ratio)) * 0x1p32)
        for i in mask.indices { mask[i] = random.next() >> 32 < kept ? 1 : 0 }
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
