// ModelMemory: what running a model will take, from the same planning as a run's, before a photo is there. Of the
// weights no more is read than shows that they are not all zero.

/// Memory of a model and of one ``Segmenter`` at one size.
///
///     let memory = try ModelMemory(.builtIn(), inputShapes: [Shape([1, 3, 512, 512])], threads: 4)
///     print(memory.weights + memory.scratch)
///
/// Buffers that go with the photo's own size are not in it: a few rows a thread, and the photo once as floats at the
/// size at which it goes in.
public struct ModelMemory: Sendable, Equatable {
    /// Bytes of the weights in the form that this processor's kernels read. All segmenters of a model share them.
    /// `Int.max` stands for numbers above it.
    public let weights: Int
    /// Bytes of the values between the layers and of the kernels' scratch memory: what ``Segmenter``'s `memoryLimit`
    /// is compared with. A segmenter keeps those of its last two sizes.
    public let scratch: Int
    /// The smallest `memoryLimit` with which it runs: by bands of few rows, some of which are computed twice.
    public let leastScratch: Int

    /// - inputShapes: one for each input; nil: what the file declares, and 1 x 3 x 256 x 256 where it says nothing.
    /// - threads: 1 to 1024; nil: one a processor.
    /// - precision: of the segmenter's; it decides which weights are packed.
    /// - memoryLimit: as ``Segmenter``'s; nil: none.
    /// - Throws: ``FaceSegError/argument(_:)``; ``FaceSegError/shape(layer:expected:got:)`` or
    ///   ``FaceSegError/network(layer:reason:)`` naming the layer that cannot take what it is given;
    ///   ``FaceSegError/memory(needed:reason:)`` for a smaller limit than ``leastScratch``.
    public init(
        _ model: Model, inputShapes: [Shape]? = nil, threads: Int? = nil, precision: Precision = .exact,
        memoryLimit: Int? = nil
    ) throws(FaceSegError) {
        let threads = try Workers.checked(threads: threads)
        let network = model.network
        let given = if let inputShapes { inputShapes } else { try network.declaredInputs() }
        let constants = try model.store.constants(of: network)
        let fused = network.fused(for: [model.mainOutput], constants: constants)
        let outline = try PlanOutline(
            fused, of: network, inputShapes: given, threads: threads, precision: precision,
            .limit(memoryLimit))
        scratch = outline.bytes
        leastScratch = try PlanOutline.least(
            fused, of: network, inputShapes: given, threads: threads, precision: precision)
        var sizes: [WeightKey: Int] = [:]
        // Opening a segmenter packs what every output needs, the plan what its own does.
        if let shapes = try? network.shapesForDeclaredInputs() {
            try ModelMemory.add(
                network.fused(for: network.outputs, constants: constants), network, shapes, precision,
                to: &sizes)
        }
        try ModelMemory.add(fused, network, outline.shapes, precision, to: &sizes)
        weights = sizes.values.reduce(0, sum)
    }

    private static func add(
        _ fused: FusedNetwork, _ network: Network, _ shapes: [Shape?], _ precision: Precision,
        to sizes: inout [WeightKey: Int]
    ) throws(FaceSegError) {
        for layer in fused.layers {
            let inputs = layer.inputs.map { shapes[$0]! }, key = WeightKey(layer, inputs, precision)
            guard sizes[key] == nil else { continue }
            sizes[key] = try Packer.packedSize(layer, of: network, inputs: inputs, precision: precision)
        }
    }
}
