// PackedWeights: a layer's weights in the form its kernel reads, with the BatchNorm and Scale layers behind it
// folded in. Packer makes it.

/// The packed weights of a fused layer.
enum PackedWeights: Sendable {
    case none
    /// InnerProduct, and Convolution over planes: one product.
    case filters(PackedFilters)
    /// Convolution over blocks, in the form that its shape has.
    case blocks(PackedFilters)
    /// Deconvolution: a convolution for each phase of the stride.
    case phases([Phase], bias: Buffer?)
    /// Convolution with a filter of its own for each plane: `[channels, kernel, kernel]` as stored, or over blocks
    /// `[blocks, kernel, kernel, channels of a block]`.
    case planes(PackedFilters)
    /// A factor and an addend for each channel.
    case channels(gain: Buffer?, shift: Buffer?)
}

struct PackedFilters: Sendable {
    let weights: Buffer
    let bias: Buffer?
}

/// One phase of a deconvolution: the output pixels (i * stride + row, j * stride + column) are a convolution of
/// stride 1 with the taps that reach them.
struct Phase: Sendable {
    let vertical: PhaseSide, horizontal: PhaseSide
    let weights: Buffer
}

/// Along one dimension: output pixel `stride * i + first` is the sum over taps u of
/// weight[kernel - u * kernelStep] * input[i - pad + u * dilation].
package struct PhaseSide: Sendable, Equatable {
    package let first: Int, taps: Int, pad: Int, dilation: Int
    /// Kernel index of tap 0, and how far it falls from tap to tap.
    package let kernel: Int, kernelStep: Int

    /// - Source: y = stride * i - pad + dilation * k, solved for i: k runs over a class modulo
    ///   stride / gcd(stride, dilation).
    init(_ side: Window.Side, first: Int) {
        let divisor = greatestCommonDivisor(side.stride, side.dilation)
        let shifted = first + side.pad, step = side.stride / divisor
        let lowest = (0..<min(step, side.kernel)).first { (shifted - side.dilation * $0) % side.stride == 0 }
        self.first = first
        kernelStep = step
        dilation = side.dilation / divisor
        guard let lowest else {
            (taps, pad, kernel) = (0, 0, 0)
            return
        }
        taps = (side.kernel - 1 - lowest) / step + 1
        kernel = lowest + (taps - 1) * step
        pad = -((shifted - side.dilation * kernel) / side.stride)
    }

    /// Output pixels of this phase, of `length` in all.
    package func count(of length: Int, stride: Int) -> Int {
        length > first ? (length - first - 1) / stride + 1 : 0
    }

    /// Which of them lie in these rows or columns of the output.
    func steps(to output: Range<Int>, stride: Int) -> Range<Int> {
        count(of: output.lowerBound, stride: stride)..<count(of: output.upperBound, stride: stride)
    }
}

extension Window {
    /// The phases of a deconvolution with this window, row by row.
    package var phases: [(vertical: PhaseSide, horizontal: PhaseSide)] {
        (0..<vertical.stride).flatMap { row in
            let side = PhaseSide(vertical, first: row)
            return (0..<horizontal.stride).map { (side, PhaseSide(horizontal, first: $0)) }
        }
    }
}

extension Operation {
    /// What a layer that is folded into the one before it does with each channel.
    var channelParts: (factor: Bool, addend: Bool) {
        switch self {
        case .batchNorm: (true, true)
        case .scale(let scale): (scale.hasFactor, scale.hasAddend)
        default: (false, false)
        }
    }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }

/// A factor and an addend for each channel, as BatchNorm and Scale layers multiply up. Double: they are few.
struct ChannelFactors {
    private(set) var gain: [Double], shift: [Double]
    /// Which of them there are. The layers say it, not the numbers, so that sizes are known before any is read.
    private(set) var parts = (factor: false, addend: false)

    init(channels: Int) {
        gain = Array(repeating: 1, count: channels)
        shift = Array(repeating: 0, count: channels)
    }

    /// A layer's own bias.
    mutating func setShift(_ bias: [Double]) {
        shift = bias
        parts.addend = true
    }

    /// Puts a layer behind what there is: x -> gain * (x * old gain + old shift) + shift.
    mutating func append(_ layer: Layer) throws(FaceSegError) {
        let numbers = try layer.weights.map { (weight) throws(FaceSegError) in try weight.readAll() }
        let channels = gain.count, own = layer.operation.channelParts
        parts = (parts.factor || own.factor, parts.addend || own.addend)
        for blob in numbers.prefix(2) where blob.count != channels {
            throw .network(layer: layer.name, reason: "\(blob.count) weights for \(channels) channels")
        }
        switch layer.operation {
        case .batchNorm(let norm):
            let total = Double(numbers[2].first ?? 0), factor = total == 0 ? 0 : 1 / total
            for c in 0..<channels {
                let deviation = (Double(numbers[1][c]) * factor + Double(norm.eps)).squareRoot()
                apply(c, gain: 1 / deviation, shift: -Double(numbers[0][c]) * factor / deviation)
            }
        case .scale(let scale):
            for c in 0..<channels {
                let addend = scale.hasAddend ? Double(numbers[scale.hasFactor ? 1 : 0][c]) : 0
                apply(c, gain: scale.hasFactor ? Double(numbers[0][c]) : 1, shift: addend)
            }
        default: preconditionFailure("\(layer.name) is not channelwise")
        }
    }

    private mutating func apply(_ c: Int, gain factor: Double, shift addend: Double) {
        gain[c] *= factor
        shift[c] = shift[c] * factor + addend
    }
}
