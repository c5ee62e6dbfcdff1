// ONNXGraph: a network's graph in ONNX's words while it is put together: names, nodes, numbers. What a layer becomes
// stands in ONNXLayers and the files beside it.

/// Nodes and numbers so far.
struct ONNXGraph {
    private(set) var nodes: [ONNXNode] = []
    private(set) var tensors: [ONNXTensor] = []
    private var names: Set<String> = []

    /// The name itself if it is free, else with a number; never empty, which would mean a missing input.
    mutating func unique(_ wanted: String) -> String {
        let base = wanted.isEmpty ? "value" : wanted
        var name = base, number = 1
        while !names.insert(name).inserted {
            number += 1
            name = "\(base)_\(number)"
        }
        return name
    }

    mutating func add(_ node: ONNXNode) { nodes.append(node) }
    mutating func add(_ tensor: ONNXTensor) { tensors.append(tensor) }

    /// - operatorSet: the version whose operators the nodes are.
    func message(_ name: String, inputs: [ONNXValue], outputs: [ONNXValue]) -> ONNXMessage {
        var graph = ONNXMessage()
        for node in nodes { graph.put(1, ONNXMessage(node)) }
        graph.put(2, name)
        for tensor in tensors { graph.put(5, ONNXMessage(tensor)) }
        for input in inputs { graph.put(11, ONNXMessage(input)) }
        for output in outputs { graph.put(12, ONNXMessage(output)) }
        return graph
    }
}

/// One layer on its way into a graph: its nodes are named after it, and its last node makes its value.
struct ONNXLayer {
    let layer: Layer
    /// Shapes of what goes in and what comes out.
    let given: [Shape], made: [Shape]
    /// Names of both.
    let inputs: [String], outputs: [String]
    var graph: ONNXGraph

    var name: String { layer.name }
    var input: String { inputs[0] }
    var rank: Int { given[0].rank }

    /// A node whose value has a name of its own, or `output`.
    @discardableResult
    mutating func node(
        _ operation: String, _ inputs: [String], _ attributes: [(String, ONNXAttribute)] = [],
        output: String? = nil
    ) -> String {
        let made = output ?? graph.unique("\(name)/\(operation)")
        add(operation, inputs, [made], attributes)
        return made
    }

    /// A node with several values.
    mutating func add(
        _ operation: String, _ inputs: [String], _ outputs: [String], _ attributes: [(String, ONNXAttribute)]
    ) {
        graph.add(
            ONNXNode(
                name: graph.unique("\(name):\(operation)"), operation: operation, inputs: inputs,
                outputs: outputs, attributes: attributes.map { (name: $0.0, value: $0.1) }))
    }

    /// The last node of a layer with one output.
    mutating func finish(
        _ operation: String, _ inputs: [String], _ attributes: [(String, ONNXAttribute)] = []
    ) {
        node(operation, inputs, attributes, output: outputs[0])
    }

    /// Whole numbers, of one dimension.
    mutating func integers(_ numbers: [Int], _ what: String) -> String {
        let name = graph.unique("\(name)/\(what)")
        graph.add(ONNXTensor(name: name, shape: [numbers.count], content: .integers(numbers)))
        return name
    }

    /// A number.
    mutating func number(_ value: Float, _ what: String) -> String { floats([value], [], what) }

    mutating func floats(_ values: [Float], _ shape: [Int], _ what: String) -> String {
        tensor(OutgoingBlob(shape: shape, values: values), what)
    }

    /// Weight `index` of the layer under a shape of as many numbers; it is read when the file is written.
    mutating func weight(_ index: Int, _ shape: [Int], _ what: String) -> String {
        let content = layer.weights[index].content
        return tensor(
            OutgoingBlob(shape: shape) { range, buffer throws(FaceSegError) in
                try content.read(range, into: buffer)
            }, what)
    }

    private mutating func tensor(_ blob: OutgoingBlob, _ what: String) -> String {
        let name = graph.unique("\(name)/\(what)")
        graph.add(ONNXTensor(name: name, shape: blob.shape, content: .floats(blob)))
        return name
    }

    /// The same numbers under another shape.
    mutating func reshaped(_ value: String, _ sides: [Int], output: String? = nil) -> String {
        node("Reshape", [value, integers(sides, "shape")], output: output)
    }
}
