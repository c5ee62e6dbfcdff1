// TrainingPlan: a TrainingNet for inputs of certain shapes: blobs, and passes that run over them.
import FaceSegKit

/// Runs a net forwards and backwards. One thread at a time.
package final class TrainingPlan {
    private let net: TrainingNet
    private let blobs: [TrainedBlob]
    private let passes: [any Pass]
    private let workers: Workers
    private let clock: TrainingClock
    /// Which layers a gradient goes through, last first.
    private let backwards: [Int]

    /// - shapes: of the blobs that come from outside, by name.
    package init(
        _ net: TrainingNet, shapes: [String: Shape], workers: Workers, clock: TrainingClock
    ) throws(FaceSegError) {
        (self.net, self.workers, self.clock) = (net, workers, clock)
        let reach = GradientReach(net)
        var maker = BlobMaker(net, try net.shapes(shapes), reach)
        try maker.make()
        let blobs = maker.blobs.map { $0! }
        self.blobs = blobs
        passes = try net.layers.map { (layer) throws(FaceSegError) in
            try makePass(
                PassSite(
                    layer: layer, inputs: layer.bottoms.map { blobs[$0] },
                    outputs: layer.tops.map { blobs[$0] },
                    parameters: layer.parameters.map { net.parameters[$0] }, clock: clock, seed: net.seed,
                    threads: workers.threads))
        }
        backwards = net.layers.indices.reversed().filter { reach.goesThrough[$0] }
        for layer in net.layers { setLossWeights(layer) }
    }

    private func setLossWeights(_ layer: TrainedLayer) {
        for (top, weight) in zip(layer.tops, layer.lossWeights) where weight != 0 {
            blobs[top].gradients.update(repeating: weight)
        }
    }

    /// The blob that a name means after a run, or before it for one that comes from outside.
    package func blob(named name: String) -> TrainedBlob? {
        net.blobNames.lastIndex(of: name).map { blobs[$0] }
    }

    /// Blobs that no layer takes, in the order in which they come to be, each with its weight as a loss.
    package var outputs: [(blob: TrainedBlob, lossWeight: Float)] {
        let taken = Set(net.layers.flatMap(\.bottoms))
        return net.layers.flatMap { layer in
            zip(layer.tops, layer.lossWeights).filter { !taken.contains($0.0) }.map { (blobs[$0], $1) }
        }
    }

    /// Computes every blob from those that come from outside.
    /// - Returns: the loss: the sum of all blobs that are losses, by their weights.
    /// - Throws: ``FaceSegError/cancelled``, and what a loss finds wrong with the labels.
    @discardableResult
    package func forward() throws(FaceSegError) -> Float {
        if net.phase == "TRAIN" { clock.passes += 1 }
        try lead { (workers) throws(FaceSegError) in
            for pass in passes {
                try pass.forward(workers)
                if workers.isCancelled { throw .cancelled }
            }
        }
        var loss: Float = 0
        for layer in net.layers {
            for (top, weight) in zip(layer.tops, layer.lossWeights) where weight != 0 {
                loss += weight * blobs[top].numbers.reduce(0, +)
            }
        }
        return loss
    }

    /// Adds the loss's gradient to that of each parameter.
    package func backward() throws(FaceSegError) {
        try lead { (workers) throws(FaceSegError) in
            for index in backwards {
                passes[index].backward(workers)
                if workers.isCancelled { throw .cancelled }
            }
        }
    }

    private func lead(_ body: (Workers) throws(FaceSegError) -> Void) throws(FaceSegError) {
        var result: Result<Void, FaceSegError> = .success(())
        workers.lead {
            do throws(FaceSegError) { try body(workers) } catch { result = .failure(error) }
        }
        try result.get()
    }
}

/// Which blobs have a gradient, and which layers it goes through. Source: Caffe `net.cpp`.
struct GradientReach {
    /// Of each blob: something that is trained, or must have a gradient, made it.
    private(set) var isWanted: [Bool]
    /// Of each blob: the loss depends on it.
    private(set) var counts: [Bool]
    private(set) var goesThrough: [Bool]

    init(_ net: TrainingNet) {
        let taken = Set(net.layers.flatMap(\.bottoms))
        isWanted = Array(repeating: false, count: net.blobNames.count)
        counts = net.blobNames.indices.map { net.forcesBackward && !taken.contains($0) }
        goesThrough = Array(repeating: false, count: net.layers.count)
        for layer in net.layers {
            let isTrained = layer.parameters.contains { net.parameters[$0].gradient != nil }
            let wanted =
                layer.isFeed
                ? net.forcesBackward
                : layer.operation.hasGradient && (isTrained || layer.bottoms.contains { isWanted[$0] })
            for top in layer.tops { isWanted[top] = wanted }
        }
        for (index, layer) in net.layers.enumerated().reversed() where layer.operation.hasGradient {
            for (top, weight) in zip(layer.tops, layer.lossWeights) where weight != 0 { counts[top] = true }
            guard layer.tops.contains(where: { counts[$0] }) else { continue }
            goesThrough[index] = layer.tops.contains { isWanted[$0] }
            let propagates = layer.message.bools("propagate_down")
            for (i, bottom) in layer.bottoms.enumerated() where i >= propagates.count || propagates[i] {
                counts[bottom] = true
            }
        }
    }

    func hasGradient(_ blob: Int) -> Bool { isWanted[blob] && counts[blob] }
}

/// Memory for the blobs of a plan: shared where a layer works in place or hands its input on.
private struct BlobMaker {
    private let net: TrainingNet, shapes: [Shape], reach: GradientReach
    private(set) var blobs: [TrainedBlob?]

    init(_ net: TrainingNet, _ shapes: [Shape], _ reach: GradientReach) {
        (self.net, self.shapes, self.reach) = (net, shapes, reach)
        blobs = Array(repeating: nil, count: net.blobNames.count)
    }

    mutating func make() throws(FaceSegError) {
        var gradients: [Int: Buffer] = [:]
        // A layer that shares gives its input the memory of its output's gradient, so these come first, from the end.
        for layer in net.layers.reversed() {
            for top in layer.tops where reach.hasGradient(top) && gradients[top] == nil {
                gradients[top] = try Buffer(count: shapes[top].count)
            }
            if layer.sharesGradient, let bottom = layer.bottoms.first, reach.hasGradient(bottom),
                let top = layer.tops.first(where: { gradients[$0] != nil })
            {
                gradients[bottom] = gradients[top]
            }
        }
        for layer in net.layers {
            for top in layer.tops {
                let shared = layer.sharesData ? layer.bottoms.first.flatMap { blobs[$0]?.data } : nil
                blobs[top] = try TrainedBlob(
                    name: net.blobNames[top], shape: shapes[top], data: shared, gradient: gradients[top])
            }
        }
    }
}

extension TrainedLayer {
    /// Outputs are the input's own memory.
    fileprivate var sharesData: Bool { handsOn || worksInPlace }
    fileprivate var sharesGradient: Bool { handsOn || worksInPlace }

    private var handsOn: Bool {
        switch operation {
        case .compute(.identity), .compute(.reshape), .compute(.flatten): true
        default: false
        }
    }

    /// The file says so, and the gradient can be told from the output.
    private var worksInPlace: Bool {
        guard message.strings("bottom") == message.strings("top") else { return false }
        return switch operation {
        case .dropout: true
        case .compute(.unary(let unary)): unary.isTold
        default: false
        }
    }
}

extension Unary {
    /// Whether its slope can be told from what came out.
    fileprivate var isTold: Bool {
        switch kind {
        case .relu(let slope): slope >= 0
        case .elu(let alpha): alpha >= 0
        case .sigmoid, .tanh: true
        default: false
        }
    }
}
