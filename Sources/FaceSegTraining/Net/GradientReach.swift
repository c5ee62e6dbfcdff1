// GradientReach: which blobs of a net have a gradient, and which layers it goes through. Source: Caffe `net.cpp`.

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
