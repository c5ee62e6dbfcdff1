// Plans in blocks give what plans in planes give, which Caffe's own numbers have judged.
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

@Suite struct BlockGradientTests {
    /// Convolutions of the shapes that kernels tell apart, between layers that follow their layout.
    static let layers = [
        "num_output: 20 kernel_size: 3 pad: 1", "num_output: 33 kernel_size: 3 pad: 1 stride: 2",
        "num_output: 16 kernel_size: 1", "num_output: 17 kernel_size: 1 stride: 2",
        "num_output: 18 kernel_size: 3 pad: 2 dilation: 2", "num_output: 5 kernel_size: 7",
        "num_output: 24 kernel_size: 5 pad: 2 bias_term: false",
        "num_output: 19 kernel_size: 3 pad: 1 group: 19",
        "num_output: 19 kernel_size: 3 pad: 1 stride: 2 group: 19",
        "num_output: 19 kernel_size: 5 pad: 2 group: 19",
        "num_output: 6 kernel_h: 3 kernel_w: 2 pad_h: 1 pad_w: 0",
    ]

    @Test(arguments: layers)
    func convolution(parameters: String) throws {
        let net = """
            force_backward: false
            layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 15 dim: 18 } } }
            layer { name: "label" type: "Input" top: "label" input_param { shape { dim: 2 dim: 1 dim: 1 dim: 1 } } }
            layer { name: "a" type: "Convolution" bottom: "data" top: "a" convolution_param {
              num_output: 19 kernel_size: 3 pad: 2 weight_filler { type: "xavier" } bias_filler { type: "uniform" } } }
            layer { name: "r" type: "ReLU" bottom: "a" top: "a" }
            layer { name: "b" type: "Convolution" bottom: "a" top: "b" convolution_param { \(parameters)
              weight_filler { type: "xavier" } bias_filler { type: "uniform" } } }
            layer { name: "s" type: "ReLU" bottom: "b" top: "c" }
            layer { name: "e" type: "Eltwise" bottom: "c" bottom: "b" top: "e" }
            layer { name: "p" type: "Pooling" bottom: "e" top: "p" pooling_param { pool: AVE global_pooling: true } }
            layer { name: "f" type: "InnerProduct" bottom: "p" top: "f" inner_product_param { num_output: 3
              weight_filler { type: "xavier" } } }
            layer { name: "loss" type: "SoftmaxWithLoss" bottom: "f" bottom: "label" top: "loss" }
            """
        try compare(net)
    }

    /// - Returns: gradients.
    @discardableResult
    private func compare(_ net: String) throws -> [[Float]] {
        var state = CaffeState()
        state.phase = "TRAIN"
        let planes = try gradients(net, state, blocks: false),
            blocks = try gradients(net, state, blocks: true)
        #expect(planes.loss > 0 && abs(planes.loss - blocks.loss) < 1e-5 * planes.loss)
        for (index, wanted) in planes.gradients.enumerated() {
            #expect(wanted.contains { $0 != 0 })
            #expect(difference(blocks.gradients[index], wanted) < 2e-5, "parameter \(index)")
        }
        // The same bits on one thread.
        let alone = try gradients(net, state, blocks: true, threads: 1)
        let same = zip(alone.gradients, blocks.gradients).allSatisfy {
            $0.map(\.bitPattern) == $1.map(\.bitPattern)
        }
        #expect(same)
        return blocks.gradients
    }

    /// Sums share gradients, and ReLUs' are written by those who take what they made: one, or a Split.
    @Test(arguments: [0, 0.25])
    func sums(slope: Float) throws {
        func convolution(_ name: String, _ bottom: String, _ parameters: String) -> String {
            """
            layer { name: "\(name)" type: "Convolution" bottom: "\(bottom)" top: "\(name)" convolution_param {
              \(parameters) weight_filler { type: "xavier" } bias_filler { type: "uniform" } } }

            """
        }
        func sum(_ name: String, _ bottoms: [String]) -> String {
            let bottoms = bottoms.map { "bottom: \"\($0)\" " }.joined()
            return "layer { name: \"\(name)\" type: \"Eltwise\" \(bottoms) top: \"\(name)\" }\n"
        }
        func relu(_ name: String) -> String {
            """
            layer { name: "\(name)_relu" type: "ReLU" bottom: "\(name)" top: "\(name)"
              relu_param { negative_slope: \(slope) } }

            """
        }
        func net(_ three: String) -> String {
            """
            layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 12 dim: 14 } } }
            layer { name: "label" type: "Input" top: "label" input_param { shape { dim: 2 dim: 1 dim: 1 dim: 1 } } }

            """ + convolution("a", "data", "num_output: 19 kernel_size: 3 pad: 1") + relu("a")
                + convolution("b", "a", "num_output: 19 kernel_size: 3 pad: 1") + relu("b")
                + convolution("c", "b", "num_output: 19 kernel_size: 3 pad: 1") + sum("d", ["a", "c"])
                + relu("d")
                + convolution("e", "d", "num_output: 19 kernel_size: 1") + relu("e")
                + convolution("f", "e", "num_output: 19 kernel_size: 3 pad: 1 group: 19")
                + sum("g", ["f", "e", "d"]) + three + relu("h") + """
                    layer { name: "p" type: "Pooling" bottom: "h" top: "p" pooling_param { pool: AVE global_pooling: true } }
                    layer { name: "q" type: "InnerProduct" bottom: "p" top: "q" inner_product_param { num_output: 3
                      weight_filler { type: "xavier" } } }
                    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "q" bottom: "label" top: "loss" }
                    """
        }
        let summed = try compare(net(sum("h", ["g", "g", "g"])))
        let scaled = try compare(
            net(
                "layer { name: \"h\" type: \"Power\" bottom: \"g\" top: \"h\" power_param { scale: 3 } }\n"))
        for (one, other) in zip(summed, scaled) { #expect(difference(one, other) < 2e-5) }
    }

    /// Weights that are packed in two parts.
    @Test func manyWeights() throws {
        let net = """
            layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 3 dim: 2 } } }
            layer { name: "label" type: "Input" top: "label" input_param { shape { dim: 1 dim: 1 dim: 1 dim: 1 } } }
            layer { name: "a" type: "Convolution" bottom: "data" top: "a" convolution_param {
              num_output: 4096 kernel_size: 1 weight_filler { type: "xavier" } } }
            layer { name: "b" type: "Convolution" bottom: "a" top: "b" convolution_param {
              num_output: 4160 kernel_size: 1 weight_filler { type: "uniform" max: 0.01 } bias_filler { type: "uniform" } } }
            layer { name: "r" type: "ReLU" bottom: "b" top: "b" }
            layer { name: "p" type: "Pooling" bottom: "b" top: "p" pooling_param { pool: AVE global_pooling: true } }
            layer { name: "f" type: "InnerProduct" bottom: "p" top: "f" inner_product_param { num_output: 3
              weight_filler { type: "xavier" } } }
            layer { name: "loss" type: "SoftmaxWithLoss" bottom: "f" bottom: "label" top: "loss" }
            """
        var state = CaffeState()
        state.phase = "TRAIN"
        let planes = try gradients(net, state, blocks: false),
            blocks = try gradients(net, state, blocks: true)
        #expect(planes.loss > 0 && abs(planes.loss - blocks.loss) < 1e-5 * planes.loss)
        for (index, wanted) in planes.gradients.enumerated() {
            #expect(difference(blocks.gradients[index], wanted) < 2e-5, "parameter \(index)")
        }
    }

    private func gradients(
        _ text: String, _ state: CaffeState, blocks: Bool, threads: Int = 2
    ) throws -> (loss: Float, gradients: [[Float]]) {
        let net = try TrainingNet(Fixtures.net(text: text), state: state, shapes: [:])
        let plan = try TrainingPlan(
            net, shapes: [:], workers: Workers(threads: threads), clock: TrainingClock(), allowsBlocks: blocks
        )
        var random = SplitMix(seed: 7)
        let data = plan.blob(named: "data")!.numbers
        for i in data.indices { data[i] = random.normal() }
        let labels = plan.blob(named: "label")!.numbers
        for i in labels.indices { labels[i] = Float(i % 3) }
        // Twice, so that what is left of a run does no harm, and gradients add up.
        for _ in 0..<2 {
            try plan.forward()
            try plan.backward()
        }
        return (try plan.forward(), net.parameters.map { Array($0.gradients) })
    }
}
