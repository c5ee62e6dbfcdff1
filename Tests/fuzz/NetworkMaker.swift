// NetworkMaker: decodes bytes into a NetParameter whose every layer fits what is before it. Parameters are set by the
// schema's tables, and a layer that the library refuses is left out, so nothing here repeats the library's rules.
@testable import FaceSegKit

struct NetworkMaker {
    var bytes: FuzzBytes
    private(set) var net = Message("NetParameter")
    private(set) var blobs: [[OutgoingBlob]] = []
    private(set) var input: Shape
    private var values: [(name: String, shape: Shape)] = []

    private static let mostLayers = 12, mostNumbers = 4096, mostWeights = 16_384

    /// Types that compute, with the name of their parameters.
    private static let types: [(type: String, param: String?)] = [
        ("Convolution", "convolution_param"), ("Convolution", "convolution_param"),
        ("Deconvolution", "convolution_param"), ("InnerProduct", "inner_product_param"),
        ("Pooling", "pooling_param"), ("Eltwise", "eltwise_param"), ("Concat", "concat_param"),
        ("Crop", "crop_param"), ("Slice", "slice_param"), ("Scale", "scale_param"), ("Bias", "bias_param"),
        ("BatchNorm", "batch_norm_param"), ("ReLU", "relu_param"), ("PReLU", "prelu_param"),
        ("ELU", "elu_param"), ("Sigmoid", nil), ("TanH", nil), ("AbsVal", nil), ("BNLL", nil),
        ("Clip", "clip_param"), ("Exp", "exp_param"), ("Log", "log_param"), ("Power", "power_param"),
        ("Swish", "swish_param"), ("Threshold", "threshold_param"), ("Tile", "tile_param"),
        ("Permute", "permute_param"), ("Reshape", "reshape_param"), ("Flatten", "flatten_param"),
        ("Split", nil), ("Dropout", "dropout_param"), ("LRN", "lrn_param"), ("MVN", "mvn_param"),
        ("Softmax", "softmax_param"), ("Reduction", "reduction_param"), ("ArgMax", "argmax_param"),
        ("Interp", "interp_param"), ("Upsample", "upsample_param"), ("Silence", nil),
    ]

    static var typeNames: [String] { types.map(\.type) }

    init(_ fuzzed: [UInt8]) {
        bytes = FuzzBytes(fuzzed)
        let sides = [bytes.pick(1...2), bytes.pick(1...12), bytes.pick(1...12), bytes.pick(1...14)]
        input = try! Shape(sides)  // below mostNumbers
    }

    private var layerCount: Int { net.messages("layer").count }

    mutating func make() {
        net.set("name", to: "made")
        net.append("input", "data")
        var shape = Message("BlobShape")
        for side in input.dimensions { shape.append("dim", side) }
        net.append("input_shape", shape)
        values = [("data", input)]
        while !bytes.isEmpty, layerCount < Self.mostLayers { addLayer() }
        // Splits and Silences alone would give nothing.
        var last = Message("LayerParameter")
        last.set("name", to: "last")
        last.set("type", to: "AbsVal")
        last.append("bottom", values[values.count - 1].name)
        last.append("top", "score")
        accept(last, [values[values.count - 1].shape], ["score"])
    }

    private mutating func addLayer() {
        let (type, param) = bytes.pick(Self.types)
        var layer = Message("LayerParameter")
        layer.set("name", to: "layer\(layerCount)")
        layer.set("type", to: type)
        let given = (0..<bottomCount(type)).map { _ in
            bytes.bool() ? values[values.count - 1] : bytes.pick(values)
        }
        for value in given { layer.append("bottom", value.name) }
        if let param { layer.set(param, to: parameters(layer.type.field(param)!)) }
        let isInPlace = given.count == 1 && bytes.once(in: 6)
        let tops =
            isInPlace
            ? [given[0].name] : (0..<topCount(type)).map { "\(type.lowercased())\(layerCount)_\($0)" }
        for top in tops { layer.append("top", top) }
        accept(layer, given.map(\.shape), tops)
    }

    /// Adds the layer if the library takes it at this size and it stays small.
    private mutating func accept(_ layer: Message, _ given: [Shape], _ tops: [String]) {
        let name = layer.string("name")!
        guard let operation = try? makeOperation(layer),
            let made = try? operation.outputShapes(given, layer: name), made.count == tops.count,
            made.reduce(0, { $0 + $1.count }) <= Self.mostNumbers,
            let sides = try? operation.weightShapes(given, layer: name),
            let shapes = try? sides.map({ try Shape($0) }),
            shapes.reduce(0, { $0 + $1.count }) <= Self.mostWeights
        else { return }
        net.append("layer", layer)
        blobs.append(
            shapes.map { shape in
                let values = (0..<shape.count).map { _ in bytes.isEmpty ? 0.25 : bytes.float() }
                return OutgoingBlob(shape: shape.dimensions, values: values)
            })
        for (top, shape) in zip(tops, made) {
            values.removeAll { $0.name == top }
            values.append((top, shape))
        }
    }

    private mutating func bottomCount(_ type: String) -> Int {
        switch type {
        case "Eltwise", "Concat": bytes.pick(1...4)
        case "Crop": 2
        case "Scale", "Bias": bytes.once(in: 4) ? 2 : 1
        default: 1
        }
    }

    private mutating func topCount(_ type: String) -> Int {
        switch type {
        case "Slice", "Split": bytes.pick(1...3)
        case "Silence": 0
        default: 1
        }
    }

    /// A message of the field's type: what a layer cannot do without, then whatever the bytes say.
    private mutating func parameters(_ field: SchemaField) -> Message {
        guard case .message(let type) = field.kind else { preconditionFailure("\(field.name) is no message") }
        var message = Message(type)
        for field in message.type.fields where isNeeded(field.name) || bytes.once(in: 4) {
            let count = field.isRepeated ? bytes.pick(1...3) : 1
            for _ in 0..<count { put(field, into: &message) }
        }
        return message
    }

    private func isNeeded(_ name: String) -> Bool {
        ["num_output", "kernel_size", "tiles", "shape"].contains(name)
    }

    private mutating func put(_ field: SchemaField, into message: inout Message) {
        switch field.kind {
        case .float, .double: message.put(field, real: Double(bytes.float()))
        case .bool: message.put(field, integer: bytes.bool() ? 1 : 0)
        case .string: message.put(field, string: bytes.pick(["", "constant", "bilinear", "xavier"]))
        case .message: message.put(field, message: parameters(field))
        case .enumeration(let values):
            message.put(field, integer: Int64(bytes.pick(values.numbers.values.sorted())))
        case .blob: break
        case .uint32: message.put(field, integer: Int64(UInt32(truncatingIfNeeded: bytes.integer())))
        case .int32: message.put(field, integer: Int64(Int32(truncatingIfNeeded: bytes.integer())))
        case .int64: message.put(field, integer: Int64(bytes.integer()))
        }
    }
}
