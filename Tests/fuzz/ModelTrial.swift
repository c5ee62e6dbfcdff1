// ModelTrial: a model in memory is opened, looked at and run on numbers and on a photo, within bounds that keep a
// fuzzer fast. What it refuses must be refused with words; what it does must be the same twice.
@testable import FaceSegKit

struct ModelTrial {
    private let bytes: [UInt8]

    /// Bytes of scratch memory: some hundred times what the corpora's nets need.
    private static let memoryLimit = 16 << 20
    /// Multiply-adds and numbers of one run, so that it takes milliseconds.
    private static let mostWork = 1 << 22, mostNumbers = 1 << 20

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func model(_ options: ModelOptions = ModelOptions()) throws -> Model? {
        try bytes.withUnsafeBytes { bytes in
            try attempt { () throws(FaceSegError) in try Model.open(bytes: bytes, options: options) }
        }
    }

    /// Runs `model`, which is ours, and its copy, which must say and compute the same.
    func run(_ model: Model, andItsCopy copy: ModelTrial) throws {
        let other = try copy.bytes.withUnsafeBytes { try Model.open(bytes: $0) }
        try demand(
            model.info == other.info && model.preprocessing == other.preprocessing
                && model.classCount == other.classCount && model.parameterCount == other.parameterCount,
            "the copy says something else: \(model.info), \(other.info)")
        // Reads and packs the weights, however many there are.
        guard let segmenter = try Self.segmenter(model), let twin = try Self.segmenter(other) else { return }
        let inputs = model.network.inputs.map { Self.shape($0.shape) }
        let summary = try attempt { () throws(FaceSegError) in try ModelSummary(model, inputShapes: inputs) }
        guard let summary, Self.isAffordable(summary) else { return }
        let scores = try Self.forward(segmenter, inputs), again = try Self.forward(twin, inputs)
        try demand(scores == again, "the copy computes something else")
        try runPhoto(on: model, segmenter)
    }

    /// At the file's own working size only if that is small.
    private func runPhoto(on model: Model, _ segmenter: Segmenter) throws {
        let own = model.preprocessing
        guard own.multipleOf <= 32 else { return }
        if let size = own.workingSize, size > 32 {
            var options = ModelOptions()
            (options.workingSize, options.reduceSize) = (24, own.reduceSize == nil ? 0 : 20)
            guard let small = try self.model(options), let segmenter = try Self.segmenter(small) else {
                return
            }
            return try Self.runPhoto(segmenter)
        }
        try Self.runPhoto(segmenter)
    }

    /// What a file declares, made smaller.
    private static func shape(_ declared: Shape?) -> Shape {
        let sides = declared?.dimensions ?? [1, 3, 12, 16]
        let most = [2, 64, 16, 16]
        let small = sides.enumerated().map { min($1, $0 < most.count ? most[$0] : 2) }
        return try! Shape(small)  // smaller than what was a shape
    }

    private static func isAffordable(_ summary: ModelSummary) -> Bool {
        let numbers = summary.layers.flatMap(\.outputShapes).reduce(0) { $0 + min($1.count, mostNumbers) }
        return summary.multiplyAdds <= mostWork && numbers <= mostNumbers
            && summary.weightCount <= mostNumbers
    }

    private static func segmenter(_ model: Model) throws -> Segmenter? {
        try attempt { () throws(FaceSegError) in
            try Segmenter(model, threads: 1, memoryLimit: memoryLimit)
        }
    }

    /// Bits of the scores; nil: refused.
    private static func forward(_ segmenter: Segmenter, _ shapes: [Shape]) throws -> [UInt32]? {
        let inputs = shapes.map { shape in
            UnsafeMutableBufferPointer<Float>.allocate(capacity: shape.count)
        }
        defer { inputs.forEach { $0.deallocate() } }
        for input in inputs {
            for i in input.indices { input[i] = Float(i % 23) - 11 }
        }
        let given = zip(inputs, shapes).map { (UnsafeBufferPointer($0), $1.dimensions) }
        return try attempt { () throws(FaceSegError) in
            try segmenter.forward(given) { numbers, _ in numbers.map(\.bitPattern) }
        }
    }

    /// A photo of 9 x 7 and all that can be asked of it.
    private static func runPhoto(_ segmenter: Segmenter) throws {
        let width = 9, height = 7
        let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 41) }
        var out = [Float](repeating: 0, count: width * height)
        try pixels.withUnsafeBufferPointer { pixels in
            try out.withUnsafeMutableBytes { out in
                _ = try attempt { () throws(FaceSegError) in
                    try segmenter.run(
                        PixelView(
                            pixels: pixels.baseAddress!, width: width, height: height, rowBytes: width * 3,
                            format: .rgb))
                    let bytes = try PlaneView(start: out.baseAddress!, rowBytes: width, element: .byte)
                    let floats = try PlaneView(start: out.baseAddress!, rowBytes: width * 4, element: .float)
                    try segmenter.labels(into: bytes)
                    try segmenter.probability(of: 1, into: floats)
                    try segmenter.alpha(of: .head, into: bytes)
                }
            }
        }
    }
}
