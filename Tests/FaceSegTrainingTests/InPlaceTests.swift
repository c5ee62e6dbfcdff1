// Layers that work in place give the gradients that they give elsewhere, whatever the layer before needs of what they
// write over; inputs that nothing is made of get gradients of zero.
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

struct InPlaceTests {
    /// Gradients of the parameters and of the input, and the output, after noise came back into the last blob.
    private func gradients(_ layers: String, blocks: Bool) throws -> [[Float]] {
        let text = """
            force_backward: true
            layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 5 dim: 4 } } }
            """ + layers
        var state = CaffeState()
        state.phase = "TRAIN"
        let net = try TrainingNet(Fixtures.net(text: text), state: state, shapes: [:])
        let plan = try TrainingPlan(
            net, shapes: [:], workers: Workers(threads: 2), clock: TrainingClock(), allowsBlocks: blocks)
        var random = SplitMix(seed: 3)
        for parameter in net.parameters where parameter.rateFactor != 0 {
            for i in parameter.numbers.indices { parameter.numbers[i] = random.normal() / 2 }
        }
        let data = try #require(plan.feed(named: "data"))
        for i in data.numbers.indices { data.numbers[i] = random.normal() }
        try plan.forward()
        let output = try #require(plan.outputs.last).blob
        let made = Array(output.numbers)
        for i in output.gradients.indices { output.gradients[i] = random.normal() }
        try plan.backward()
        return [made, Array(data.gradients)]
            + net.parameters.filter { $0.gradient != nil }.map { Array($0.gradients) }
    }

    private static let convolution = """
        layer { name: "c" type: "Convolution" bottom: "data" top: "c"
          convolution_param { num_output: 20 kernel_size: 3 pad: 1 } }

        """

    /// - layers: with % for the top of one that may be its bottom.
    @Test(
        arguments: [
            #"layer { name: "p" type: "Power" bottom: "data" top: "%" power_param { scale: 0.5 shift: 0.3 } }"#,
            #"layer { name: "t" type: "TanH" bottom: "data" top: "%" }"#,
            convolution + #"""
                layer { name: "n" type: "BatchNorm" bottom: "c" top: "n" }
                layer { name: "r" type: "ReLU" bottom: "n" top: "%" }
                """#,
            convolution + #"""
                layer { name: "n" type: "BatchNorm" bottom: "c" top: "n" }
                layer { name: "r" type: "Sigmoid" bottom: "n" top: "%" }
                """#,
            convolution + #"""
                layer { name: "s" type: "Sigmoid" bottom: "c" top: "s" }
                layer { name: "r" type: "ELU" bottom: "s" top: "%" }
                """#,
            convolution + #"""
                layer { name: "r" type: "ReLU" bottom: "c" top: "r" }
                layer { name: "t" type: "TanH" bottom: "r" top: "%" }
                """#,
            #"""
            layer { name: "f" type: "Flatten" bottom: "data" top: "f" flatten_param { axis: 2 } }
            layer { name: "g" type: "Flatten" bottom: "data" top: "g" flatten_param { axis: 2 } }
            layer { name: "t" type: "TanH" bottom: "f" top: "%" }
            layer { name: "e" type: "Eltwise" bottom: "%" bottom: "g" top: "e" }
            """#,
            convolution + #"""
                layer { name: "m" type: "Pooling" bottom: "c" top: "m" pooling_param { kernel_size: 2 stride: 2 } }
                layer { name: "t" type: "TanH" bottom: "m" top: "%" }
                """#,
            convolution + #"""
                layer { name: "s" type: "Softmax" bottom: "c" top: "s" }
                layer { name: "f" type: "Flatten" bottom: "s" top: "f" flatten_param { axis: 2 } }
                layer { name: "t" type: "TanH" bottom: "f" top: "%" }
                """#,
        ], [false, true])
    func sameAsElsewhere(_ layers: String, blocks: Bool) throws {
        let before = try #require(layers.split(separator: "\" top: \"%").first)
        let bottom = try #require(before.split(separator: "\"").last)
        let apart = try gradients(layers.replacing("%", with: "apart"), blocks: blocks)
        let inPlace = try gradients(layers.replacing("%", with: bottom), blocks: blocks)
        for (a, b) in zip(apart, inPlace) { #expect(difference(b, a) < 1e-5) }
        #expect(apart.count == inPlace.count && apart[1].contains { $0 != 0 })
    }

    /// The second input of an Interp tells its size alone.
    @Test(arguments: [false, true]) func sizesHaveNoGradient(blocks: Bool) throws {
        let found = try gradients(
            Self.convolution + #"""
                layer { name: "d" type: "Convolution" bottom: "data" top: "d"
                  convolution_param { num_output: 4 kernel_size: 2 } }
                layer { name: "i" type: "Interp" bottom: "c" bottom: "d" top: "i" }
                """#, blocks: blocks)
        #expect(found.count == 6 && found[2].contains { $0 != 0 })
        #expect(found[4].allSatisfy { $0 == 0 } && found[5].allSatisfy { $0 == 0 })
    }
}
