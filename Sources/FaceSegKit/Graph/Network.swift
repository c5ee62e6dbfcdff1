// Network: layers in order, as values. Knows shapes and who uses what; does not compute and reads no file.

/// A layer of a network: what it does to which values.
package struct Layer: Sendable {
    package let name: String
    /// Caffe's name of the kind, for people: "Convolution".
    package let type: String
    /// Indices of ``Network/valueNames``.
    package let inputs: [Int], outputs: [Int]
    package let operation: Operation
    package internal(set) var weights: [Weight]
}

/// A network in single-assignment form: a layer that works in place makes a new value of the same name.
package struct Network: Sendable {
    /// A value that comes from outside. The shape is what the file declares, if anything.
    package struct Input: Sendable {
        package let value: Int, name: String, shape: Shape?
    }

    package internal(set) var name: String
    /// The blob's name of each value. Several values may have one name; the last is the one that lasts.
    package internal(set) var valueNames: [String] = []
    package internal(set) var inputs: [Input] = []
    package internal(set) var layers: [Layer] = []

    /// More layers than any real net has; it bounds the time of planning.
    static let mostLayers = 10_000, mostValues = 20_000, mostInputs = 1024

    init(name: String) { self.name = name }

    /// Values that no layer takes, in the order in which they come to be.
    package var outputs: [Int] {
        let taken = Set(layers.flatMap(\.inputs))
        let last = Dictionary(zip(valueNames, valueNames.indices), uniquingKeysWith: { $1 })
        return layers.flatMap(\.outputs).filter { !taken.contains($0) && last[valueNames[$0]] == $0 }
    }

    /// The output that is meant where none is named: the only one, or of several the one called "score" as all of
    /// FCN's are, else the first.
    package var mainOutput: Int { outputs.first { valueNames[$0] == "score" } ?? outputs[0] }

    /// What the main output is enlarged from: the input of the deconvolution, a channel at a time, that makes it; the main
    /// output itself where another layer does.
    var unenlargedOutput: Int {
        let output = mainOutput
        guard let last = layers.last(where: { $0.outputs.contains(output) }),
            case .deconvolution(let deconvolution) = last.operation, deconvolution.group > 1,
            deconvolution.group == deconvolution.filters
        else { return output }
        return last.inputs[0]
    }

    /// The value that a blob's name means after a run; nil if nothing makes one.
    package func value(named name: String) -> Int? {
        guard let value = valueNames.lastIndex(of: name) else { return nil }
        let isMade = inputs.contains { $0.value == value } || layers.contains { $0.outputs.contains(value) }
        return isMade ? value : nil
    }

    /// Number of weights, shared ones counted once for each layer.
    package var parameterCount: Int {
        layers.reduce(0) { $0 + $1.weights.reduce(0) { $0 + $1.count } }
    }

    /// The shape of every value for inputs of these shapes; nil for values that `layers` (indices; nil: all)
    /// do not make.
    ///
    /// - Throws: ``FaceSegError/shape(layer:expected:got:)`` or ``FaceSegError/network(layer:reason:)`` naming the
    ///   layer that cannot take what it is given, or whose weights have another shape.
    func shapes(_ inputShapes: [Shape], layers wanted: [Int]? = nil) throws(FaceSegError) -> [Shape?] {
        guard inputShapes.count == inputs.count else {
            throw .argument("\(inputShapes.count) inputs for a network that has \(inputs.count)")
        }
        var shapes = [Shape?](repeating: nil, count: valueNames.count)
        for (input, shape) in zip(inputs, inputShapes) { shapes[input.value] = shape }
        for index in wanted ?? Array(layers.indices) {
            let layer = layers[index]
            let given = layer.inputs.compactMap { shapes[$0] }
            let made = try layer.outputShapes(given)
            for (value, shape) in zip(layer.outputs, made) { shapes[value] = shape }
        }
        return shapes
    }
}

extension Layer {
    /// Shapes of the outputs, after a check of the inputs and of the weights' shapes.
    func outputShapes(_ given: [Shape]) throws(FaceSegError) -> [Shape] {
        let made = try operation.outputShapes(given, layer: name)
        guard made.count == outputs.count else {
            throw .network(layer: name, reason: "gives \(made.count) outputs, is asked for \(outputs.count)")
        }
        for (i, wanted) in try operation.weightShapes(given, layer: name).enumerated() where i < weights.count
        {
            guard weights[i].fits(wanted) else {
                throw .network(
                    layer: name,
                    reason:
                        "weights \(i) have the shape \(Shape.text(weights[i].dimensions)), the layer needs "
                        + Shape.text(wanted))
            }
        }
        return made
    }
}

/// Puts a network together by blob names, as Caffe's files give it.
struct NetworkBuilder {
    private(set) var network: Network
    private var current: [String: Int] = [:]

    init(name: String) { network = Network(name: name) }

    func knows(_ blob: String) -> Bool { current[blob] != nil }

    /// - Throws: if there are more inputs than any net has.
    mutating func addInput(_ name: String, _ shape: Shape?) throws(FaceSegError) {
        guard network.inputs.count < Network.mostInputs else {
            throw .network(layer: name, reason: "more than \(Network.mostInputs) inputs")
        }
        network.inputs.append(Network.Input(value: addValue(name), name: name, shape: shape))
    }

    /// - Throws: if a bottom is made by no layer before this one, or two tops have one name.
    mutating func addLayer(
        _ name: String, _ type: String, bottoms: [String], tops: [String], _ operation: Operation,
        _ weights: [Weight]
    ) throws(FaceSegError) {
        var inputs: [Int] = []
        for bottom in bottoms {
            guard let value = current[bottom] else {
                throw .network(layer: name, reason: "its input \"\(bottom)\" comes from no layer before it")
            }
            inputs.append(value)
        }
        guard Set(tops).count == tops.count else {
            throw .network(layer: name, reason: "two of its outputs have one name")
        }
        guard network.layers.count < Network.mostLayers else {
            throw .network(layer: name, reason: "more than \(Network.mostLayers) layers")
        }
        guard network.valueNames.count + tops.count <= Network.mostValues else {
            throw .network(layer: name, reason: "more than \(Network.mostValues) blobs")
        }
        let outputs = tops.map { addValue($0) }
        network.layers.append(
            Layer(
                name: name, type: type, inputs: inputs, outputs: outputs, operation: operation,
                weights: weights))
    }

    private mutating func addValue(_ name: String) -> Int {
        network.valueNames.append(name)
        current[name] = network.valueNames.count - 1
        return network.valueNames.count - 1
    }
}
