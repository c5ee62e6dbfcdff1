// Filler: the first numbers of a weight. Source: Caffe `filler.hpp`; the numbers that are drawn are not Caffe's.
import FaceSegKit

#if canImport(Glibc)
    import Glibc
#endif

/// How a blob of a layer is filled.
struct Filler {
    private let message: Message?
    private let otherwise: Float

    /// What layer `layer` says of its blob `index`.
    init(_ layer: Message, blob index: Int) {
        (message, otherwise) = Filler.found(layer, index)
    }

    /// The filler's message, if there is one, and the constant that stands for it.
    private static func found(_ layer: Message, _ index: Int) -> (Message?, Float) {
        func filler(_ parameters: String, _ field: String) -> Message? {
            layer.message(parameters)?.message(field)
        }
        switch layer.string("type") ?? "" {
        case "Convolution", "Deconvolution":
            return (filler("convolution_param", index == 0 ? "weight_filler" : "bias_filler"), 0)
        case "InnerProduct":
            return (filler("inner_product_param", index == 0 ? "weight_filler" : "bias_filler"), 0)
        case "PReLU": return (filler("prelu_param", "filler"), 0.25)
        case "Scale":
            return index == 0
                ? (filler("scale_param", "filler"), 1) : (filler("scale_param", "bias_filler"), 0)
        case "Bias": return (filler("bias_param", "filler"), 0)
        default: return (nil, 0)
        }
    }

    func fill(_ parameter: Parameter, _ random: inout SplitMix) throws(FaceSegError) {
        let numbers = parameter.numbers
        guard let message else { return numbers.update(repeating: otherwise) }
        switch message.string("type") ?? "constant" {
        case "constant": numbers.update(repeating: message.float("value") ?? 0)
        case "uniform":
            let low = message.float("min") ?? 0, high = message.float("max") ?? 1
            for i in numbers.indices { numbers[i] = low + (high - low) * random.uniform() }
        case "gaussian": gaussian(numbers, parameter.dimensions, message, &random)
        case "xavier":
            let limit = (3 / fan(message, parameter.dimensions)).squareRoot()
            for i in numbers.indices { numbers[i] = limit * (2 * random.uniform() - 1) }
        case "msra":
            let deviation = (2 / fan(message, parameter.dimensions)).squareRoot()
            for i in numbers.indices { numbers[i] = deviation * random.normal() }
        case "positive_unitball": unitBall(numbers, parameter.dimensions, &random)
        case "bilinear": try bilinear(numbers, parameter)
        case let type: throw message.failure("unknown filler \"\(type)\" of layer \"\(parameter.layer)\"")
        }
    }

    /// With `sparse`, all but about so many numbers an output are 0.
    private func gaussian(
        _ numbers: UnsafeMutableBufferPointer<Float>, _ dimensions: [Int], _ message: Message,
        _ random: inout SplitMix
    ) {
        let mean = message.float("mean") ?? 0, deviation = message.float("std") ?? 1
        for i in numbers.indices { numbers[i] = mean + deviation * random.normal() }
        guard let sparse = message.int("sparse"), sparse >= 0, let outputs = dimensions.first else { return }
        let kept = Float(sparse) / Float(outputs)
        for i in numbers.indices where random.uniform() >= kept { numbers[i] = 0 }
    }

    /// Inputs or outputs of a sum, as Caffe counts them: they change places for a deconvolution.
    private func fan(_ message: Message, _ dimensions: [Int]) -> Float {
        let count = dimensions.reduce(1, *)
        let inputs = Float(count / (dimensions.first ?? 1))
        let outputs = Float(count / (dimensions.count > 1 ? dimensions[1] : 1))
        return switch message.enumeration("variance_norm") {
        case "FAN_OUT": outputs
        case "AVERAGE": (inputs + outputs) / 2
        default: inputs
        }
    }

    /// Each output's numbers are 0 or more and add up to 1.
    private func unitBall(
        _ numbers: UnsafeMutableBufferPointer<Float>, _ dimensions: [Int], _ random: inout SplitMix
    ) {
        let length = numbers.count / (dimensions.first ?? 1)
        for start in stride(from: 0, to: numbers.count, by: length) {
            for i in start..<start + length { numbers[i] = random.uniform() }
            let sum = numbers[start..<start + length].reduce(0, +)
            for i in start..<start + length { numbers[i] /= sum }
        }
    }

    private func bilinear(
        _ numbers: UnsafeMutableBufferPointer<Float>, _ parameter: Parameter
    ) throws(FaceSegError) {
        guard parameter.dimensions.count == 4, parameter.dimensions[2] == parameter.dimensions[3] else {
            throw .network(layer: parameter.layer, reason: "a bilinear filler needs a square kernel")
        }
        let side = parameter.dimensions[3]
        try FilledWeight(filler: .bilinear(height: side, width: side)).read(0..<numbers.count, into: numbers)
    }
}

extension SplitMix {
    /// Of mean 0 and deviation 1 (Box and Muller 1958).
    package mutating func normal() -> Float {
        let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
        return Float(radius * cos(2 * .pi * Double(uniform())))
    }
}
