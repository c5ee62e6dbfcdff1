// ONNXProto: ONNX's messages as bytes of protobuf. Numbers of fields are those of `onnx.proto`, IR version 8. Weights stay
// where they are until the file is written. Knows no operator.

/// A number, list or text of a node.
enum ONNXAttribute: Equatable {
    case int(Int), ints([Int]), float(Float), text(String)
}

/// An operator applied to values by name.
struct ONNXNode {
    let name: String, operation: String, inputs: [String], outputs: [String]
    /// In the order in which they are written.
    let attributes: [(name: String, value: ONNXAttribute)]
}

/// Numbers that are part of the model.
struct ONNXTensor {
    enum Content {
        case floats(OutgoingBlob)
        /// Int64: shapes, axes, indices.
        case integers([Int])
    }
    let name: String, shape: [Int], content: Content
}

/// An input or output of the graph: float32 of a fixed shape.
struct ONNXValue {
    let name: String, shape: Shape
}

/// The bytes of one message; fields in the order in which they are put.
struct ONNXMessage {
    private(set) var pieces = WirePieces()

    mutating func put(_ field: Int, _ number: Int) { pieces.append(varint(field << 3) + varint(number)) }

    mutating func put(_ field: Int, _ number: Float) {
        pieces.append(varint(field << 3 | WireTag.fixed32))
        pieces.append(withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) })
    }

    mutating func put(_ field: Int, _ text: String) { put(field, Array(text.utf8)) }

    mutating func put(_ field: Int, _ bytes: [UInt8]) {
        pieces.append(varint(field << 3 | WireTag.sized) + varint(bytes.count) + bytes)
    }

    mutating func put(_ field: Int, _ blob: OutgoingBlob) {
        pieces.append(varint(field << 3 | WireTag.sized) + varint(blob.count * 4))
        pieces.append(blob)
    }

    mutating func put(_ field: Int, _ nested: ONNXMessage) {
        pieces.append(varint(field << 3 | WireTag.sized) + varint(nested.pieces.count))
        pieces.append(nested.pieces)
    }

    mutating func put(_ field: Int, _ fill: (inout ONNXMessage) -> Void) {
        var nested = ONNXMessage()
        fill(&nested)
        put(field, nested)
    }
}

extension ONNXMessage {
    private static let float32 = 1, int64 = 7

    init(_ node: ONNXNode) {
        for input in node.inputs { put(1, input) }
        for output in node.outputs { put(2, output) }
        put(3, node.name)
        put(4, node.operation)
        for attribute in node.attributes { put(5, ONNXMessage(attribute.name, attribute.value)) }
    }

    private init(_ name: String, _ value: ONNXAttribute) {
        put(1, name)
        switch value {
        case .float(let number): put(2, number)
        case .int(let number): put(3, number)
        case .text(let text): put(4, text)
        case .ints(let numbers): for number in numbers { put(8, number) }
        }
        put(20, value.type)
    }

    init(_ tensor: ONNXTensor) {
        for side in tensor.shape { put(1, side) }
        switch tensor.content {
        case .floats: put(2, ONNXMessage.float32)
        case .integers: put(2, ONNXMessage.int64)
        }
        put(8, tensor.name)
        switch tensor.content {
        case .floats(let blob): put(9, blob)
        case .integers(let numbers):
            put(
                9, numbers.flatMap { number in withUnsafeBytes(of: Int64(number).littleEndian) { Array($0) } }
            )
        }
    }

    init(_ value: ONNXValue) {
        put(1, value.name)
        put(2) { type in
            type.put(1) { tensor in
                tensor.put(1, ONNXMessage.float32)
                tensor.put(2) { shape in
                    for side in value.shape.dimensions { shape.put(1) { $0.put(1, side) } }
                }
            }
        }
    }
}

extension ONNXAttribute {
    /// AttributeProto.AttributeType.
    fileprivate var type: Int {
        switch self {
        case .float: 1
        case .int: 2
        case .text: 3
        case .ints: 7
        }
    }
}
