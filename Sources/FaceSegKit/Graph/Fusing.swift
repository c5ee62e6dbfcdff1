// Fusing: which layers become one step: constant factors into the weights before them, a ReLU into the stage
// before it; and which layers the wanted values need at all. Decides only; Execution folds the numbers.

/// A layer with what follows it and is done in the same step.
struct FusedLayer: Sendable {
    /// Index of the first layer.
    let layer: Int
    /// What that layer does, or a constant in its place.
    let operation: Operation
    /// BatchNorm and Scale layers whose factors and addends go into the weights, in order.
    var folded: [Int] = []
    /// Whether the last of `inputs` is added before the ReLU: a sum that the convolution takes along.
    var addsInput = false
    /// Slope of negative values of a ReLU at the end; nil: there is none.
    var slope: Float?
    /// All layers of the step, the first included.
    var members: [Int]
    var inputs: [Int]
    var outputs: [Int]

    /// Whether its values are known already. It takes no other layer in.
    var isConstant: Bool { if case .constant = operation { true } else { false } }

    /// What tells the packed weights of this layer from those of others.
    var key: [Int] { [layer] + folded }
}

/// A network's steps for a set of wanted values.
struct FusedNetwork: Sendable {
    let layers: [FusedLayer]
    let outputs: [Int]
    /// Layers that the values' shapes follow from: those of `layers`, and those that only make constants.
    let shaping: [Int]

    /// The layers up to the last that makes one of these values; no value is wanted after them.
    func prefix(making values: [Int]) -> FusedNetwork {
        let last = layers.lastIndex { $0.outputs.contains(where: values.contains) }
        return FusedNetwork(layers: Array(layers[..<((last ?? -1) + 1)]), outputs: [], shaping: shaping)
    }

    /// The shape of every value that the layers make.
    func shapes(of network: Network, _ inputShapes: [Shape]) throws(FaceSegError) -> [Shape?] {
        try network.shapes(inputShapes, layers: shaping)
    }
}

extension Network {
    /// The layers that `outputs` need, fused where nothing else sees the values between.
    ///
    /// - constants: values that need not be computed, with their numbers.
    func fused(for outputs: [Int], constants: [Int: [Float]] = [:]) -> FusedNetwork {
        let shaping = layersNeeded(for: outputs, constants: [:])
        let needed = constants.isEmpty ? shaping : layersNeeded(for: outputs, constants: constants)
        var uses = [Int](repeating: 0, count: valueNames.count)
        for index in needed where !layers[index].outputs.contains(where: { constants[$0] != nil }) {
            for value in layers[index].inputs { uses[value] += 1 }
        }
        for value in outputs { uses[value] += 1 }
        var fused: [FusedLayer] = []
        var maker: [Int: Int] = [:]  // value -> index in fused
        for index in needed {
            let layer = layers[index]
            if let numbers = layer.outputs.first.flatMap({ constants[$0] }) {
                for value in layer.outputs { maker[value] = fused.count }
                fused.append(
                    FusedLayer(
                        layer: index, operation: .constant(numbers), members: [index], inputs: [],
                        outputs: layer.outputs))
                continue
            }
            if let input = layer.inputs.first, layer.inputs.count == 1, uses[input] == 1,
                !outputs.contains(input),
                let before = maker[input], absorb(index, into: &fused[before])
            {
                fused[before].outputs = layer.outputs
                fused[before].members.append(index)
                maker[layer.outputs[0]] = before
                continue
            }
            if let (before, other) = summand(layer, fused, maker, uses, wanted: outputs) {
                fused[before].inputs.append(other)
                fused[before].addsInput = true
                fused[before].outputs = layer.outputs
                fused[before].members.append(index)
                maker[layer.outputs[0]] = before
                continue
            }
            for value in layer.outputs { maker[value] = fused.count }
            fused.append(
                FusedLayer(
                    layer: index, operation: layer.operation, members: [index], inputs: layer.inputs,
                    outputs: layer.outputs))
        }
        return FusedNetwork(layers: fused, outputs: outputs, shaping: shaping)
    }

    /// Whether any wanted values could make layers' weights merge; if not, each layer has one packed form.
    var mayFold: Bool {
        var takers = Set<Int>()
        for layer in layers where layer.operation.takesFactors { takers.formUnion(layer.outputs) }
        return layers.contains { $0.operation.isChannelwise && $0.inputs.contains(where: takers.contains) }
    }

    private func layersNeeded(for outputs: [Int], constants: [Int: [Float]]) -> [Int] {
        var wanted = Set(outputs)
        var needed: [Int] = []
        for index in layers.indices.reversed() where layers[index].outputs.contains(where: wanted.contains) {
            needed.append(index)
            if !layers[index].outputs.contains(where: { constants[$0] != nil }) {
                wanted.formUnion(layers[index].inputs)
            }
        }
        return needed.reversed()
    }

    /// For a sum of two values of which one comes from a convolution that nothing else needs, and the other is there
    /// before: the convolution's step and the other value.
    private func summand(
        _ layer: Layer, _ fused: [FusedLayer], _ maker: [Int: Int], _ uses: [Int], wanted: [Int]
    ) -> (step: Int, other: Int)? {
        guard case .eltwise(let sum) = layer.operation, sum.isPlainSum, layer.inputs.count == 2,
            layer.inputs[0] != layer.inputs[1]
        else { return nil }
        let makers = layer.inputs.map { maker[$0] ?? -1 }  // -1: an input of the network
        let last = makers[0] > makers[1] ? 0 : 1
        let value = layer.inputs[last], step = makers[last]
        guard step >= 0, makers[0] != makers[1], uses[value] == 1, !wanted.contains(value),
            fused[step].slope == nil, !fused[step].addsInput, !fused[step].isConstant,
            case .convolution(let convolution) = layers[fused[step].layer].operation, convolution.group == 1,
            convolution.window.isModest
        else { return nil }
        return (step, layer.inputs[1 - last])
    }

    /// Takes layer `index` into the step before it, if that is possible.
    private func absorb(_ index: Int, into step: inout FusedLayer) -> Bool {
        guard step.slope == nil, step.outputs.count == 1, !step.isConstant else { return false }
        let base = layers[step.layer].operation, operation = layers[index].operation
        if case .unary(let unary) = operation, case .relu(let slope) = unary.kind, base.takesReLU {
            step.slope = slope
            return true
        }
        guard operation.isChannelwise, base.takesFactors, step.inputs.count == 1, !step.addsInput else {
            return false
        }
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
