// ONNXTests: what an exported file holds, read again by the library's own reader of protobuf. That runtimes make Caffe's
// scores of it is checked by Tests/peers/export.py.
import Testing

@testable import FaceSegKit

/// Fields of a message, in the order of the file.
private struct WireFields {
    private enum Value { case number(UInt64), bytes([UInt8]) }
    private var list: [(number: Int, value: Value)] = []

    init(_ bytes: [UInt8]) throws {
        let window = WireWindow(MemoryByteSource(name: "model.onnx", bytes: bytes))
        while window.remaining > 0 {
            let tag = try window.tag()
            switch tag.layout {
            case WireTag.varint: list.append((tag.number, .number(try window.varint())))
            case WireTag.fixed32: list.append((tag.number, .number(UInt64(try window.fixed32()))))
            default: list.append((tag.number, .bytes(try window.bytes(try window.length()))))
            }
        }
    }

    func bytes(_ number: Int) -> [[UInt8]] {
        list.compactMap { field in
            if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
        }
    }

    func integers(_ number: Int) -> [Int] {
        list.compactMap { field in
            if field.number == number, case .number(let value) = field.value {
                Int(truncatingIfNeeded: value)
            } else {
                nil
            }
        }
    }

    func texts(_ number: Int) -> [String] { bytes(number).map { String(decoding: $0, as: UTF8.self) } }
    func messages(_ number: Int) throws -> [WireFields] { try bytes(number).map(WireFields.init) }
}

/// The graph of a network in text, with weights of 0, 1, 2 and so on.
private struct Exported {
    let bytes: [UInt8]
    let model: WireFields, graph: WireFields

    init(_ text: String, shapes: [[Int]]? = nil) throws {
        let sink = MemorySink()
        try ONNXExport(opened(text), inputShapes: shapes?.map { try Shape($0) }).write(to: sink)
        bytes = sink.bytes
        model = try WireFields(bytes)
        graph = try model.messages(7)[0]
    }

    /// Operator and attribute lists by name, of the nodes in order.
    func nodes() throws -> [(operation: String, attributes: [String: [Int]])] {
        try graph.messages(1).map { node in
            let attributes = try node.messages(5).map { ($0.texts(1)[0], $0.integers(8) + $0.integers(3)) }
            return (node.texts(4)[0], Dictionary(uniqueKeysWithValues: attributes))
        }
    }
}

private func opened(_ text: String) throws -> Model {
    let net = try CaffeNet.read(text)
    let network = try makeNetwork(structure: net, file: nil)
    let shapes = try network.shapesForDeclaredInputs()
    let blobs = try network.layers.filter { $0.type != "Split" }.map { layer in
        try layer.operation.weightShapes(layer.inputs.map { shapes[$0]! }, layer: layer.name).map { shape in
            OutgoingBlob(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0) })
        }
    }
    return try Model(source: MemoryByteSource(name: "net", bytes: CaffeNet.wire(net, blobs: blobs)))
}

@Suite("ONNX")
struct ONNXTests {
    /// Put together by hand from onnx.proto.
    @Test func graphBytes() throws {
        let exported = try Exported(
            """
            name: "n" input: "data" input_shape { dim: 1 dim: 2 }
            layer { name: "r" type: "ReLU" bottom: "data" top: "y" }
            """)
        let node: [UInt8] =
            [0x0A, 4] + Array("data".utf8) + [0x12, 1, 0x79, 0x1A, 6] + Array("r:Relu".utf8) + [0x22, 4]
            + Array("Relu".utf8)
        let type: [UInt8] = [0x12, 14, 0x0A, 12, 0x08, 1, 0x12, 8, 0x0A, 2, 0x08, 1, 0x0A, 2, 0x08, 2]
        let expected: [UInt8] =
            [0x0A, UInt8(node.count)] + node + [0x12, 1, 0x6E, 0x5A, 22, 0x0A, 4] + Array("data".utf8) + type
            + [0x62, 19, 0x0A, 1, 0x79] + type
        #expect(exported.model.bytes(7) == [expected])
        #expect(exported.bytes.starts(with: [0x08, 8, 0x12, 7] + Array("faceseg".utf8)))
        #expect(exported.model.bytes(8) == [[0x0A, 0, 0x10, 13]])
    }

    @Test func weightBytes() throws {
        let exported = try Exported(
            """
            input: "data" input_shape { dim: 1 dim: 2 dim: 1 dim: 1 }
            layer { name: "c" type: "Convolution" bottom: "data" top: "y"
                    convolution_param { num_output: 1 kernel_size: 1 bias_term: false } }
            """)
        let tensor: [UInt8] =
            [0x08, 1, 0x08, 2, 0x08, 1, 0x08, 1, 0x10, 1, 0x42, 8] + Array("c/weight".utf8)
            + [0x4A, 8, 0, 0, 0, 0, 0, 0, 0x80, 0x3F]
        #expect(exported.graph.bytes(5) == [tensor])
    }

    /// Sides of Caffe's rounding: pads at the end that make as many windows when one rounds down.
    @Test(arguments: [
        ("pool: MAX kernel_size: 3 stride: 2", 6, [0, 0, 1, 1]),
        ("pool: MAX kernel_size: 3 stride: 2", 7, [0, 0, 0, 0]),
        ("pool: MAX kernel_size: 2 stride: 2 pad: 1", 5, [1, 1, 0, 0]),
        ("pool: AVE kernel_size: 3 stride: 2 pad: 1", 6, [0, 0, 1, 1]),
        ("pool: AVE kernel_size: 3 stride: 2 pad: 1", 7, [1, 1, 1, 1]),
    ])
    func poolingPads(parameters: String, side: Int, pads: [Int]) throws {
        let exported = try Exported(
            """
            input: "data" input_shape { dim: 1 dim: 1 dim: \(side) dim: \(side) }
            layer { name: "p" type: "Pooling" bottom: "data" top: "y" pooling_param { \(parameters) } }
            """)
        #expect(try exported.nodes().last?.attributes["pads"] == pads)
    }

    @Test func namesAreOnce() throws {
        let exported = try Exported(
            """
            input: "data" input_shape { dim: 1 dim: 3 }
            layer { name: "a" type: "ReLU" bottom: "data" top: "data" }
            layer { name: "a" type: "Sigmoid" bottom: "data" top: "data" }
            layer { name: "b" type: "TanH" bottom: "data" top: "other" }
            layer { name: "c" type: "AbsVal" bottom: "data" top: "score" }
            """)
        #expect(try exported.graph.messages(11).map { $0.texts(1)[0] } == ["data"])
        #expect(try exported.graph.messages(12).map { $0.texts(1)[0] } == ["score", "other"])
        let nodes = try exported.graph.messages(1)
        let made = nodes.flatMap { $0.texts(2) } + nodes.flatMap { $0.texts(3) }
        #expect(Set(made).count == made.count && !made.contains("data"))
    }

    @Test func metadata() throws {
        let sink = MemorySink()
        try ONNXExport(Model.builtIn()).write(to: sink)
        let model = try WireFields(sink.bytes)
        let entries = try model.messages(14).map { ($0.texts(1)[0], $0.texts(2)[0]) }
        let told = Dictionary(uniqueKeysWithValues: entries)
        let own = try Model.builtIn()
        #expect(told["classes"] == "background,face,hair")
        #expect(told["license"] == own.info.license)
        #expect(told["mean"]?.split(separator: ",").compactMap { Float($0) } == own.preprocessing.mean)
    }

    /// No more than 256 KB of weights at a time.
    @Test func weightsComeInPieces() throws {
        var largest = 0
        let net = try opened(
            """
            input: "data" input_shape { dim: 1 dim: 300 }
            layer { name: "i" type: "InnerProduct" bottom: "data" top: "y" inner_product_param { num_output: 900 } }
            """)
        try ONNXExport(net).write { largest = max(largest, $0.count) }
        #expect(largest == 262_144)
    }

    @Test(arguments: [
        (
            """
            layer { name: "p" type: "Pooling" bottom: "data" top: "y"
                    pooling_param { kernel_size: 1 stride: 3 } }
            """, "layer \"p\": cannot be exported: its last window lies outside the picture"
        ),
        (
            """
            layer { name: "c" type: "Convolution" bottom: "data" top: "y"
                    convolution_param { num_output: 1 kernel_size: 9 } }
            """, "layer \"c\": expected 9 pixels or more, got 5"
        ),
    ])
    func errorsNameTheLayer(layer: String, message: String) throws {
        let input = "input: \"data\" input_shape { dim: 1 dim: 1 dim: 12 dim: 12 } "
        let net = try opened(input + layer)
        let error = try #require(throws: FaceSegError.self) {
            try ONNXExport(net, inputShapes: [Shape([1, 1, 5, 5])])
        }
        #expect("\(error)".hasPrefix(message))
    }

    @Test func needsTheWeights() throws {
        let text = """
            input: "data" input_shape { dim: 1 dim: 1 dim: 4 dim: 4 }
            layer { name: "c" type: "Convolution" bottom: "data" top: "y"
                    convolution_param { num_output: 1 kernel_size: 3 } }
            """
        let net = try opened(text)
        _ = try Segmenter(net)
        let error = try #require(throws: FaceSegError.self) { try ONNXExport(net) }
        #expect("\(error)".hasSuffix("open it again to export it"))
    }
}
