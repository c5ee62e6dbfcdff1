// Reach: which pixels of a value depend on the network's input, and which on the edges of a value before it. What
// neither reaches is one number a channel; what only edges reach is a function of the weights and the distance from
// the edge. FCN's padding of 100 makes much of that.

/// One dimension of a value: rows or columns.
struct ReachSide: Hashable, Sendable {
    /// Pixels in all.
    let count: Int
    /// Those that the input reaches.
    let reached: Range<Int>
    /// Before `near` the near edge of this value or one before it reaches, from `far` on the far edge.
    let near: Int, far: Int
    /// What the layers before leave over at the far edge. Where it is the same, the far edges agree.
    let rest: [Int]

    /// Of the network's input.
    init(input count: Int) {
        (self.count, reached, near, far, rest) = (count, 0..<count, 0, count, [])
    }

    private init(count: Int, reached: Range<Int>, near: Int, far: Int, rest: [Int]) {
        (self.count, self.reached, self.near, self.far, self.rest) = (count, reached, near, far, rest)
    }

    /// Of what a window makes of this.
    func sliding(_ side: Window.Side, count out: Int) -> ReachSide {
        func first(reading pixel: Int) -> Int {  // the first window whose last pixel is this one or behind it
            let needed = pixel + side.pad - side.reach + 1
            return min(max((needed + side.stride - 1) / side.stride, 0), out)
        }
        // Windows behind the last that begins before `pixel`.
        func behind(_ pixel: Int) -> Int {
            min(max((pixel + side.pad + side.stride - 1) / side.stride, 0), out)
        }
        let lower = first(reading: reached.lowerBound)
        return ReachSide(
            count: out, reached: lower..<max(behind(reached.upperBound), lower), near: behind(near),
            far: first(reading: far), rest: rest + [count - side.stride * out])
    }

    /// Of what is made of this and another pixel by pixel.
    func joined(_ other: ReachSide) -> ReachSide {
        ReachSide(
            count: count, reached: reached.union(other.reached), near: max(near, other.near),
            far: min(far, other.far), rest: rest + other.rest)
    }

    /// Whether pixels that no input reaches are the same here and in a smaller value, counted from the nearer edge.
    func agrees(with small: ReachSide) -> Bool {
        reached.lowerBound == small.reached.lowerBound && near == small.near && rest == small.rest
            && count - reached.upperBound == small.count - small.reached.upperBound
            && count - far == small.count - small.far && near < far && small.near < small.far
    }

    /// The pixel of a smaller value that agrees which stands for pixel `at`.
    func twin(of at: Int, in small: ReachSide) -> Int {
        at < near ? at : at >= far ? at - count + small.count : small.near
    }
}

/// Rows and columns of a value.
struct Reach: Hashable, Sendable {
    let vertical: ReachSide, horizontal: ReachSide

    /// The pixels that the input reaches.
    var box: Box { Box(rows: vertical.reached, columns: horizontal.reached) }

    func agrees(with small: Reach) -> Bool {
        vertical.agrees(with: small.vertical) && horizontal.agrees(with: small.horizontal)
    }
}

extension FusedNetwork {
    /// The reach of every value for which it can be told: from one input picture through layers that slide windows
    /// or keep each pixel to itself.
    func reaches(of network: Network, shapes: [Shape?]) -> [Int: Reach] {
        var reaches: [Int: Reach] = [:]
        for input in network.inputs {
            guard let shape = shapes[input.value], shape.rank == 4 else { continue }
            reaches[input.value] = Reach(
                vertical: ReachSide(input: shape[2]), horizontal: ReachSide(input: shape[3]))
        }
        for layer in layers {
            let given = layer.inputs.compactMap { reaches[$0] }
            guard given.count == layer.inputs.count, let first = given.first else { continue }
            let operation = layer.operation
            for output in layer.outputs {
                let shape = shapes[output]!
                switch operation.spread {
                case .window(let window):
                    let slid = Reach(
                        vertical: first.vertical.sliding(window.vertical, count: shape[2]),
                        horizontal: first.horizontal.sliding(window.horizontal, count: shape[3]))
                    reaches[output] = given.dropFirst().reduce(slid) { $0.joined($1) }
                case .pixel where shape.rank == 4:
                    reaches[output] = given.dropFirst().reduce(first) { $0.joined($1) }
                default: break
                }
            }
        }
        return reaches
    }
}

extension Reach {
    fileprivate func joined(_ other: Reach) -> Reach {
        Reach(
            vertical: vertical.joined(other.vertical), horizontal: horizontal.joined(other.horizontal))
    }
}

extension Operation {
    fileprivate enum Spread {
        /// Each output pixel depends on a window of the input, wherever it lies.
        case window(Window)
        /// On the same pixel alone.
        case pixel
        case unknown
    }

    fileprivate var spread: Spread {
        switch self {
        case .convolution(let convolution): .window(convolution.window)
        case .pooling(let pooling): pooling.window.map { .window($0) } ?? .unknown
        case .unary, .prelu, .eltwise, .batchNorm, .identity: .pixel
        case .scale(let scale): scale.axis == 1 && scale.axes == 1 ? .pixel : .unknown
        case .concat(let concat): concat.axis == 1 ? .pixel : .unknown
        case .softmax(let softmax): softmax.axis == 1 ? .pixel : .unknown
        case .lrn(let lrn): lrn.withinChannel ? .unknown : .pixel
        default: .unknown
        }
    }
}
