// PlanOutline: what a plan will hold, worked out from shapes alone: nothing is allocated and no weight is read.

struct PlanOutline {
    /// Of every value that the wanted ones need.
    let shapes: [Shape?]
    let arranged: ArrangedNetwork
    let geometry: Geometry
    /// What need not be computed each time; nil: everything must.
    let border: Border?
    let layout: Layout
    let precision: Precision
    /// Floats of the arena: values between the steps, then scratch memory that all steps share.
    let floats: Int
    /// Bytes that a run takes, or finding the border before it.
    private(set) var bytes: Int

    init(
        _ fused: FusedNetwork, of network: Network, inputShapes: [Shape], threads: Int,
        precision: Precision = .exact, skipsBorders: Bool = true
    ) throws(FaceSegError) {
        let shapes = try fused.shapes(of: network, inputShapes)
        let border = skipsBorders ? Border(fused, of: network, shapes: shapes) : nil
        let arranged = ArrangedNetwork(fused, of: network, shapes: shapes)
        let geometry = Geometry(
            arranged, of: network, shapes: shapes, reaches: border?.reaches.mapValues(\.box))
        func size(_ index: Int) -> Int {
            let value = arranged.values[index], shape = shapes[value.value]!
            guard case .blocks(let channels) = value.arrangement else { return shape.count }
            return shape[0] * ((shape[1] + channels - 1) / channels) * geometry.boxes[index]!.area * channels
        }
        let steps = arranged.stages.map { stage in
            LayoutStep(
                inputs: stage.inputs, outputs: stage.outputs, reuse: stage.reuse)
        }
        let scratch = arranged.stages.map { stage in
            guard case .layer(let layer) = stage.work else { return 0 }
            return StepMaker.scratchSize(
                layer.operation, layer.inputs.map { shapes[$0]! },
                computed: stage.outputs.first.flatMap { geometry.computed[$0] }, threads: threads,
                precision: precision)
        }
        layout = Layout(
            steps: steps, inputs: arranged.inputs, kept: arranged.outputs,
            sizes: arranged.values.indices.map(size))
        floats = layout.size + (scratch.max() ?? 0)
        self.precision = precision
        (self.shapes, self.border, self.arranged, self.geometry) = (shapes, border, arranged, geometry)
        bytes = floats * MemoryLayout<Float>.size
        if let border {
            let small = try PlanOutline(
                fused.prefix(making: framed), of: network, inputShapes: [border.smallShape], threads: threads,
                precision: precision, skipsBorders: false)
            bytes = max(bytes, small.bytes)
        }
    }

    /// Values of the network whose frames a border fills, in their order.
    var framed: [Int] {
        guard let border else { return [] }
        return Set(
            arranged.values.indices.compactMap { index in
                let value = arranged.values[index].value
                guard let box = geometry.boxes[index], let computed = geometry.computed[index],
                    box != computed,
                    let reach = border.reaches[value], !reach.isWhole
                else { return nil }
                return value
            }
        ).sorted()
    }
}

extension Stage {
    /// What it may do with its inputs' memory.
    fileprivate var reuse: LayoutStep.Reuse {
        guard case .layer(let layer) = work else { return .none }
        if layer.addsInput { return .overwrite([inputs[inputs.count - 1]]) }
        switch layer.operation {
        case .identity, .reshape, .flatten: return .view
        case .unary, .prelu, .eltwise, .scale, .batchNorm, .softmax, .mvn: return .overwrite(inputs)
        default: return .none
        }
    }
}
