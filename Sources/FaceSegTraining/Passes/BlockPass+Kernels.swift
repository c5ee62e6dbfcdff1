// BlockPass: the other layers over blocks: Concat of whole blocks, and pooling.
import FaceSegKit
import Gradients
import Kernels

struct BlockPass: Pass {
    private let forwards: [PassStep], backwards: [PassStep]

    init(_ site: PassSite, _ operation: Operation) throws(FaceSegError) {
        switch operation {
        case .concat: (forwards, backwards) = BlockPass.concat(site)
        default: preconditionFailure("\(site.layer.type) over blocks")
        }
    }

    func forward(_ workers: Workers) { for step in forwards { step(workers) } }
    func backward(_ workers: Workers) { for step in backwards { step(workers) } }

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
