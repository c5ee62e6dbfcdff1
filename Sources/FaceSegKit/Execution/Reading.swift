// Reading: which rows of its inputs a stage reads for some rows of its output, and which stages can go band by band.
// From shapes alone.

extension Stage {
    /// Whether rows of the output are made from rows of the inputs.
    ///
    /// - isBlocked: whether the output lies in blocks.
    func goesByRows(isBlocked: Bool, shapes: [Shape]) -> Bool {
        guard !outputs.isEmpty, shapes.allSatisfy({ $0.rank == 4 }) else { return false }
        guard case .layer(let layer) = work else { return true }
        switch layer.operation {
        case .convolution, .deconvolution, .unary, .prelu, .eltwise, .batchNorm, .identity, .crop, .constant:
            return true
        case .pooling(let pooling): return isBlocked && pooling.window != nil
        case .scale(let scale): return inputs.count == 1 && scale.axis == 1 && scale.axes == 1
        case .concat(let concat): return concat.axis == 1 || concat.axis == -3
        case .softmax(let softmax): return softmax.axis == 1 || softmax.axis == -3
        case .lrn(let lrn): return !lrn.withinChannel
        default: return false
        }
    }

    /// The rows of input `position` from which some of the output are made; nil: none.
    ///
    /// - rows: one or more.
    func reads(
        _ position: Int, for rows: Range<Int>, isBlocked: Bool, input: Shape, output: Shape
    ) -> Range<Int>? {
        guard case .layer(let layer) = work else { return rows }
        let read: Range<Int>?
        switch layer.operation {
        case .convolution(let convolution) where position == 0:
            read = rows.read(by: convolution.window.vertical)
        case .pooling(let pooling):
            read = pooling.window.map { rows.read(by: $0.vertical).clamped(to: 0..<input[2]) }
        case .deconvolution(let deconvolution):
            read = deconvolution.reads(rows, width: output[3])
        case .crop(let crop):
            let begin = (try? crop.begin([input, output], layer: ""))?[2] ?? 0
            read = rows.lowerBound + begin..<rows.upperBound + begin
        default: return rows
        }
        // Blocks have their padding in memory.
        let there = isBlocked ? read : read?.clamped(to: 0..<input[2])
        return there.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether its kernel takes planes that lie without a gap, one row after the other.
    var isDense: Bool {
        guard case .layer(let layer) = work else { return false }
        switch layer.operation {
        case .unary, .prelu, .eltwise, .scale, .batchNorm, .concat, .softmax, .lrn: return true
        default: return false
        }
    }
}

extension Deconvolution {
    /// Input rows from which these rows of the output are made.
    fileprivate func reads(_ rows: Range<Int>, width: Int) -> Range<Int>? {
        let isMade = (0..<window.horizontal.stride).contains {
            let side = PhaseSide(window.horizontal, first: $0)
            return side.taps > 0 && side.count(of: width, stride: window.horizontal.stride) > 0
        }
        guard isMade else { return nil }
        var read: Range<Int>?
        for first in 0..<window.vertical.stride {
            let side = PhaseSide(window.vertical, first: first)
            let steps = side.steps(to: rows, stride: window.vertical.stride)
            guard !steps.isEmpty, side.taps > 0 else { continue }
            let reads = side.reads(steps)
            read = read.map { $0.union(reads) } ?? reads
        }
        return read
    }
}
