// ConstantsTests: branches that zero weights make constant are left out, and nothing else changes.
import Glibc
import Testing

@testable import FaceSegKit

struct ConstantsTests {
    /// FCN's skeleton as a renamed fc6 leaves it: conv - pool - fc6x - fc7x - score, and a skip connection.
    private static let text = """
        input: "data" input_shape { dim: 1 dim: 3 dim: 20 dim: 24 }
        layer { name: "a" type: "Convolution" bottom: "data" top: "a"
          convolution_param { num_output: 16 kernel_size: 3 pad: 9 } }
        layer { name: "pool" type: "Pooling" bottom: "a" top: "pool" pooling_param { kernel_size: 2 stride: 2 } }
        layer { name: "b" type: "Convolution" bottom: "pool" top: "b"
          convolution_param { num_output: 20 kernel_size: 3 pad: 1 } }
        layer { name: "fc6x" type: "Convolution" bottom: "b" top: "fc6x"
          convolution_param { num_output: 40 kernel_size: 7 } }
        layer { name: "relu6" type: "ReLU" bottom: "fc6x" top: "fc6x" }
        layer { name: "drop6" type: "Dropout" bottom: "fc6x" top: "fc6x" }
        layer { name: "fc7x" type: "Convolution" bottom: "fc6x" top: "fc7x"
          convolution_param { num_output: 40 kernel_size: 1 } }
        layer { name: "relu7" type: "ReLU" bottom: "fc7x" top: "fc7x" }
        layer { name: "score_fr" type: "Convolution" bottom: "fc7x" top: "score_fr"
          convolution_param { num_output: 3 kernel_size: 1 pad: 1 } }
        layer { name: "up" type: "Deconvolution" bottom: "score_fr" top: "up"
          convolution_param { num_output: 3 kernel_size: 4 stride: 2 bias_term: false } }
        layer { name: "skip" type: "Convolution" bottom: "pool" top: "skip"
          convolution_param { num_output: 3 kernel_size: 1 } }
        layer { name: "crop" type: "Crop" bottom: "up" bottom: "skip" top: "crop" crop_param { offset: 1 } }
        layer { name: "score" type: "Eltwise" bottom: "skip" bottom: "crop" top: "score" }
        """

    /// The network with some layers' filters zero.
    private func network(_ text: String = Self.text, zero names: [String]) throws -> Network {
        let structure = try readNetParameter(text: Array(text.utf8), name: "test.prototxt")
        return try makeNetwork(structure: structure, file: randomModel(text, zero: Set(names)))
    }

    private func run(_ network: Network, _ blob: String, constants: [Int: [Float]]) throws -> [Float] {
        let fused = network.fused(for: [network.value(named: blob)!], constants: constants)
        let workers = Workers(threads: 2), shape = try Shape([2, 3, 20, 24])
        let plan = try Plan(
            fused, of: network, inputShapes: [shape], store: WeightStore(), workers: workers, .limit(nil)
        )
        for i in 0..<shape.count { plan.inputs[0].start[i] = Float((i &* 7919) % 255) / 64 - 2 }
        try plan.run(workers)
        return Array(UnsafeBufferPointer(start: plan.outputs[0].read, count: plan.outputs[0].shape.count))
    }

    @Test(arguments: [["fc7x"], ["fc6x"], ["fc6x", "fc7x"], ["fc6x", "fc7x", "score_fr"]])
    func leavesOut(zero: [String]) throws {
        let network = try network(zero: zero), constants = try network.constants()
        // The ReLU and the Dropout after them too.
        #expect(
            constants.count == (zero.contains("fc6x") ? 3 : 0) + (zero.contains("fc7x") ? 2 : 0)
                + (zero.contains("score_fr") ? 1 : 0))
        let score = network.value(named: "score")!
        let computed = network.fused(for: [score], constants: constants).layers.flatMap(\.members)
        let names = Set(computed.map { network.layers[$0].name })
        #expect(!names.contains("b"), "the layer that only a constant needs")
        try compare(network, ["score", "fc7x", "score_fr", "b", "up"], constants)
    }

    private func compare(_ network: Network, _ blobs: [String], _ constants: [Int: [Float]]) throws {
        for blob in blobs {
            let plain = try run(network, blob, constants: [:]),
                folded = try run(network, blob, constants: constants)
            let largest = plain.reduce(0) { max($0, abs($1)) }
            let isSame = zip(plain, folded).allSatisfy { abs($0 - $1) <= 1e-5 * largest }
            #expect(isSame && plain.count == folded.count, "\(blob)")
        }
    }

    /// A residual whose branch is constant, the other summand made before it or behind it, and what follows.
    @Test(arguments: [["a"], ["z"], ["a", "z"]])
    func sumsWithAConstant(zero: [String]) throws {
        let text = """
            input: "data" input_shape { dim: 1 dim: 3 dim: 20 dim: 24 }
            layer { name: "a" type: "Convolution" bottom: "data" top: "a"
              convolution_param { num_output: 16 kernel_size: 3 pad: 1 } }
            layer { name: "z" type: "Convolution" bottom: "data" top: "z"
              convolution_param { num_output: 16 kernel_size: 3 pad: 1 } }
            layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "z" top: "sum" }
            layer { name: "relu" type: "ReLU" bottom: "sum" top: "relu" }
            layer { name: "norm" type: "BatchNorm" bottom: "z" top: "norm" }
            layer { name: "both" type: "Eltwise" bottom: "norm" bottom: "relu" top: "both" }
            """
        let network = try network(text, zero: zero), constants = try network.constants()
        #expect(constants.count >= zero.count)
        try compare(network, ["sum", "relu", "norm", "both", "a", "z"], constants)
    }

    @Test func nothingWhereNothingIsZero() throws { #expect(try network(zero: []).constants().isEmpty) }

    /// A model of which a part is left out still gives every blob, also those that only that part needs.
    @Test func everyBlobOfAModel() throws {
        let path = "/tmp/faceseg-constants-\(getpid()).prototxt"
        try AtomicFile.write(Array(Self.text.utf8), to: path)
        defer { unlink(path) }
        var options = ModelOptions()
        options.prototxtPath = path
        let bytes = try MemoryTests.readBytes(randomModel(Self.text, zero: ["fc6x", "fc7x"]).source)
        let model = try bytes.withUnsafeBytes { try Model.open(bytes: $0, options: options) }
        let input = try Blob([Float](repeating: 1, count: 3 * 20 * 24), shape: [1, 3, 20, 24])
        let segmenter = try Segmenter(model)
        for blob in ["score", "fc6x", "b", "pool", "score_fr", "score"] {
            #expect(try segmenter.forward([input], blob: blob).numbers.allSatisfy { $0.isFinite })
        }
        let memory = try ModelMemory(model), whole = try ModelMemory(.open(path: path))
        #expect(memory.weights < whole.weights / 2, "zeros take no memory")
    }
}
