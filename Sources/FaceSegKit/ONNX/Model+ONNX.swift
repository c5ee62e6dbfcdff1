// Model+ONNX: a model as an ONNX file, for runtimes that read no Caffe. Layers become operators in ONNXLayers.

extension Model {
    /// Writes the network as an ONNX model: opset 13, float32, inputs of fixed shapes.
    ///
    ///     let model = try Model.open(path: "their.caffemodel")
    ///     try model.exportONNX(to: "their.onnx", inputShapes: [Shape([1, 3, 512, 512])])
    ///
    /// Inputs and outputs are those of ``ModelSummary``, the main output first; photos go in as ``preprocessing`` says,
    /// which stands in the file's `metadata_props`. Weights go from file to file in pieces.
    ///
    /// - Parameters:
    ///   - path: What was there under that name is replaced only once the new file is whole.
    ///   - inputShapes: One for each input; nil: what the file declares, and 1 x 3 x 256 x 256 where it says nothing.
    /// - Throws: ``FaceSegError/network(layer:reason:)`` for a layer that ONNX cannot express,
    ///   ``FaceSegError/shape(layer:expected:got:)``, ``FaceSegError/argument(_:)`` for 2 GiB and above, or if a
    ///   ``Segmenter`` has packed the weights already; errors of reading and writing.
    public func exportONNX(to path: String, inputShapes: [Shape]? = nil) throws(FaceSegError) {
        let onnx = try ONNXExport(self, inputShapes: inputShapes)
        let file = try AtomicFile(path: path)
        try onnx.write(to: file)
        try file.commit()
    }
}

/// A model as ONNX, ready to be written.
package struct ONNXExport {
    private let file: WirePieces
    private let weights: [Weight]

    /// Fails before anything is written if ONNX cannot say it.
    package init(_ model: Model, inputShapes: [Shape]? = nil) throws(FaceSegError) {
        let network = model.network
        let shapes =
            if let inputShapes { try network.shapes(inputShapes) } else {
                try network.shapesForDeclaredInputs()
            }
        weights = network.layers.flatMap(\.weights)
        try checkWeights(network)
        file = try ONNXWriter(network, shapes).model(model.info, model.preprocessing)
        guard file.count <= Int32.max else {
            throw .argument("the network takes \(file.count) bytes; an ONNX file must be below 2 GiB")
        }
    }

    /// Gives the file piece by piece to `write`, each valid until that returns.
    ///
    /// - Throws: ``FaceSegError`` of reading the weights; what `write` throws.
    package func write(_ write: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withoutActuallyEscaping(write) { write in
            let sink = ClosureSink(write)
            do throws(FaceSegError) { try self.write(to: sink) } catch { throw sink.failure ?? error }
        }
    }

    func write(to sink: any ByteSink) throws(FaceSegError) {
        try file.write(to: sink)
        for weight in weights { try weight.content.checkUnchanged() }
    }
}

private func checkWeights(_ network: Network) throws(FaceSegError) {
    for layer in network.layers {
        for weight in layer.weights {
            if weight.content is MissingWeight {
                throw .network(layer: layer.name, reason: "has no weights: only a prototxt was opened")
            }
            if weight.content is PackedAwayWeight {
                throw .argument(
                    "the model's weights were packed and its file closed: open it again to export it")
            }
        }
    }
}

/// A network whose shapes are known, on its way into a ModelProto.
private struct ONNXWriter {
    private static let irVersion = 8, opset = 13

    private let network: Network, shapes: [Shape?]
    private var graph = ONNXGraph()
    private var names: [Int: String] = [:]
    private let outputs: [Int]

    init(_ network: Network, _ shapes: [Shape?]) throws(FaceSegError) {
        (self.network, self.shapes) = (network, shapes)
        let main = network.mainOutput
        outputs = [main] + network.outputs.filter { $0 != main }
        // Those that callers name come first, so that they keep their blobs' names.
        for value in network.inputs.map(\.value) + outputs { name(value) }
        for layer in network.layers {
            for value in layer.outputs where names[value] == nil { name(value) }
            try add(layer)
        }
    }

    private mutating func name(_ value: Int) { names[value] = graph.unique(network.valueNames[value]) }

    private mutating func add(_ layer: Layer) throws(FaceSegError) {
        // Every value has a shape and a name: the layers come in order.
        var onnx = ONNXLayer(
            layer: layer, given: layer.inputs.map { shapes[$0]! }, made: layer.outputs.map { shapes[$0]! },
            inputs: layer.inputs.map { names[$0]! }, outputs: layer.outputs.map { names[$0]! }, graph: graph)
        graph = ONNXGraph()  // so that the copy grows in place
        try onnx.convert()
        graph = onnx.graph
    }

    func model(_ info: ModelInfo, _ preprocessing: Preprocessing) -> WirePieces {
        let values = { (indices: [Int]) in indices.map { ONNXValue(name: names[$0]!, shape: shapes[$0]!) } }
        let name = info.name.isEmpty ? "network" : info.name
        let graph = graph.message(
            name, inputs: values(network.inputs.map(\.value)), outputs: values(outputs))
        var model = ONNXMessage()
        model.put(1, ONNXWriter.irVersion)
        model.put(2, "faceseg")
        if !info.description.isEmpty { model.put(6, info.description) }
        model.put(7, graph)
        model.put(8) { set in
            set.put(1, "")
            set.put(2, ONNXWriter.opset)
        }
        for (key, value) in metadata(info, preprocessing) where !value.isEmpty {
            model.put(14) { entry in
                entry.put(1, key)
                entry.put(2, value)
            }
        }
        return model.pieces
    }
}

/// What a model says of itself, and how photos go in: pixels are 0 to 255, channels B, G, R.
private func metadata(_ info: ModelInfo, _ preprocessing: Preprocessing) -> [(String, String)] {
    let list = { (numbers: [Float]) in numbers.map { "\($0)" }.joined(separator: ",") }
    return [
        ("name", info.name), ("version", info.version), ("license", info.license),
        ("accuracy", info.accuracy), ("classes", info.classNames.joined(separator: ",")),
        ("channels", "B,G,R"), ("mean", list(preprocessing.mean)), ("scale", "\(preprocessing.scale)"),
        ("working_size", preprocessing.workingSize.map { "\($0)" } ?? ""),
        ("reduce_size", preprocessing.reduceSize.map { "\($0)" } ?? ""),
        ("canvas", preprocessing.canvas == .square ? "square" : "none"),
        ("canvas_color", list(preprocessing.canvasColor)), ("multiple_of", "\(preprocessing.multipleOf)"),
        ("exposure", "\(preprocessing.exposure)"),
    ]
}
