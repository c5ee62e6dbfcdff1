// WeightStore: a model's packed weights, shared by all plans of all its sessions. Packs each layer once.

/// Packed weights by fused layer. Any thread.
final class WeightStore: Sendable {
    private let packed = Locked<[[Int]: PackedWeights]>([:])

    /// Of all layers so far, in no order.
    var all: [PackedWeights] { packed.withLock { Array($0.values) } }

    /// The packed weights of a layer, packed now if they were not before.
    func weights(
        _ fused: FusedLayer, of network: Network, inputs: [Shape]
    ) throws(FaceSegError) -> PackedWeights {
        // The lock is held while packing, so that no two threads read the same 500 MB.
        try packed.withLock { (packed) throws(FaceSegError) in
            if let known = packed[fused.key] { return known }
            let weights = try Packer().pack(fused, of: network, inputs: inputs)
            packed[fused.key] = weights
            return weights
        }
    }
}
