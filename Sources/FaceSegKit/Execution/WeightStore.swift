// WeightStore: a model's packed weights, shared by all plans of all its sessions. Packs each layer once.
import Synchronization

/// Packed weights by fused layer. Any thread.
final class WeightStore: Sendable {
    private let packed = Mutex<[[Int]: PackedWeights]>([:])

    /// The packed weights of a layer, packed now if they were not before.
    func weights(
        _ fused: FusedLayer, of network: Network, inputs: [Shape]
    ) throws(FaceSegError) -> PackedWeights {
        // The lock is held while packing, so that no two threads read the same 500 MB.
        let result = packed.withLock { packed -> Result<PackedWeights, FaceSegError> in
            if let known = packed[fused.key] { return .success(known) }
            do throws(FaceSegError) {
                let weights = try Packer().pack(fused, of: network, inputs: inputs)
                packed[fused.key] = weights
                return .success(weights)
            } catch { return .failure(error) }
        }
        return try result.get()
    }
}
