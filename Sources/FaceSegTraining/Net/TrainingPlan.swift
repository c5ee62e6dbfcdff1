// TrainingPlan: a TrainingNet for inputs of certain shapes: blobs, and passes that run over them.
import FaceSegKit

/// Runs a net forwards and backwards. One thread at a time.
package final class TrainingPlan {
    private let net: TrainingNet
    /// By value of the arrangement, and a pass for each of its nodes.
    private let blobs: [TrainedBlob]
    private let arrangement: TrainingArrangement
    private let passes: [any Pass]
    private let workers: Workers
    private let clock: TrainingClock
    /// Which nodes a gradient goes through, last first.
    private let backwards: [Int]

    /// - shapes: of the blobs that come from outside, by name.
    /// - allowsBlocks: false keeps all blobs in planes, which is slower.
    /// - watching: blobs that the caller wants to look at, though a layer takes them.
    package init(
        _ net: TrainingNet, shapes: [String: Shape], workers: Workers, clock: TrainingClock,
        precision: Precision = .exact, allowsBlocks: Bool = true, watching: Set<String> = []
    ) throws(FaceSegError) {
        (self.net, self.workers, self.clock) = (net, workers, clock)
        let reach = GradientReach(net), shapes = try net.shapes(shapes)
        let arrangement = TrainingArrangement(net, shapes, reach, allowsBlocks: allowsBlocks, watching)
        self.arrangement = arrangement
        let blobs = try PlanMemory(net, arrangement, shapes, reach).blobs
        self.blobs = blobs
        let scratch = SharedScratch()
        passes = try arrangement.nodes.map { (node) throws(FaceSegError) in
            let inputs = node.inputs.map { blobs[$0] }, outputs = node.outputs.map { blobs[$0] }
            guard let index = node.layer else { return LayoutPass(from: inputs[0], to: outputs[0]) }
            let chain = node.layers.map { net.layers[$0] }
            return try makePass(
                PassSite(
                    layer: net.layers[index], followers: Array(chain.dropFirst()), inputs: inputs,
                    outputs: outputs,
                    parameters: chain.flatMap(\.parameters).map { net.parameters[$0] }, clock: clock,
                    seed: net.seed, threads: workers.threads, precision: precision, scratch: scratch))
        }
        try scratch.make()
        backwards = arrangement.nodes.indices.reversed().filter { index in
            let node = arrangement.nodes[index]
            return node.layers.isEmpty
                ? blobs[node.inputs[0]].gradient != nil : node.layers.contains { reach.goesThrough[$0] }
        }
        for layer in net.layers { setLossWeights(layer) }
    }

    private func setLossWeights(_ layer: TrainedLayer) {
        for (top, weight) in zip(layer.tops, layer.lossWeights) where weight != 0 {
            blobs[arrangement.last[top]!].gradients.update(repeating: weight)
        }
    }

    /// The blob that comes from outside under a name; a layer may change it in its place.
    package func feed(named name: String) -> TrainedBlob? {
        let fed = net.layers.filter(\.isFeed).flatMap(\.tops).first { net.blobNames[$0] == name }
        return arrangement.values.firstIndex { $0.blob == fed }.map { blobs[$0] }
    }

    /// The blob that a name means after a run, if it lies in planes: all do that no layer takes.
    package func blob(named name: String) -> TrainedBlob? {
        guard let blob = net.blobNames.lastIndex(of: name) else { return nil }
        return arrangement.values.lastIndex { $0.blob == blob && $0.layout == .planes }.map { blobs[$0] }
    }

    /// Blobs that no layer takes, in the order in which they come to be, each with its weight as a loss.
    package var outputs: [(blob: TrainedBlob, lossWeight: Float)] {
        let taken = Set(net.layers.flatMap(\.bottoms))
        return net.layers.flatMap { layer in
            zip(layer.tops, layer.lossWeights).filter { !taken.contains($0.0) }.map {
                (blobs[arrangement.last[$0]!], $1)
            }
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
                loss += weight * blobs[arrangement.last[top]!].numbers.reduce(0, +)
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
