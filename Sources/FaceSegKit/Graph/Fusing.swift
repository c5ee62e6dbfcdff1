// Fusing: which layers become one step: constant factors into the weights before them, a ReLU into the stage
// before it; and which layers the wanted values need at all. Decides only; Execution folds the numbers.

/// A layer with what follows it and is done in the same step.
struct FusedLayer: Sendable {
    /// Index of the first layer.
    let layer: Int
    /// BatchNorm and Scale layers whose factors and addends go into the weights, in order.
    var folded: [Int] = []
    /// Slope of negative values of a ReLU at the end; nil: there is none.
    var slope: Float?
    /// All layers of the step, the first included.
    var members: [Int]
    let inputs: [Int]
    var outputs: [Int]

    /// What tells the packed weights of this layer from those of others.
    var key: [Int] { [layer] + folded }
}

/// A network's steps for a set of wanted values.
struct FusedNetwork: Sendable {
    let layers: [FusedLayer]
    let outputs: [Int]
}

extension Network {
    /// The layers that `outputs` need, fused where nothing else sees the values between.
    func fused(for outputs: [Int]) -> FusedNetwork {
        let needed = layersNeeded(for: outputs)
        var uses = [Int](repeating: 0, count: valueNames.count)
        for value in outputs + needed.flatMap({ layers[$0].inputs }) { uses[value] += 1 }
        var fused: [FusedLayer] = []
        var maker: [Int: Int] = [:]  // value -> index in fused
        for index in needed {
            let layer = layers[index]
            if let input = layer.inputs.first, layer.inputs.count == 1, uses[input] == 1,
                !outputs.contains(input),
                let before = maker[input], absorb(index, into: &fused[before])
            {
                fused[before].outputs = layer.outputs
                fused[before].members.append(index)
                maker[layer.outputs[0]] = before
                continue
            }
            for value in layer.outputs { maker[value] = fused.count }
            fused.append(
                FusedLayer(layer: index, members: [index], inputs: layer.inputs, outputs: layer.outputs))
        }
        return FusedNetwork(layers: fused, outputs: outputs)
    }

    /// Whether any wanted values could make layers' weights merge; if not, each layer has one packed form.
    var mayFold: Bool {
        var takers = Set<Int>()
        for layer in layers where layer.operation.takesFactors { takers.formUnion(layer.outputs) }
        return layers.contains { $0.operation.isChannelwise && $0.inputs.contains(where: takers.contains) }
    }

    private func layersNeeded(for outputs: [Int]) -> [Int] {
        var wanted = Set(outputs)
        var needed: [Int] = []
        for index in layers.indices.reversed() where layers[index].outputs.contains(where: wanted.contains) {
            needed.append(index)
            wanted.formUnion(layers[index].inputs)
        }
        return needed.reversed()
    }

    /// Takes layer `index` into the step before it, if that is possible.
    private func absorb(_ index: Int, into step: inout FusedLayer) -> Bool {
        guard step.slope == nil, step.outputs.count == 1 else { return false }
        let base = layers[step.layer].operation, operation = layers[index].operation
        if case .unary(let unary) = operation, case .relu(let slope) = unary.kind, base.takesReLU {
            step.slope = slope
            return true
        }
        guard operation.isChannelwise, base.takesFactors, step.inputs.count == 1 else { return false }
        step.folded.append(index)
        return true
    }
}

extension Operation {
    /// A constant factor and addend for each channel of axis 1.
    fileprivate var isChannelwise: Bool {
        switch self {
        case .batchNorm: true
        case .scale(let scale): scale.axis == 1 && scale.axes == 1
        default: false
        }
    }

    fileprivate var takesFactors: Bool {
        switch self {
        case .convolution, .deconvolution: true
        case .innerProduct(let product): product.axis == 1
        default: isChannelwise
        }
    }

    fileprivate var takesReLU: Bool {
        switch self {
        case .convolution, .deconvolution, .innerProduct, .eltwise: true
        default: isChannelwise
        }
    }
}
