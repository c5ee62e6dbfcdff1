// CaffeLimitTests: files that ask for much in few bytes, or name things twice. Mostly found by fuzzing.
import Testing

@testable import FaceSegKit

@Suite("Greedy and odd nets")
struct CaffeLimitTests {
    private func network(_ text: String) throws -> Network {
        let file = try CaffeFile(MemoryByteSource(name: "net", bytes: CaffeNet.wire(CaffeNet.read(text))))
        return try makeNetwork(structure: nil, file: file)
    }

    /// Each deconvolution takes some 60 bytes of the file and 4 MB of memory.
    @Test func fillersOfManyLayers() throws {
        func text(layers: Int) -> String {
            let names = ["data"] + (0..<layers).map { "up\($0)" }
            return "input: 'data' input_shape { dim: 1 dim: 16 dim: 40 dim: 40 }"
                + zip(names, names.dropFirst()).map { below, name in
                    """
                    layer { name: '\(name)' type: 'Deconvolution' bottom: '\(below)' top: '\(name)'
                      convolution_param { num_output: 16 kernel_size: 64 stride: 1 pad: 32
                        weight_filler { type: 'bilinear' } } }
                    """
                }.joined()
        }
        #expect(try network(text(layers: 15)).layers.count == 15)
        let error = try #require(throws: FaceSegError.self) { try network(text(layers: 17)) }
        #expect(
            error.description
                == "layer \"up15\": 16777456 weights made by fillers so far; a network may have 16777216")
    }

    /// Each layer packs weights of its own, however many share a blob.
    @Test func weightsSharedByMany() throws {
        func text(layers: Int) -> String {
            (0..<layers).map { i in
                """
                layer { name: '\(i)' type: 'InnerProduct' bottom: 'data' top: '\(i)' param { name: 'w' }
                  inner_product_param { num_output: 1024 bias_term: false } }
                """
            }.joined()
        }
        func open(layers: Int) throws -> Network {
            let net = try CaffeNet.read(
                "input: 'data' input_shape { dim: 1 dim: 1024 }" + text(layers: layers))
            let blob = OutgoingBlob(shape: [1024, 1024], values: [Float](repeating: 0, count: 1 << 20))
            let bytes = try CaffeNet.wire(
                net, blobs: [[blob]] + [[OutgoingBlob]](repeating: [], count: layers - 1))
            let file = try CaffeFile(MemoryByteSource(name: "net", bytes: bytes))
            return try makeNetwork(structure: nil, file: file)
        }
        #expect(try open(layers: 257).layers.count == 257)
        let error = try #require(throws: FaceSegError.self) { try open(layers: 258) }
        #expect(
            error.description
                == "layer \"257\": 269484032 weights that layers share so far; a network may have 268435456")
    }

    /// Some 40 bytes of the file and 16 MB of memory each.
    @Test func phasesOfManyDeconvolutions() throws {
        func text(layers: Int) -> String {
            "input: 'data' input_shape { dim: 1 dim: 1 dim: 1 dim: 1 }"
                + (0..<layers).map { i in
                    """
                    layer { name: '\(i)' type: 'Deconvolution' bottom: 'data' top: '\(i)'
                      convolution_param { num_output: 1 kernel_size: 1 stride: 256
                        weight_filler { type: 'bilinear' } } }
                    """
                }.joined()
        }
        #expect(try network(text(layers: 4)).layers.count == 4)
        let error = try #require(throws: FaceSegError.self) { try network(text(layers: 5)) }
        #expect(
            error.description
                == "layer \"4\": 327680 phases of deconvolutions so far; a network may have 262144")
    }

    @Test func inputsOfMany() throws {
        func text(inputs: Int) -> String {
            (0..<inputs).map { "input: '\($0)'" }.joined(separator: "\n")
                + "layer { name: 'a' type: 'AbsVal' bottom: '0' top: 'a' }"
        }
        #expect(try network(text(inputs: 1024)).inputs.count == 1024)
        let error = try #require(throws: FaceSegError.self) { try network(text(inputs: 1025)) }
        #expect(error.description == "layer \"1024\": more than 1024 inputs")
    }

    /// Time that grows with the square of such lists would be hours.
    @Test(.timeLimit(.minutes(1)))
    func longListsOfOldLayers() throws {
        let count = 30_000
        let rates = String(repeating: "blobs_lr: 1 weight_decay: 2\n", count: count)
        let net = try CaffeNet.read("layers { name: 'a' type: RELU \(rates) param: 'shared' }")
        let specs = try upgradedLayers(net)[0].messages("param")
        #expect(specs.count == count)
        #expect(specs[0].string("name") == "shared" && specs[1].string("name") == nil)
        #expect(specs[count - 1].float("lr_mult") == 1 && specs[count - 1].float("decay_mult") == 2)
    }

    /// Weights belong to the last layer of a name that has any, in a copy as in a network.
    @Test func layersOfOneName() throws {
        let net = try CaffeNet.read(
            """
            input: 'data' input_shape { dim: 1 dim: 2 }
            layer { name: 'a' type: 'InnerProduct' bottom: 'data' top: 'b'
              inner_product_param { num_output: 2 bias_term: false } }
            layer { name: 'a' type: 'AbsVal' bottom: 'b' top: 'c' }
            """)
        let weights = OutgoingBlob(shape: [2, 2], values: [1, 2, 3, 4])
        let bytes = try CaffeNet.wire(net, blobs: [[weights], []])
        let file = try CaffeFile(MemoryByteSource(name: "net", bytes: bytes))
        let sink = CaffeMemorySink()
        try CaffeCopy(structure: nil, file: file).write(to: sink)
        let copy = try CaffeFile(MemoryByteSource(name: "copy", bytes: sink.bytes))
        #expect(try makeNetwork(structure: nil, file: copy).parameterCount == 4)
    }

    /// As Caffe reads them, such numbers are not there; text that holds them cannot be read.
    @Test func enumerationsWithoutNames() throws {
        let W = CaffeWire.self
        let net = try CaffeNet.read(W.sized(100, W.sized(1, "a") + W.varint(10, 20) + W.varint(10, 1)))
        #expect(prototxt(of: net) == "layer {\n  name: \"a\"\n  phase: TEST\n}\n")
        let odd = try CaffeNet.read(W.sized(100, W.sized(1, "a") + W.varint(10, 20)))
        #expect(prototxt(of: odd) == "layer {\n  name: \"a\"\n}\n")
        #expect(try prototxt(of: CaffeNet.read(prototxt(of: odd))) == prototxt(of: odd))
    }
}
