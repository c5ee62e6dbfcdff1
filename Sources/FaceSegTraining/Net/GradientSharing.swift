// GradientSharing: which gradients of a plan are the same memory, and which layer's gradient takes a ReLU's along. Which
// values are is InPlace's, and the memory PlanMemory's.

extension TrainingArrangement {
    /// Inputs whose gradient is the output's own memory. Of a sum all those whose makers only read it; and one of the
    /// first maker, which is the last to use it, whatever it then adds to it.
    func sharers(_ node: PlanNode, _ net: TrainingNet) -> [Int] {
        if shares(node, net) { return Array(node.inputs.prefix(1)) }
        guard net.isSum(node), taker(of: node.outputs[0]) != nil else { return [] }
        let makers = node.inputs.map { maker(of: $0)! }
        let first = makers.firstIndex(of: makers.min()!)!
        return makers.indices.filter { $0 == first || net.onlyReadsGradient(nodes[makers[$0]]) }
            .map { node.inputs[$0] }
    }

    /// Of the ReLU that made a value, if the value's taker multiplies by its slope where it writes the gradient.
    func reluSlope(_ value: Int, _ net: TrainingNet, _ reach: GradientReach) -> Float? {
        guard let maker = maker(of: value).map({ nodes[$0] }), let taker = taker(of: value),
            let last = maker.layers.last, tellsByOutput(maker, net), let layer = taker.layer
        else { return nil }
        let writes =
            switch net.layers[layer].operation {
            case .compute(.convolution): values[taker.outputs[0]].layout.isBlocked
            case .compute(.identity):
                taker.outputs.count > 1 && taker.outputs.allSatisfy { reach.hasGradient(values[$0].blob) }
            default: false
            }
        return writes ? net.layers[last].reluSlope : nil
    }

    /// Whether it ends with a ReLU, by itself in place or behind another layer, that needs its output alone for the
    /// gradient, and that has nothing else to do then.
    private func tellsByOutput(_ node: PlanNode, _ net: TrainingNet) -> Bool {
        guard let first = node.layer else { return false }
        if case .batchNorm = net.layers[first].operation { return false }
        return node.layers.count > 1 || shares(node, net)
    }

    private func taker(of value: Int) -> PlanNode? { nodes.first { $0.inputs.contains(value) } }
}

extension TrainingNet {
    /// Whether each input has the output's gradient.
    fileprivate func isSum(_ node: PlanNode) -> Bool {
        guard let layer = node.layer, case .compute(.eltwise(let eltwise)) = layers[layer].operation else {
            return false
        }
        return eltwise.kind == .sum && eltwise.coefficients.allSatisfy { $0 == 1 }
    }

    /// Whether its outputs' gradients are as they were after its backward pass.
    fileprivate func onlyReadsGradient(_ node: PlanNode) -> Bool {
        guard node.layers.count < 2, let layer = node.layer else { return node.layers.isEmpty }
        return switch layers[layer].operation {
        case .feed, .compute(.convolution), .compute(.deconvolution), .compute(.innerProduct): true
        default: false
        }
    }

}
