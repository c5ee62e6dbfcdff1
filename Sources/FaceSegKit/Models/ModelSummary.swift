// ModelSummary: what a model looks like at a size: layers, shapes, numbers of weights and multiply-adds. For
// people and programs to look at; nothing is computed and no weight is read.

/// A model's layers at one size.
///
///     let summary = try ModelSummary(Model.open(path: "their.caffemodel"))
///     for layer in summary.layers { print(layer.name, layer.outputShapes, layer.weightCount) }
public struct ModelSummary: Sendable {
    /// A value that comes from outside.
    public struct Input: Sendable {
        /// The blob's name.
        public let name: String
        /// What it has at this size.
        public let shape: Shape
        /// Whether the file says this shape.
        public let isDeclared: Bool
    }

    /// A value that no layer takes.
    public struct Output: Sendable {
        /// The blob's name.
        public let name: String
        /// What it has at this size.
        public let shape: Shape
        /// Whether it is the one that segmenting and ``Segmenter/forward(_:blob:)`` take when none is named.
        public let isMain: Bool
    }

    /// What is done to values, in the order of the network.
    public struct Layer: Sendable {
        /// The file's name of it.
        public let name: String
        /// Caffe's name of the kind: "Convolution".
        public let type: String
        /// Names of the blobs that it takes.
        public let inputs: [String]
        /// Names of the blobs that it makes.
        public let outputs: [String]
        /// Their shapes, in the same order.
        public let outputShapes: [Shape]
        /// Weights that layers share are counted for each of them.
        public let weightCount: Int
        /// Of convolutions, deconvolutions and inner products; of others, which have few, 0.
        public let multiplyAdds: Int
    }

    /// In the network's order.
    public let inputs: [Input]
    /// In the order in which they come to be.
    public let outputs: [Output]
    /// In the order in which they run.
    public let layers: [Layer]
    /// Sum over the layers; `Int.max` stands for numbers above it.
    public let weightCount: Int
    /// Sum over the layers; `Int.max` stands for numbers above it.
    public let multiplyAdds: Int

    /// Asks every layer.
    ///
    /// - Parameters:
    ///   - model: Its weights are not read.
    ///   - inputShapes: One for each input; nil: what the file declares, and 1 x 3 x 256 x 256 where it says nothing.
    /// - Throws: ``FaceSegError/shape(layer:expected:got:)`` or ``FaceSegError/network(layer:reason:)``
    ///   naming the layer that cannot take what it is given.
    public init(_ model: Model, inputShapes: [Shape]? = nil) throws(FaceSegError) {
        let network = model.network
        let shapes =
            if let inputShapes { try network.shapes(inputShapes) } else {
                try network.shapesForDeclaredInputs()
            }
        var layers: [Layer] = []
        for layer in network.layers {
            layers.append(try Layer(layer, network.valueNames, shapes))
        }
        self.layers = layers
        // Every value has a shape when all layers were asked.
        inputs = network.inputs.map { input in
            let shape = shapes[input.value]!
            return Input(name: input.name, shape: shape, isDeclared: shape == input.shape)
        }
        let outputs = network.outputs
        let main = outputs.isEmpty ? nil : network.mainOutput
        self.outputs = outputs.map {
            Output(name: network.valueNames[$0], shape: shapes[$0]!, isMain: $0 == main)
        }
        weightCount = layers.reduce(0) { sum($0, $1.weightCount) }
        multiplyAdds = layers.reduce(0) { sum($0, $1.multiplyAdds) }
    }
}

extension ModelSummary.Layer {
    fileprivate init(
        _ layer: FaceSegKit.Layer, _ valueNames: [String], _ shapes: [Shape?]
    ) throws(FaceSegError) {
        let given = layer.inputs.compactMap { shapes[$0] }
        let made = layer.outputs.compactMap { shapes[$0] }
        let weights = try layer.operation.weightShapes(given, layer: layer.name)
        name = layer.name
        type = layer.type
        inputs = layer.inputs.map { valueNames[$0] }
        outputs = layer.outputs.map { valueNames[$0] }
        outputShapes = made
        weightCount = weights.reduce(0) { sum($0, product($1)) }
        multiplyAdds = layer.operation.multiplyAdds(given, made, weights: weights)
    }
}

extension Operation {
    /// How often each number of the first weight is used, summed: once for each output of a convolution, and
    /// once for each input of a deconvolution.
    func multiplyAdds(_ given: [Shape], _ made: [Shape], weights: [[Int]]) -> Int {
        switch self {
        case .convolution: product([made[0].count] + weights[0].dropFirst())
        case .deconvolution: product([given[0].count] + weights[0].dropFirst())
        case .innerProduct(let o): product([made[0].count, product(weights[0]) / o.outputs])
        default: 0
        }
    }
}

/// Sums and products of counts that a file can make as large as it likes: `Int.max` where they are above it.
func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
}

func product(_ factors: [Int]) -> Int {
    var all = 1
    for factor in factors {
        let (product, overflow) = all.multipliedReportingOverflow(by: factor)
        if overflow { return .max }
        all = product
    }
    return all
}
