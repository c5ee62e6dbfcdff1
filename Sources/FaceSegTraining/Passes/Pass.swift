// Pass: a layer of a plan: its numbers forwards, its gradients backwards. Here: what passes are made from, and which
// layer gets which.
import FaceSegKit

/// One layer at work. Runs only on the thread that leads the workers.
protocol Pass {
    /// Makes the outputs' numbers of the inputs'.
    func forward(_ workers: Workers) throws(FaceSegError)
    /// Makes the inputs' gradients, where they are asked for, of the outputs'; adds to the parameters'.
    func backward(_ workers: Workers)
}

/// One call of a kernel, made ready.
typealias PassStep = (Workers) -> Void

/// A layer in its place.
struct PassSite {
    let layer: TrainedLayer
    /// Layers behind it that are part of the pass.
    let followers: [TrainedLayer]
    let inputs: [TrainedBlob], outputs: [TrainedBlob]
    let parameters: [Parameter]
    let clock: TrainingClock
    let seed: UInt64
    let threads: Int
    let precision: Precision
    let scratch: SharedScratch

    var name: String { layer.name }
    var x: TrainedBlob { inputs[0] }
    var y: TrainedBlob { outputs[0] }
    var shapes: [Shape] { inputs.map(\.shape) }
}

/// What random passes depend on beside their seed: how many forward passes of the training net there have been.
package final class TrainingClock {
    package var passes = 0
    package init() {}
}

func makePass(_ site: PassSite) throws(FaceSegError) -> any Pass {
    switch site.layer.operation {
    case .feed: return NoPass()
    case .dropout(let ratio): return try DropoutPass(site, ratio: ratio)
    case .batchNorm(let norm, let usesStored, let momentum):
        let statistics = StoredStatistics(site, usesStored: usesStored, momentum: momentum)
        if site.y.layout.isBlocked { return try BlockNormPass(site, statistics, eps: norm.eps) }
        return try BatchNormPass(site, norm, statistics)
    case .loss(let loss): return try LossPass(site, loss)
    case .accuracy(let top, let axis, let ignored):
        return try AccuracyPass(site, top: top, axis: axis, ignored: ignored)
    case .compute(.convolution(let convolution)): return try makePass(site, convolution)
    case .compute(.deconvolution(let deconvolution)):
        return site.y.layout.isBlocked
            ? BlockDepthwisePass(site, deconvolution) : try ProductPass(site, deconvolution)
    case .compute(.innerProduct(let product)): return try InnerProductPass(site, product)
    case .compute(.identity), .compute(.silence), .compute(.reshape), .compute(.flatten):
        return SharedPass(site)
    case .compute(let operation) where operation.isFlat: return try FlatPass(site, operation)
    case .compute(.scale(let scale)) where site.y.layout.isBlocked: return try BlockNormPass(site, scale)
    case .compute(let operation):
        return site.y.layout.isBlocked ? try BlockPass(site, operation) : try PlanePass(site, operation)
    }
}

private func makePass(_ site: PassSite, _ convolution: Convolution) throws(FaceSegError) -> any Pass {
    guard site.y.layout.isBlocked else { return try ProductPass(site, convolution) }
    return convolution.isDepthwise(site.x.shape) && convolution.group > 1
        ? BlockDepthwisePass(site, convolution) : try BlockConvolutionPass(site, convolution)
}

/// Memory that passes use one after the other: as much as the one that wants most.
final class SharedScratch {
    private var count = 0
    private(set) var buffer: Buffer?

    /// Asks for so many floats, before ``make()``.
    func need(_ floats: Int) { count = max(count, floats) }

    func make() throws(FaceSegError) { buffer = try Buffer(count: count) }

    var start: UnsafeMutablePointer<Float> { buffer!.start }
}

/// Numbers that come from outside.
private struct NoPass: Pass {
    func forward(_ workers: Workers) {}
    func backward(_ workers: Workers) {}
}
