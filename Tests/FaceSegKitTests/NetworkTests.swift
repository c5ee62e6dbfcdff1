// NetworkTests: networks put together from text: what Caffe would refuse is refused with the layer's name, fused
// and plain paths give the same numbers, every size works, memory is shared without harm.
import Testing

@testable import FaceSegKit

/// Weights of every layer of a prototxt, by chance, as the bytes of a .caffemodel; filters of the layers `zero` zero.
func randomModel(_ text: String, seed: UInt64 = 1, zero: Set<String> = []) throws -> CaffeFile {
    let net = try readNetParameter(text: Array(text.utf8), name: "test.prototxt")
    let network = try makeNetwork(structure: net, file: nil)
    let shapes = try network.shapesForDeclaredInputs()
    var message = Message("NetParameter"), blobs: [[OutgoingBlob]] = [], state = seed
    func random() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 24) - 0.5
    }
    for layer in network.layers {
        var entry = Message("LayerParameter")
        entry.set("name", to: layer.name)
        message.append("layer", entry)
        let wanted = try layer.operation.weightShapes(layer.inputs.map { shapes[$0]! }, layer: layer.name)
        blobs.append(
            wanted.map { shape in
                let isVariance = layer.type == "BatchNorm"
                let isZero = shape.count > 1 && zero.contains(layer.name)
                let values = (0..<shape.reduce(1, *)).map { _ in
                    isZero ? 0 : isVariance ? random() + 1 : random()
                }
                return OutgoingBlob(shape: shape, values: values)
            })
    }
    let sink = MemorySink()
    try writeNetParameter(message, blobs: blobs, to: sink)
    return try CaffeFile(MemoryByteSource(name: "test.caffemodel", bytes: sink.bytes))
}

final class MemorySink: ByteSink {
    var bytes: [UInt8] = []
    func write(_ more: UnsafeRawBufferPointer) throws(FaceSegError) { bytes += more }
}

/// Runs a net on numbers made by a rule, with everything fused that may be, or with nothing fused.
private func run(
    _ text: String, shape: [Int], blob: String, fused: Bool = true
) throws -> (shape: Shape, numbers: [Float]) {
    let network = try makeNetwork(
        structure: readNetParameter(text: Array(text.utf8), name: "test.prototxt"), file: randomModel(text))
    let output = network.value(named: blob)!
    // Wanting every value leaves nothing to fuse.
    let wanted = fused ? [output] : [output] + network.layers.flatMap(\.outputs).filter { $0 != output }
    let shape = try Shape(shape), workers = Workers(threads: 2)
    let plan = try Plan(
        network.fused(for: wanted), of: network, inputShapes: [shape], store: WeightStore(), workers: workers,
        .limit(nil))
    for i in 0..<shape.count { plan.inputs[0].start[i] = Float((i &* 7919) % 255) / 64 - 2 }
    try plan.run(workers)
    let result = plan.outputs[0]
    return (result.shape, Array(UnsafeBufferPointer(start: result.read, count: result.shape.count)))
}

private let chain = """
    input: "data" input_shape { dim: 1 dim: 3 dim: 12 dim: 10 }
    layer { name: "a" type: "Convolution" bottom: "data" top: "a"
            convolution_param { num_output: 6 kernel_size: 3 pad: 1 bias_term: false } }
    layer { name: "a_bn" type: "BatchNorm" bottom: "a" top: "a" }
    layer { name: "a_scale" type: "Scale" bottom: "a" top: "a" scale_param { bias_term: true } }
    layer { name: "a_relu" type: "ReLU" bottom: "a" top: "a" relu_param { negative_slope: 0.1 } }
    layer { name: "b" type: "Deconvolution" bottom: "a" top: "b"
            convolution_param { num_output: 4 group: 2 kernel_size: 5 stride: 3 pad: 1 dilation: 2 } }
    layer { name: "b_bias" type: "Bias" bottom: "b" top: "b" }
    layer { name: "b_relu" type: "ReLU" bottom: "b" top: "b" }
    layer { name: "n" type: "BatchNorm" bottom: "data" top: "n" }
    layer { name: "n_scale" type: "Scale" bottom: "n" top: "n2" scale_param { bias_term: true } }
    layer { name: "n_relu" type: "ReLU" bottom: "n2" top: "n3" }
    layer { name: "c" type: "Convolution" bottom: "n3" top: "c" convolution_param { num_output: 6 kernel_size: 1 } }
    layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "c" top: "sum" }
    layer { name: "sum_relu" type: "ReLU" bottom: "sum" top: "sum" }
    layer { name: "ip" type: "InnerProduct" bottom: "sum" top: "ip" inner_product_param { num_output: 7 } }
    layer { name: "ip_scale" type: "Scale" bottom: "ip" top: "ip" }
    """

struct NetworkTests {
    private func network(_ text: String, _ file: CaffeFile? = nil) throws -> Network {
        try makeNetwork(structure: readNetParameter(text: Array(text.utf8), name: "t"), file: file)
    }

    private func failure(_ body: () throws -> Void) -> String? {
        do { try body(); return nil } catch { return "\(error)" }
    }

    @Test(arguments: ["a", "b", "sum", "ip"])
    func fusedAsPlain(blob: String) throws {
        let fused = try run(chain, shape: [1, 3, 12, 10], blob: blob)
        let plain = try run(chain, shape: [1, 3, 12, 10], blob: blob, fused: false)
        #expect(fused.shape == plain.shape)
        let largest = plain.numbers.reduce(0) { max($0, abs($1)) }
        for (a, b) in zip(fused.numbers, plain.numbers) { #expect(abs(a - b) <= 1e-5 * largest) }
    }

    @Test func fusesWhatItMay() throws {
        let network = try network(chain), output = network.value(named: "ip")!
        let fused = network.fused(for: [output])
        // conv+bn+scale+relu, bn+scale+relu, conv+sum+relu, ip+scale; the deconvolution is not needed.
        #expect(fused.layers.map(\.members.count).sorted() == [2, 3, 3, 4])
        #expect(network.mayFold)
        // A value that somebody wants stays.
        let kept = network.fused(for: [network.value(named: "n2")!, output])
        #expect(kept.layers.map(\.members.count).sorted() == [1, 2, 2, 3, 4])
    }

    /// FCN's skeleton: padding of 100 and a crop back, at any size from one pixel up.
    @Test(arguments: [[1, 1], [1, 2], [3, 1], [2, 2], [5, 17], [31, 32], [64, 33]])
    func everySize(sides: [Int]) throws {
        let text = """
            layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 64 dim: 64 } } }
            layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 4 kernel_size: 3 pad: 100 } }
            layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { kernel_size: 2 stride: 2 } }
            layer { name: "p2" type: "Pooling" bottom: "p" top: "p2" pooling_param { kernel_size: 2 stride: 2 } }
            layer { name: "f" type: "Convolution" bottom: "p2" top: "f" convolution_param { num_output: 2 kernel_size: 7 } }
            layer { name: "u" type: "Deconvolution" bottom: "f" top: "u" convolution_param { num_output: 2 kernel_size: 8 stride: 4 bias_term: false } }
            layer { name: "score" type: "Crop" bottom: "u" bottom: "data" top: "score" crop_param { offset: 19 } }
            """
        let result = try run(text, shape: [1, 3] + sides, blob: "score")
        #expect(result.shape.dimensions == [1, 2] + sides)
        let isFinite = result.numbers.allSatisfy { $0.isFinite }
        #expect(isFinite)
    }

    @Test func saysWhatIsWrongWithANet() {
        let input = "input: \"data\" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 "
        func layer(_ rest: String) -> String {
            input + "layer { name: \"x\" bottom: \"data\" top: \"y\" \(rest) }"
        }
        let wrong: [(String, String)] = [
            (layer("type: \"Warp\""), "layer \"x\": unknown layer type \"Warp\""),
            (
                input + "layer { name: \"x\" type: \"ReLU\" bottom: \"nose\" top: \"y\" }",
                "layer \"x\": its input \"nose\" comes from no layer before it"
            ),
            (layer("type: \"Convolution\""), "layer \"x\": has no convolution_param"),
            (
                layer("type: \"Convolution\" convolution_param { num_output: 2 }"),
                "layer \"x\": has no kernel_size"
            ),
            (
                layer("type: \"Convolution\" convolution_param { kernel_size: 3 }"),
                "layer \"x\": num_output 0 is not between 1 and 1048576"
            ),
            (
                layer("type: \"Convolution\" convolution_param { num_output: 2 kernel_size: 3 stride: 0 }"),
                "layer \"x\": stride 0 is not between 1 and 1048576"
            ),
            (
                layer(
                    "type: \"Deconvolution\" convolution_param { num_output: 2 kernel_size: 3 stride: 257 }"),
                "layer \"x\": deconvolution stride 257 is not between 1 and 256"
            ),
            (
                layer("type: \"Pooling\" pooling_param { pool: STOCHASTIC kernel_size: 2 }"),
                "layer \"x\": pooling method STOCHASTIC: only MAX and AVE are supported"
            ),
            (
                layer("type: \"Python\"") + " layer { name: \"z\" type: \"ReLU\" bottom: \"y\" top: \"z\" }",
                "layer \"z\": its input \"y\" comes from a layer of type Python"
            ),
            (input, "a network without layers that give anything"),
        ]
        for (text, message) in wrong {
            let failed = failure { _ = try network(text) }
            #expect(failed?.hasSuffix(message) == true, "\(failed ?? "no error") instead of \(message)")
        }
    }

    @Test func saysWhatDoesNotFit() throws {
        let input = "input: \"data\" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 "
        func shapes(_ layers: String, _ shape: [Int] = [1, 3, 8, 8]) -> String? {
            failure { _ = try network(input + layers).shapes([try Shape(shape)]) }
        }
        let convolution =
            "layer { name: \"c\" type: \"Convolution\" bottom: \"data\" top: \"c\" convolution_param { num_output: 2 kernel_size: 5 group: 1 } } "
        #expect(shapes(convolution, [1, 3, 4, 9]) == "layer \"c\": expected 5 pixels or more, got 4")
        #expect(shapes(convolution, [1, 3, 9]) == "layer \"c\": expected 4 dimensions, got 1 x 3 x 9")
        let sum =
            convolution + "layer { name: \"s\" type: \"Eltwise\" bottom: \"c\" bottom: \"data\" top: \"s\" }"
        #expect(shapes(sum) == "layer \"s\": expected inputs of one shape, 1 x 2 x 4 x 4, got 1 x 3 x 8 x 8")
        let crop =
            convolution
            + "layer { name: \"k\" type: \"Crop\" bottom: \"c\" bottom: \"data\" top: \"k\" crop_param { axis: 2 offset: 1 } }"
        #expect(shapes(crop) == "layer \"k\": expected 9 or more along axis 2, got 1 x 2 x 4 x 4")
        let grouped =
            "layer { name: \"g\" type: \"Convolution\" bottom: \"data\" top: \"g\" convolution_param { num_output: 4 kernel_size: 1 group: 2 } }"
        #expect(
            shapes(grouped)?.hasPrefix("layer \"g\": expected channels and filters divisible by group 2")
                == true)
        let big =
            "layer { name: \"t\" type: \"Tile\" bottom: \"data\" top: \"t\" tile_param { tiles: 1000000 } } layer { name: \"t2\" type: \"Tile\" bottom: \"t\" top: \"t2\" tile_param { axis: 2 tiles: 1000000 } }"
        #expect(shapes(big)?.hasPrefix("layer \"t2\": expected at most 2^33 elements") == true)
    }

    @Test func weightsMustBeThereAndFit() throws {
        let text =
            "input: \"data\" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 layer { name: \"c\" type: \"Convolution\" bottom: \"data\" top: \"c\" convolution_param { num_output: 2 kernel_size: 3 } }"
        let file = try randomModel(text)
        let renamed = text.replacing("\"c\" type", with: "\"d\" type")
        #expect(
            failure { _ = try network(renamed, file) } == "layer \"d\": has no weights in test.caffemodel")
        let wider = text.replacing("num_output: 2", with: "num_output: 5")
        let failed = failure { _ = try network(wider, file).shapesForDeclaredInputs() }
        #expect(
            failed == "layer \"c\": weights 0 have the shape 2 x 3 x 3 x 3, the layer needs 5 x 3 x 3 x 3")
        let unbiased = text.replacing("num_output: 2", with: "bias_term: false num_output: 2")
        #expect(
            failure { _ = try network(unbiased, file) } == "layer \"c\": 2 blobs in the file, the layer has 1"
        )
    }

    /// Two inputs of different channels, joined, and two outputs: the nets for NYUD and SIFT Flow.
    @Test func severalInputsAndOutputs() throws {
        let text = """
            layer { name: "feed" type: "Python" top: "color" top: "depth" top: "label" python_param { module: "m" layer: "L" } }
            layer { name: "join" type: "Concat" bottom: "color" bottom: "depth" top: "data" }
            layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 4 kernel_size: 1 } }
            layer { name: "sem" type: "Convolution" bottom: "c" top: "score_sem" convolution_param { num_output: 33 kernel_size: 1 } }
            layer { name: "geo" type: "Convolution" bottom: "c" top: "score_geo" convolution_param { num_output: 3 kernel_size: 1 } }
            layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score_sem" bottom: "label" top: "loss" }
            """
        let network = try network(text)
        #expect(network.inputs.map(\.name) == ["color", "depth"])
        let shapes = try network.shapes([Shape([1, 3, 6, 5]), Shape([1, 1, 6, 5])])
        #expect(network.outputs.map { network.valueNames[$0] } == ["score_sem", "score_geo"])
        #expect(network.outputs.map { shapes[$0]!.dimensions } == [[1, 33, 6, 5], [1, 3, 6, 5]])
    }

    /// A training snapshot alone: labels, and the Split that Caffe put between them and two losses, fall away.
    @Test func snapshotsLoseTheirLabels() throws {
        let text = """
            layer { name: "feed" type: "Python" top: "data" top: "label" phase: TRAIN include { phase: TRAIN } }
            layer { name: "label_split" type: "Split" bottom: "label" top: "l0" top: "l1" }
            layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 4 kernel_size: 1 } }
            layer { name: "c_split" type: "Split" bottom: "c" top: "c0" top: "c1" }
            layer { name: "r" type: "ReLU" bottom: "c1" top: "score" }
            layer { name: "loss" type: "SoftmaxWithLoss" bottom: "c0" bottom: "l0" top: "loss" }
            layer { name: "accuracy" type: "Accuracy" bottom: "score" bottom: "l1" top: "accuracy" }
            """
        let network = try network(text)
        #expect(network.inputs.map(\.name) == ["data"])
        #expect(network.outputs.map { network.valueNames[$0] } == ["c0", "score"])
        #expect(network.valueNames[network.mainOutput] == "score")
    }

    /// The first V1 caffemodels say no inputs: what no layer makes is one. A prototxt has no such excuse.
    @Test func caffemodelsAloneMayLackInputs() throws {
        let text = "layer { name: \"r\" type: \"ReLU\" bottom: \"data\" top: \"y\" }"
        #expect(failure { _ = try network(text) }?.hasSuffix("comes from no layer before it") == true)
        let message = try readNetParameter(text: Array(text.utf8), name: "t"), sink = MemorySink()
        try writeNetParameter(message, blobs: [], to: sink)
        let file = try CaffeFile(MemoryByteSource(name: "old", bytes: sink.bytes))
        #expect(try makeNetwork(structure: nil, file: file).inputs.map(\.name) == ["data"])
    }

    /// Wanting fewer values can merge more: weights must not be put away before.
    @Test func fewerOutputsMayFoldMore() throws {
        let text = """
            input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8
            layer { name: "c" type: "Convolution" bottom: "data" top: "a" convolution_param { num_output: 2 kernel_size: 1 } }
            layer { name: "n" type: "BatchNorm" bottom: "a" top: "o1" }
            layer { name: "s" type: "Sigmoid" bottom: "a" top: "o2" }
            """
        let network = try network(text)
        #expect(network.mayFold)
        let all = network.fused(for: network.outputs), one = network.fused(for: [network.value(named: "o1")!])
        #expect(all.layers.count == 3 && one.layers.count == 1)
    }

    /// A factor from a second input leaves no weights to merge into.
    @Test func scaleOfTwoInputsMergesNothing() throws {
        let text = """
            input: "data" input_dim: 2 input_dim: 3 input_dim: 4 input_dim: 4 input: "f" input_dim: 1 input_dim: 1 input_dim: 1 input_dim: 3
            layer { name: "v" type: "Reshape" bottom: "f" top: "v" reshape_param { shape { dim: 3 } } }
            layer { name: "s" type: "Scale" bottom: "data" bottom: "v" top: "s" }
            layer { name: "n" type: "BatchNorm" bottom: "s" top: "n" }
            """
        let network = try network(text)
        #expect(network.fused(for: network.outputs).layers.count == 3)
    }

    @Test func hostileNetsAreRefused() throws {
        let input = "input: \"data\" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 "
        let empty = try CaffeFile(MemoryByteSource(name: "empty", bytes: []))
        func failed(_ layers: String) -> String {
            failure { _ = try network(input + layers, empty).shapesForDeclaredInputs() } ?? "nothing"
        }
        #expect(
            failed("layer { name: \"s\" type: \"Slice\" bottom: \"data\" }").hasSuffix("has no tops")
                || failed("layer { name: \"s\" type: \"Slice\" bottom: \"data\" }").hasSuffix("give anything")
        )
        let filler = "bias_term: false weight_filler { value: 1 } kernel_size: 1048576 num_output: 1048576"
        let large = failed(
            "layer { name: \"d\" type: \"Deconvolution\" bottom: \"data\" top: \"d\" convolution_param { \(filler) } }"
        )
        #expect(large.contains("2^33 elements"))
        let many = (0..<3000).map {
            "layer { name: \"s\($0)\" type: \"Scale\" bottom: \"data\" top: \"data\" }"
        }
        #expect(failed(many.joined(separator: " ")) == "nothing")
        // A rank of 0: Reduction leaves a number, and BatchNorm takes it.
        let number =
            "layer { name: \"r\" type: \"Reduction\" bottom: \"data\" top: \"r\" } layer { name: \"x\" type: \"Exp\" bottom: \"r\" top: \"x\" }"
        #expect(failed(number) == "nothing")
    }

    /// A blob whose maker fell away is no blob.
    @Test func leftOutBlobsAreUnknown() throws {
        let text = """
            layer { name: "feed" type: "Data" top: "data" top: "label" }
            layer { name: "split" type: "Split" bottom: "label" top: "l0" top: "l1" }
            layer { name: "r" type: "ReLU" bottom: "data" top: "score" }
            """
        let network = try network(text)
        #expect(network.value(named: "label") == nil && network.value(named: "l0") == nil)
        #expect(network.value(named: "data") != nil)
    }

    @Test func fillersOfV1Files() throws {
        let text = """
            input: "data" input_dim: 1 input_dim: 2 input_dim: 2 input_dim: 2
            layer { name: "s" type: "Scale" bottom: "data" top: "s" param { lr_mult: 0 } scale_param { filler { value: 0.01 } } }
            layer { name: "u" type: "Deconvolution" bottom: "s" top: "u" convolution_param { num_output: 2 group: 2 kernel_size: 4 stride: 2 bias_term: false weight_filler { type: "bilinear" } } }
            """
        let empty = try CaffeFile(MemoryByteSource(name: "empty", bytes: []))
        let network = try network(text, empty)
        #expect(try network.layers[0].weights[0].readAll() == [Float](repeating: 0.01, count: 2))
        let kernel: [Float] = [0.25, 0.75, 0.75, 0.25]
        let wanted = kernel.flatMap { row in kernel.map { $0 * row } }
        #expect(try network.layers[1].weights[0].readAll() == wanted + wanted)
    }

    @Test func memoryLimitAndMissingWeights() throws {
        let network = try network(chain)
        let fused = network.fused(for: [network.mainOutput]), shape = try Shape([1, 3, 12, 10])
        let limited = failure {
            _ = try Plan(
                fused, of: network, inputShapes: [shape], store: WeightStore(), workers: Workers(threads: 1),
                .limit(10))
        }
        #expect(limited?.hasSuffix("the limit is 10 bytes; use a smaller size or raise it") == true)
        let missing = failure {
            _ = try Plan(
                fused, of: network, inputShapes: [shape], store: WeightStore(), workers: Workers(threads: 1),
                .limit(nil))
        }
        #expect(missing?.hasSuffix("has no weights: only a prototxt was opened") == true)
    }
}

struct LayoutTests {
    /// Values that live at the same time never share memory, whatever the net.
    @Test(arguments: 0..<200)
    func livingValuesDoNotMeet(seed: Int) throws {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        var sizes: [Int?] = [1 + random(50)], steps: [LayoutStep] = []
        for _ in 0..<20 {
            let values = [0] + steps.flatMap(\.outputs)
            let input = values[random(values.count)], other = values[random(values.count)]
            let kind = random(3), hasTwo = kind == 2 && sizes[other] == sizes[input]
            let inputs = hasTwo ? [input, other] : [input]
            // Sometimes only the second may be written over, as a sum that a convolution takes along.
            let reuse = [LayoutStep.Reuse.none, .view, .overwrite(Array(inputs.suffix(1 + random(2))))][kind]
            let output = sizes.count, extras = random(2) == 0 ? [output + 1] : []
            steps.append(LayoutStep(inputs: inputs, outputs: [output], extras: extras, reuse: reuse))
            sizes.append(kind == 0 ? 1 + random(100) : sizes[input])
            if !extras.isEmpty { sizes.append(random(2) == 0 ? sizes[input] : 1 + random(50)) }
        }
        let made = [0] + steps.flatMap(\.outputs), kept = [made.last!, made[random(made.count)]]
        let layout = Layout(steps: steps, inputs: [0], kept: kept, sizes: sizes)
        // Runs the steps: each value stamps its memory, and must still be there when it is read.
        var memory = [Int](repeating: -1, count: layout.size), contents = Array(sizes.indices)
        func range(_ value: Int) -> Range<Int> {
            layout.offsets[value]!..<layout.offsets[value]! + sizes[value]!
        }
        func write(_ value: Int, _ stamp: Int) { for i in range(value) { memory[i] = stamp } }
        func holds(_ value: Int) -> Bool { memory[range(value)].allSatisfy { $0 == contents[value] } }
        write(0, 0)
        for step in steps {
            for extra in step.extras { write(extra, extra) }
            for input in step.inputs { #expect(holds(input)) }
            if case .view = step.reuse { contents[step.outputs[0]] = contents[step.inputs[0]] }
            write(step.outputs[0], contents[step.outputs[0]])
            for extra in step.extras { #expect(holds(extra), "read while the output is written") }
        }
        for value in kept { #expect(holds(value)) }
    }
}
