// TrainingArrangement: which blobs of a plan lie in planes and which in blocks, and where they are turned from one into
// the other. Decided by shapes alone. Not the memory: that is PlanMemory.
import FaceSegKit

/// How a blob lies in memory.
enum BlobLayout: Equatable {
    case planes
    /// Channels by so many side by side: see Blocks.
    case blocks(Int)

    var isBlocked: Bool { self != .planes }
}

/// A blob of the net in one layout.
struct PlanValue {
    let blob: Int
    let layout: BlobLayout
}

/// A layer, or several that are one pass, or a change of layout, over values.
struct PlanNode {
    /// In their order; none: only the layout changes.
    let layers: [Int]
    let inputs: [Int], outputs: [Int]

    var layer: Int? { layers.first }
}

struct TrainingArrangement {
    private(set) var values: [PlanValue] = []
    private(set) var nodes: [PlanNode] = []
    /// The value that a blob ends as, by blob.
    private(set) var last: [Int: Int] = [:]

    /// - shapes: of the net's blobs.
    /// - allowsBlocks: false keeps everything in planes.
    init(
        _ net: TrainingNet, _ shapes: [Shape], _ reach: GradientReach, allowsBlocks: Bool,
        _ watched: Set<String>
    ) {
        let taken = Set(net.layers.flatMap(\.bottoms))
        var index = 0
        while index < net.layers.count {
            let layer = net.layers[index]
            let given = layer.bottoms.map { values[last[$0]!].layout }
            let site = LayoutSite(layer, shapes, reach, given)
            let layouts = allowsBlocks ? site.layouts : nil
            let wanted = layouts?.inputs ?? given.map { _ in .planes }
            let inputs = zip(layer.bottoms, wanted).map { value(of: $0, in: $1) }
            let output = layouts?.output ?? .planes
            let chain = output.isBlocked ? net.chain(from: index, watched) : [index]
            let tops = net.layers[chain.last!].tops
            let outputs = tops.map { add(PlanValue(blob: $0, layout: output)) }
            nodes.append(PlanNode(layers: chain, inputs: inputs, outputs: outputs))
            index += chain.count
            // What the caller looks at lies in planes.
            for top in tops where !taken.contains(top) || watched.contains(net.blobNames[top]) {
                _ = value(of: top, in: .planes)
            }
        }
    }

    private mutating func add(_ value: PlanValue) -> Int {
        values.append(value)
        last[value.blob] = values.count - 1
        return values.count - 1
    }

    /// The blob in a layout, turned into it if need be. Each blob has one taker, so none is turned twice.
    private mutating func value(of blob: Int, in layout: BlobLayout) -> Int {
        let from = last[blob]!
        guard values[from].layout != layout else { return from }
        let to = add(PlanValue(blob: blob, layout: layout))
        nodes.append(PlanNode(layers: [], inputs: [from], outputs: [to]))
        return to
    }
}

extension TrainingNet {
    /// A BatchNorm with the Scale and the ReLU that follow it, and a convolution or an Eltwise with its ReLU, as far as
    /// they do and nobody watches what lies between; of other layers, the layer alone.
    fileprivate func chain(from index: Int, _ watched: Set<String>) -> [Int] {
        var chain = [index]
        func follows(_ next: Int) -> Bool {
            let top = layers[chain.last!].tops[0]
            return next < layers.count && layers[next].bottoms == [top] && !watched.contains(blobNames[top])
        }
        var tellsAll = false
        switch layers[index].operation {
        case .batchNorm:
            tellsAll = true
            guard follows(index + 1), case .compute(.scale(let scale)) = layers[index + 1].operation,
                scale.isOfChannels, scale.hasFactor
            else { break }
            chain.append(index + 1)
        case .compute(.convolution), .compute(.eltwise): break
        default: return chain
        }
        // Where the gradient is told from the output alone, that must have the input's sign.
        if follows(chain.last! + 1), let slope = layers[chain.last! + 1].reluSlope, slope >= 0 || tellsAll {
            chain.append(chain.last! + 1)
        }
        return chain
    }
}

extension Scale {
    /// A factor, or an addend, a channel.
    var isOfChannels: Bool { axis == 1 && axes == 1 }
}

/// What decides the layouts around a layer.
private struct LayoutSite {
    let layer: TrainedLayer, shapes: [Shape], reach: GradientReach, given: [BlobLayout]

    init(_ layer: TrainedLayer, _ shapes: [Shape], _ reach: GradientReach, _ given: [BlobLayout]) {
        (self.layer, self.shapes, self.reach, self.given) = (layer, shapes, reach, given)
    }

    private var blocks: BlobLayout { .blocks(BlockKernels.width) }
    private var allBlocked: Bool { !given.isEmpty && given.allSatisfy { $0 == blocks } }
    private var input: Shape { shapes[layer.bottoms[0]] }

    /// nil: planes.
    var layouts: (inputs: [BlobLayout], output: BlobLayout)? {
        switch layer.operation {
        case .compute(.convolution(let convolution)): return layouts(of: convolution)
        case .compute(.deconvolution(let deconvolution)):
            // Those of scores have few channels and many phases.
            return allBlocked && deconvolution.isBlocked(input) && isFrozen ? ([blocks], blocks) : nil
        case .compute(let operation) where follows(operation): return (given, blocks)
        case .dropout, .batchNorm: return allBlocked ? (given, blocks) : nil
        default: return nil
        }
    }

    private var isFrozen: Bool {
        layer.message.messages("param").first?.float("lr_mult") == 0
            && layer.message.message("convolution_param")?.bool("bias_term") == false
    }

    /// Whether it takes blocks as they come.
    private func follows(_ operation: Operation) -> Bool {
        guard allBlocked else { return false }
        return switch operation {
        case .unary(let unary): unary.keepsZero
        case .eltwise, .identity, .pooling: true
        case .scale(let scale): scale.isOfChannels && scale.hasFactor && layer.bottoms.count == 1
        case .concat(let concat):
            concat.axis == 1
                && layer.bottoms.allSatisfy {
                    shapes[$0].rank == 4 && shapes[$0][1] % BlockKernels.width == 0
                }
        default: false
        }
    }

    private func layouts(of convolution: Convolution) -> (inputs: [BlobLayout], output: BlobLayout)? {
        guard convolution.isBlocked(input) else { return nil }
        if convolution.isNarrow(input) {
            // Gradients of narrow pictures would have another layout.
            return reach.hasGradient(layer.bottoms[0]) ? nil : ([.blocks(BlockKernels.narrow)], blocks)
        }
        return ([blocks], blocks)
    }
}

extension Unary {
    /// Missing channels and frames are zeros, and must stay so.
    fileprivate var keepsZero: Bool {
        switch kind {
        case .relu, .elu, .tanh, .absVal, .swish: true
        default: false
        }
    }
}
