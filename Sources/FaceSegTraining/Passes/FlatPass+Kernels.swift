// FlatPass: layers that go over memory number by number, in planes or in blocks: the neuron layers and Eltwise.
// LayoutPass: from planes to blocks or back.
import FaceSegKit
import Gradients
import Kernels

struct FlatPass: Pass {
    private let forwards: PassStep, backwards: [PassStep]

    init(_ site: PassSite, _ operation: Operation) throws(FaceSegError) {
        switch operation {
        case .unary(let unary): (forwards, backwards) = FlatPass.steps(site, unary)
        case .eltwise(let eltwise): (forwards, backwards) = FlatPass.steps(site, eltwise)
        default: preconditionFailure("\(site.layer.type) is not flat")
        }
    }

    func forward(_ workers: Workers) { forwards(workers) }
    func backward(_ workers: Workers) { for step in backwards { step(workers) } }

    private static func steps(_ site: PassSite, _ unary: Unary) -> (PassStep, [PassStep]) {
        let (kind, a, b, c) = unary.kind.kernel
        let forwards = step(
            fsk_unary(
                x: site.x.read, y: site.y.data.start, count: site.x.count, kind: kind, a: a, b: b, c: c),
            { fsk_unary_run($0, $1) })
        guard let dy = site.dy, let dx = site.dx, site.y.reluSlope == nil else { return (forwards, []) }
        let backwards = step(
            fsg_unary(
                x: site.x.read, y: site.y.read, dy: dy, dx: dx, count: site.x.count, kind: kind, a: a, b: b,
                c: c), { fsg_unary_run($0, $1) })
        return (forwards, [backwards])
    }

    private static func steps(_ site: PassSite, _ eltwise: Eltwise) -> (PassStep, [PassStep]) {
        let y = site.y.data.start, slope = site.followers.last?.reluSlope
        let forwards: PassStep = { workers in
            eltwise.withArguments(site.inputs) { arguments in
                arguments.y = y
                (arguments.relu, arguments.negative_slope) = (slope != nil, slope ?? 0)
                workers.withPool { fsk_eltwise_run(&arguments, $0) }
            }
        }
        guard let dy = site.dy else { return (forwards, []) }
        let backwards = site.inputs.enumerated().compactMap { index, input -> PassStep? in
            guard let dx = input.gradient?.start, dx != dy else { return nil }
            return { workers in
                eltwise.withArguments(site.inputs) { arguments in
                    workers.withPool { fsg_eltwise_run(&arguments, index, dy, dx, $0) }
                }
            }
        }
        return (forwards, [site.reluGradient].compactMap { $0 } + backwards)
    }
}

extension PassSite {
    /// The gradient of the ReLU that ends the pass, in place, if the taker's does not take it along.
    var reluGradient: PassStep? {
        guard let slope = followers.last?.reluSlope, y.reluSlope == nil, let gradient = y.gradient?.start
        else {
            return nil
        }
        let (kind, a, b, c) = Unary.Kind.relu(slope: slope).kernel
        return step(
            fsg_unary(
                x: y.read, y: y.read, dy: gradient, dx: gradient, count: y.count, kind: kind, a: a, b: b,
                c: c), { fsg_unary_run($0, $1) })
    }
}

extension Eltwise {
    fileprivate func withArguments(_ inputs: [TrainedBlob], _ body: (inout fsk_eltwise) -> Void) {
        let kind =
            switch kind {
            case .sum: FSK_ELTWISE_SUM
            case .product: FSK_ELTWISE_PROD
            case .max: FSK_ELTWISE_MAX
            }
        let numbers: [UnsafePointer<Float>?] = inputs.map(\.read)
        numbers.withUnsafeBufferPointer { numbers in
            coefficients.withUnsafeBufferPointer { coefficients in
                var arguments = fsk_eltwise(
                    x: numbers.baseAddress, inputs: numbers.count, y: nil, count: inputs[0].count,
                    kind: Int32(kind),
                    coefficients: coefficients.isEmpty ? nil : coefficients.baseAddress, relu: false,
                    negative_slope: 0)
                body(&arguments)
            }
        }
    }
}

/// The same numbers in the other layout; their gradients the other way.
struct LayoutPass: Pass {
    private let from: TrainedBlob, to: TrainedBlob

    init(from: TrainedBlob, to: TrainedBlob) { (self.from, self.to) = (from, to) }

    func forward(_ workers: Workers) {
        if to.layout.isBlocked {
            copy(planes: from.data, blocks: to.blocks, toBlocks: true, workers)
        } else {
            copy(planes: to.data, blocks: from.blocks, toBlocks: false, workers)
        }
    }

    func backward(_ workers: Workers) {
        guard let dx = from.gradient, let dy = to.gradient else { return }
        if to.layout.isBlocked {
            copy(planes: dx, blocks: to.gradientBlocks!, toBlocks: false, workers)
        } else {
            copy(planes: dy, blocks: from.gradientBlocks!, toBlocks: true, workers)
        }
    }

    private func copy(planes: Buffer, blocks: Blocks, toBlocks: Bool, _ workers: Workers) {
        let shape = blocks.shape
        var arguments = fsk_block_copy(
            planes: UnsafePointer(planes.start), blocks: blocks.fromComputed, batch: shape[0],
            channels: shape[1], height: shape[2], width: shape[3], block: blocks.channels,
            plane_step: shape[2] * shape[3])
        workers.withPool {
            if toBlocks { fsk_block_from_planes(&arguments, $0) } else { fsk_block_to_planes(&arguments, $0) }
        }
    }
}
