// Layout: where in one arena each value of a plan lies. Values whose lives do not meet share memory; values that
// are the same numbers (Split, Reshape), or that a step may overwrite, are one.

/// Places of values in an arena, in floats.
struct Layout {
    /// Offset of each value's first number; values that the plan does not make have none.
    private(set) var offsets: [Int: Int] = [:]
    /// Floats of the arena.
    private(set) var size = 0

    /// Every value begins at a multiple of this: 64 bytes.
    static let alignment = 16

    private struct Block {
        let root: Int, first: Int
        var last: Int, size: Int
        var life: Int { last - first }
    }

    /// - steps: inputs and outputs of each step in order, and what it may do with its input's memory.
    /// - inputs: values that are there before the first step. kept: values that must outlive the last.
    /// - sizes: floats of each value; nil: the plan does not make it.
    /// - loops: steps that run again and again: what is there before them or after them lives through all of them.
    init(steps: [LayoutStep], inputs: [Int], kept: [Int], sizes: [Int?], loops: [Range<Int>] = []) {
        var root = Array(sizes.indices)
        var made = [Int](repeating: -1, count: sizes.count), lastUse = made
        for (index, step) in steps.enumerated() { for value in step.outputs { made[value] = index } }
        // The last step of a loop that a value comes into.
        func through(_ use: Int, _ value: Int) -> Int {
            guard let loop = loops.first(where: { $0.contains(use) }), !loop.contains(made[value]) else {
                return use
            }
            return loop.upperBound - 1
        }
        for (index, step) in steps.enumerated() {
            for value in step.inputs { lastUse[value] = max(lastUse[value], through(index, value)) }
        }
        for value in kept { lastUse[value] = steps.count }
        for value in inputs { lastUse[value] = max(lastUse[value], 0) }
        // A view makes its input's memory live as long as the view: found from the back.
        for step in steps.reversed() where step.isView {
            for output in step.outputs {
                let input = step.inputs[0]
                lastUse[input] = max(lastUse[input], through(lastUse[output], input))
            }
        }
        var blocks: [Int: Block] = [:]
        func begin(_ value: Int, at index: Int) {
            var first = index
            if let loop = loops.first(where: { $0.contains(index) }), lastUse[value] >= loop.upperBound {
                first = loop.lowerBound
            }
            blocks[value] = Block(
                root: value, first: first, last: max(lastUse[value], index), size: sizes[value]!)
        }
        for value in inputs { begin(value, at: -1) }
        for (index, step) in steps.enumerated() {
            for output in step.outputs {
                if let source = Layout.source(
                    step, at: index, root: root, blocks: blocks, sizes: sizes, output)
                {
                    root[output] = source
                    blocks[source]!.last = max(blocks[source]!.last, lastUse[output])
                } else {
                    begin(output, at: index)
                }
            }
            for extra in step.extras { begin(extra, at: index) }
        }
        // No one order serves all nets.
        let all = Array(blocks.values)
        let bySize = Layout.places(all.sorted { ($0.size, $1.first, $1.root) > ($1.size, $0.first, $0.root) })
        let byLife = Layout.places(all.sorted { ($0.life, $0.size, $1.root) > ($1.life, $1.size, $0.root) })
        let places = byLife.size < bySize.size ? byLife : bySize
        (offsets, size) = places
        for value in sizes.indices { offsets[value] = offsets[root[value]] }
    }

    /// The block that an output of the step may have for its own, if there is one.
    private static func source(
        _ step: LayoutStep, at index: Int, root: [Int], blocks: [Int: Block], sizes: [Int?], _ output: Int
    ) -> Int? {
        switch step.reuse {
        case .none: nil
        case .view: root[step.inputs[0]]
        case .overwrite(let inputs):
            inputs.first {
                blocks[root[$0]]!.last == index && sizes[$0] == sizes[output]
                    && blocks[root[$0]]!.size == sizes[$0]
            }.map { root[$0] }
        }
    }

    /// Each in turn at the lowest place that no block of the same time has.
    private static func places(_ blocks: [Block]) -> (offsets: [Int: Int], size: Int) {
        var placed: [(offset: Int, block: Block)] = [], offsets: [Int: Int] = [:], size = 0
        for block in blocks {
            let length = (block.size + Layout.alignment - 1) / Layout.alignment * Layout.alignment
            var offset = 0
            for other in placed where other.block.first <= block.last && block.first <= other.block.last {
                if other.offset >= offset + length { break }
                offset = max(offset, other.offset + other.block.size)
            }
            let at = placed.firstIndex { $0.offset > offset } ?? placed.count
            var rounded = block
            rounded.size = length
            placed.insert((offset, rounded), at: at)
            offsets[block.root] = offset
            size = max(size, offset + length)
        }
        return (offsets, size)
    }
}

/// What the layout has to know of a step.
struct LayoutStep {
    enum Reuse {
        case none
        /// The outputs are the first input's numbers.
        case view
        /// The output may take the place of one of these inputs that nothing needs any more.
        case overwrite([Int])
    }
    let inputs: [Int], outputs: [Int]
    /// What the step needs beside them, and nobody after it.
    let extras: [Int]
    let reuse: Reuse

    fileprivate var isView: Bool { if case .view = reuse { true } else { false } }
}
