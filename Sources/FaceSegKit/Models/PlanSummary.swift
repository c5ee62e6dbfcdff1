// PlanSummary: how a model would run at a size on this processor: what became one step, which kernel does it, and how
// much of it is left to do. For people to look at; nothing is computed.

/// The steps that a run takes, in their order.
///
///     for step in try PlanSummary(.builtIn()).steps { print(step.layers.joined(separator: " + "), step.kernel) }
public struct PlanSummary: Sendable {
    /// One step, or the steps of one layer.
    public struct Step: Sendable {
        /// Names of the layers that it does, one after the other; none where it only moves a value.
        public let layers: [String]
        /// What does it.
        public let kernel: String
        /// Rows and columns that are computed, of those that the value has; nil for values of other than 4 dimensions.
        public let computed: (rows: Int, columns: Int)?
        /// The shape of what comes out.
        public let shape: Shape
        /// Products of two floats, those of transforms and of what is left out not counted. Rows that two bands compute
        /// count twice.
        public let products: Int
        /// Of its layers as they are written, whatever the kernel makes of them: as ``ModelSummary/Layer/multiplyAdds``.
        public let multiplyAdds: Int
        /// Bands of rows in which it runs, by turns with the steps next to it that have as many; 1: all at once.
        public let bands: Int
        /// Which of the plan's stages it is.
        package let stage: Int
    }

    /// In the order in which they run.
    public let steps: [Step]
    /// Sum over the steps.
    public let products: Int
    /// Sum over the steps.
    public let multiplyAdds: Int

    /// Plans without reading more of the weights than shows that they are not all zero.
    ///
    /// - Parameters:
    ///   - model: What would run: its main output.
    ///   - inputShapes: One for each input; nil: what the file declares, and 1 x 3 x 256 x 256 where it says nothing.
    ///   - threads: 1 to 1024; nil: one a processor.
    ///   - precision: Of the segmenter's that would run it.
    ///   - memoryLimit: As ``Segmenter``'s; nil: none.
    /// - Throws: ``FaceSegError/argument(_:)``; ``FaceSegError/memory(needed:reason:)``;
    ///   ``FaceSegError/shape(layer:expected:got:)`` or ``FaceSegError/network(layer:reason:)`` naming the layer that
    ///   cannot take what it is given.
    public init(
        _ model: Model, inputShapes: [Shape]? = nil, threads: Int? = nil, precision: Precision = .exact,
        memoryLimit: Int? = nil
    ) throws(FaceSegError) {
        let threads = try Workers.checked(threads: threads)
        let network = model.network
        let given = if let inputShapes { inputShapes } else { try network.declaredInputs() }
        let fused = network.fused(
            for: [model.mainOutput], constants: try model.store.constants(of: network))
        let outline = try PlanOutline(
            fused, of: network, inputShapes: given, threads: threads, precision: precision,
            .limit(memoryLimit))
        var steps: [Step] = []
        for (index, stage) in outline.arranged.stages.enumerated() {
            guard let output = stage.outputs.first else { continue }
            steps.append(try PlanSummary.step(index, stage, output, outline, network))
        }
        self.steps = steps
        products = steps.reduce(0) { sum($0, $1.products) }
        multiplyAdds = steps.reduce(0) { sum($0, $1.multiplyAdds) }
    }

    private static func step(
        _ index: Int, _ stage: Stage, _ output: Int, _ outline: PlanOutline, _ network: Network
    ) throws(FaceSegError) -> Step {
        let shape = outline.shapes[outline.arranged.values[output].value]!
        let whole = shape.rank == 4 ? Box(shape) : nil
        let box = outline.geometry.computed[output] ?? whole
        let computed = box.map { (rows: $0.rows.count, columns: $0.columns.count) }
        let loop = outline.arena.loop(index), bands = loop?.bands.count ?? 1
        // What each band computes.
        let parts: [Box?] =
            if let loop, let box {
                loop.bands.map { Box(rows: $0.computed[output] ?? 0..<0, columns: box.columns) }
            } else {
                [box]
            }
        guard case .layer(let layer) = stage.work else {
            let isOut = if case .toPlanes = stage.work { true } else { false }
            return Step(
                layers: [], kernel: isOut ? "blocks to planes" : "planes to blocks", computed: computed,
                shape: shape, products: 0, multiplyAdds: 0, bands: bands, stage: index)
        }
        let inputs = layer.inputs.map { outline.shapes[$0]! }, name = network.layers[layer.layer].name
        let weights = try layer.operation.weightShapes(
            layer.addsInput ? inputs.dropLast() : inputs, layer: name)
        return Step(
            layers: layer.members.map { network.layers[$0].name },
            kernel: layer.operation.kernel(
                inputs, isBlocked: outline.geometry.computed[output] != nil, outline.precision),
            computed: computed, shape: shape,
            products: parts.reduce(0) {
                sum($0, layer.operation.products(inputs, shape, computed: $1, outline.precision))
            },
            multiplyAdds: layer.operation.multiplyAdds(inputs, [shape], weights: weights), bands: bands,
            stage: index)
    }
}

extension Operation {
    fileprivate func kernel(_ inputs: [Shape], isBlocked: Bool, _ precision: Precision) -> String {
        switch self {
        case .convolution(let convolution): convolution.form(inputs[0], precision).text(convolution)
        case .deconvolution(let deconvolution):
            deconvolution.isDepthwise(inputs[0])
                ? "a filter a plane, by phases" : "gathered product, by phases"
        case .innerProduct: "gathered product"
        case .constant: "constant"
        case .identity, .reshape, .flatten: "nothing to do"
        default: isBlocked ? "over blocks" : "over planes"
        }
    }
}
