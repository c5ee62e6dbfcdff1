// BlockPass: the other layers over blocks: Concat of whole blocks, and pooling.
import FaceSegKit
import Gradients
import Kernels

struct BlockPass: Pass {
    private let forwards: [PassStep], backwards: [PassStep]

    init(_ site: PassSite, _ operation: Operation) throws(FaceSegError) {
        switch operation {
        case .concat: (forwards, backwards) = BlockPass.concat(site)
        case .pooling(let pooling): (forwards, backwards) = BlockPass.pooling(site, pooling)
        default: preconditionFailure("\(site.layer.type) over blocks")
        }
    }

    func forward(_ workers: Workers) { for step in forwards { step(workers) } }
    func backward(_ workers: Workers) { for step in backwards { step(workers) } }

    private static func pooling(_ site: PassSite, _ pooling: Pooling) -> ([PassStep], [PassStep]) {
        let arguments = pooling.arguments(site.x.blocks, site.y.blocks)
        let forwards: PassStep = { workers in
            var arguments = arguments
            workers.withPool { fsk_block_pooling_run(BlockKernels.variant, &arguments, $0) }
        }
        guard let dy = site.y.gradientBlocks, let dx = site.x.gradientBlocks else { return ([forwards], []) }
        let gradient = fsg_block_pooling_gradient(
            forward: arguments, dy: dy.fromComputed,
            dx: dx.seen(from: dx.box.rows.lowerBound, dx.box.columns.lowerBound), adds: 0)
        return (
            [forwards],
            [
                step(gradient) { fsg_block_pooling_gradient_run(BlockKernels.variant, $0, $1) }
            ]
        )
    }

    private static func concat(_ site: PassSite) -> ([PassStep], [PassStep]) {
        var channel = 0, forwards: [PassStep] = [], backwards: [PassStep] = []
        for input in site.inputs {
            let width = input.blocks.channels
            var to = site.y.blocks.fromComputed
            to.pixels += channel / width * site.y.blocks.planeStep
            forwards.append(move(input.blocks.fromComputed, to, input.shape, width))
            if let dx = input.gradientBlocks, let dy = site.y.gradientBlocks {
                var from = dy.fromComputed
                from.pixels += channel / width * dy.planeStep
                backwards.append(move(from, dx.fromComputed, input.shape, width))
            }
            channel += input.shape[1]
        }
        return (forwards, backwards)
    }

    private static func move(_ from: fsk_blocks, _ to: fsk_blocks, _ shape: Shape, _ width: Int) -> PassStep {
        step(
            fsk_block_move(
                x: from, y: to, batch: shape[0], channels: shape[1], height: shape[2], width: shape[3],
                block: width, shift: 0), { fsk_block_move_run($0, $1) })
    }
}
