// InPlace: which values of a plan are the memory of the value that they are made of. Not the memory: that is PlanMemory.
import FaceSegKit

extension TrainingArrangement {
    /// Whether outputs are the input's own memory: of layers that hand it on, and of those that the file has work in
    /// place, where nobody misses what they write over.
    func shares(_ node: PlanNode, _ net: TrainingNet) -> Bool {
        guard let layer = node.layer.map({ net.layers[$0] }) else { return false }
        return layer.handsOn || layer.worksInPlace && !isRead(node.inputs[0], net)
    }

    /// The index of the node that makes a value; none: it comes from outside.
    func maker(of value: Int) -> Int? { nodes.firstIndex { $0.outputs.contains(value) } }

    /// Whether others read a value's memory: the layer that made it, for its own gradient, or who has it from the same
    /// Split. Caffe leaves that to the file; its BatchNorm keeps a copy.
    private func isRead(_ value: Int, _ net: TrainingNet) -> Bool {
        guard let maker = maker(of: value).map({ nodes[$0] }), let first = maker.layer else { return false }
        // A Split hands it on to others, too.
        if net.layers[first].handsOn { return maker.outputs.count > 1 || isRead(maker.inputs[0], net) }
        return maker.layers.count > 1 || !net.layers[first].forgetsOutput
    }
}

extension TrainedLayer {
    fileprivate var handsOn: Bool {
        switch operation {
        case .compute(.identity), .compute(.reshape), .compute(.flatten): true
        default: false
        }
    }

    /// The file says so, and the gradient can be told from the output.
    fileprivate var worksInPlace: Bool {
        guard message.strings("bottom") == message.strings("top") else { return false }
        return switch operation {
        case .dropout: true
        case .compute(.unary(let unary)): unary.isTold
        default: false
        }
    }

    /// Whether the gradient is told from inputs, weights and what comes back alone.
    fileprivate var forgetsOutput: Bool {
        switch operation {
        case .feed, .dropout: true
        case .compute(let operation):
            switch operation {
            case .convolution, .deconvolution, .innerProduct, .scale, .prelu, .concat, .slice,
                .crop,
                .interp, .upsample, .permute, .tile:
                true
            case .eltwise(let eltwise): eltwise.kind == .sum
            case .pooling(let pooling): pooling.kind != .max
            default: false
            }
        default: false
        }
    }
}

extension Unary {
    /// Whether its slope can be told from what came out.
    fileprivate var isTold: Bool {
        switch kind {
        case .relu(let slope): slope >= 0
        case .elu(let alpha): alpha >= 0
        case .sigmoid, .tanh: true
        default: false
        }
    }
}
