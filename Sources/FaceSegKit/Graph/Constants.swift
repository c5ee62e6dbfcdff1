// Constants: values that are one number a channel whatever goes in. A convolution whose weights are all zero makes one
// (copying VGG's weights by name into FCN's renamed fc6 and fc7 leaves such), and most of what follows stays one.

extension Network {
    /// The numbers of each such value, one a channel.
    ///
    /// - Throws: errors of reading weights. Of those that are not zero little is read.
    func constants() throws(FaceSegError) -> [Int: [Float]] {
        var constants: [Int: [Float]] = [:]
        for layer in layers {
            guard let numbers = try layer.constant(layer.inputs.map { constants[$0] }) else { continue }
            for output in layer.outputs { constants[output] = numbers }
        }
        return constants
    }
}

extension Layer {
    /// What the layer makes of inputs of which some are constants; nil if that is none, or not found out.
    fileprivate func constant(_ inputs: [[Float]?]) throws(FaceSegError) -> [Float]? {
        if case .convolution(let convolution) = operation {
            return try self.convolution(convolution, inputs[0])
        }
        let known = inputs.compactMap { $0 }
        guard known.count == inputs.count, let first = known.first else { return nil }
        switch operation {
        case .identity: return first
        case .unary(let unary):
            guard case .relu(let slope) = unary.kind else { return nil }
            return first.map { $0 < 0 ? (slope == 0 ? 0 : slope * $0) : $0 }
        case .pooling(let pooling): return pooling.kind == .max ? first : nil
        case .concat(let concat): return concat.axis == 1 ? known.flatMap { $0 } : nil
        case .eltwise(let eltwise) where eltwise.isPlainSum:
            return first.indices.map { channel in known.reduce(0) { $0 + $1[channel] } }
        default: return nil
        }
    }

    /// Zero weights leave the bias, and so does an input of zeros.
    private func convolution(_ convolution: Convolution, _ input: [Float]?) throws(FaceSegError) -> [Float]? {
        guard let filters = weights.first, !(filters.content is MissingWeight),
            !(filters.content is PackedAwayWeight)
        else { return nil }
        let isZero: Bool
        if let input, input.allSatisfy({ $0 == 0 }) { isZero = true } else { isZero = try filters.isZero() }
        guard isZero else { return nil }
        return weights.count > 1 ? try weights[1].readAll() : Array(repeating: 0, count: convolution.filters)
    }
}

extension Weight {
    /// Whether every number is zero. Reads to the first that is not.
    fileprivate func isZero() throws(FaceSegError) -> Bool {
        var part = 1 << 10, at = 0
        var numbers: [Float] = []
        while at < count {
            let range = at..<min(at + part, count)
            numbers = Array(repeating: 0, count: range.count)
            var failure: FaceSegError?
            let isZero = numbers.withUnsafeMutableBufferPointer { buffer in
                do throws(FaceSegError) { try content.read(range, into: buffer) } catch { failure = error }
                return buffer.allSatisfy { $0 == 0 }
            }
            if let failure { throw failure }
            guard isZero else { return false }
            (at, part) = (range.upperBound, 1 << 20)
        }
        try content.checkUnchanged()
        return true
    }
}
