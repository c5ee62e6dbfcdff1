// ModelSummary: what a model looks like at a size: layers, shapes, numbers of weights and multiply-adds. For
// people and programs to look at; nothing is computed and no weight is read.

/// A model's layers at one size.
///
///     let summary = try ModelSummary(Model.open(path: "their.caffemodel"))
///     for layer in summary.layers { print(layer.name, layer.outputShapes, layer.weightCount) }
public struct ModelSummary: Sendable {
    public struct Input: Sendable {
        public let name: String, shape: Shape
        /// Whether the file says this shape.
        public let isDeclared: Bool
    }

    public struct Output: Sendable {
        public let name: String, shape: Shape
        /// Whether it is the one that segmenting and ``Segmenter/forward(_:blob:_:)`` take when none is
        /// named.
        public let isMain: Bool
    }

    public struct Layer: Sendable {
        /// `type` as Caffe calls it: "Convolution". Inputs and outputs are names of blobs.
        public let name: String, type: String, inputs: [String], outputs: [String]
        public let outputShapes: [Shape]
        /// Weights that layers share are counted for each of them.
        public let weightCount: Int
        /// Of convolutions, deconvolutions and inner products; of others, which have few, 0.
        public let multiplyAdds: Int
    }

    public let inputs: [Input], outputs: [Output], layers: [Layer]
    /// Sums over the layers; `Int.max` stands for numbers above it.
    public let weightCount: Int, multiplyAdds: Int

    /// - inputShapes: one for each input; nil: what the file declares, and 1 x 3 x 256 x 256 where it says
    ///   nothing.
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
    fileprivate func multiplyAdds(_ given: [Shape], _ made: [Shape], weights: [[Int]]) -> Int {
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
