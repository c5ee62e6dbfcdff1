// FCN's files: what its data layers are told, its prototxts, and weights that change nets.
import Foundation
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

@Suite struct CaffeRecipeTests {
    @Test func dataLayersOfTheFCNRepository() throws {
        let parameters = try PythonParameters(
            "{'sbdd_dir': '../data/sbdd/dataset', 'seed': 1337, 'split': 'train', 'mean': (104.00699, 116.66877, 122.67892)}"
        )
        #expect(parameters.folder == "../data/sbdd/dataset")
        #expect(parameters.string("split") == "train")
        #expect(try parameters.number("seed", in: 0...2000) == 1337)
        #expect(try parameters.numbers("mean", count: 3) == [104.00699, 116.66877, 122.67892])
        let call = try PythonParameters("dict(nyud_dir=\"x\", randomize=False, tops=['data', 'label'],)")
        #expect(call.bool("randomize") == false && call.folder == "x")
        #expect(call.values["tops"] == .list([.string("data"), .string("label")]))
        let nested = try PythonParameters(
            "{'sizes': ((0, 128), [9, 256,]), 'shares': {'a': 1, 'b': .5}, 'x': {'a': ''}}")
        #expect(try nested.rows("sizes") == [[0, 128], [9, 256]])
        #expect(try nested.table("shares") == ["a": 1, "b": 0.5])
        #expect(try nested.table("none") == nil)
        #expect(try nested.rows("none") == nil)
    }

    @Test(arguments: [
        ("'sizes': 128", "sizes is not a list of lists of numbers"),
        ("'sizes': (0, 128, 64)", "sizes is not a list of lists of numbers"),
        ("'sizes': ((0, 128, 'a'),)", "sizes is not a list of lists of numbers"),
        ("'shares': ('lfw',)", "shares is not a dict of numbers"),
        ("'shares': {'lfw': 'often'}", "shares is not a dict of numbers"),
        ("'shares': {'lfw': -1}", "the share -1.0 of lfw is not above 0"),
        ("'mean': (1, 2)", "mean is not a list of 3 numbers"),
        ("'scale': '0.017'", "scale is not a number"),
        ("'seed': -1", "seed is not a number of 0.0 to"),
        ("'batch_size': 0", "batch_size is not a number of 1.0 to 4096.0"),
    ])
    func valuesOfAnotherForm(text: String, reason: String) throws {
        let net = try Fixtures.net(
            text: """
                layer { name: "data" type: "Python" top: "data" top: "label"
                  python_param { module: "m" layer: "L" param_str: "{\(text)}" } }
                """)
        let error = #expect(throws: FaceSegError.self) {
            try DataRequest(of: net, state: CaffeState(), replacing: false)
        }
        #expect("\(error!)".contains("param_str: \(reason)"))
    }

    @Test(arguments: [
        "", "{", "{'a' 1}", "{'a': open('x')}", "{'a': 1} x", "{'a': 'b}", "{'a': nan}", "dict(a=1",
        String(repeating: "[", count: 4000), "{'a': " + String(repeating: "[", count: 4000),
        String(repeating: "{'a': ", count: 4000), "{'a': {'b': 1}", "{'a': {'b'}}",
    ])
    func brokenParameters(text: String) {
        #expect(throws: FaceSegError.self) { try PythonParameters(text) }
    }

    private func net(_ recipe: FCN8s, _ role: RecipeRole) throws -> TrainingNet {
        var state = CaffeState()
        state.phase = role == .train ? "TRAIN" : "TEST"
        let shapes = try ["data": Shape([1, 3, 64, 64]), "label": Shape([1, 1, 64, 64])]
        return try TrainingNet(Fixtures.net(text: recipe.prototxt(role)), state: state, shapes: shapes)
    }

    /// The sizes of `spec.md`, section 2, and Caffe's shape of the score.
    @Test func atOnce() throws {
        var recipe = FCN8s()
        recipe.narrowing = 16
        let train = try net(recipe, .train)
        let shapes = try train.shapes([
            "data": Shape([1, 3, 512, 512]), "label": Shape([1, 1, 512, 512]),
        ])
        func shape(_ name: String) -> [Int] { shapes[train.blobNames.lastIndex(of: name)!].dimensions }
        #expect(shape("conv1_1") == [1, 4, 710, 710] && shape("fc6") == [1, 256, 17, 17])
        #expect(shape("upscore8") == [1, 3, 600, 600] && shape("score") == [1, 3, 512, 512])
        recipe.narrowing = 1
        let whole = try recipe.parameterCount()
        #expect(whole == 134_275_145 + 3 * 3 * 16 + 3 * 3 * 16 + 3 * 3 * 256 + 512 + 256)
        _ = try net(recipe.narrow(64), .validation)
        let settings = try settings(recipe)
        #expect(settings.clipGradients < 0 && settings.averaging == nil)
    }

    private func settings(_ recipe: FCN8s) throws -> SolverSettings {
        let text = recipe.solver(train: "a", validation: "b", prefix: "c")
        return try SolverSettings(readMessage("SolverParameter", text: Array(text.utf8), name: "solver"))
    }

    @Test func beginningWithNothing() throws {
        var recipe = FCN8s()
        recipe.narrowing = 16
        func rates(_ layer: String) throws -> [Float] {
            try net(recipe, .train).parameters.filter { $0.layer == layer }.map(\.rateFactor)
        }
        #expect(try rates("score_pool3") == [1, 2])
        recipe.beginsWithNothing = true
        #expect(try rates("score_pool3") == [2_000_000, 2])
        #expect(try rates("score_pool4") == [1000, 2])
        #expect(try rates("score_fr") == [1, 2])
        let settings = try settings(recipe)
        #expect(settings.clipGradients == 1e6 && settings.averaging == 0.998)
    }

    @Test func surgery() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/faceseg-surgery-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let from = try own("num_output: 2", fully: true, classes: 2), path = folder + "/from.caffemodel"
        for parameter in from.parameters {
            for i in parameter.numbers.indices { parameter.numbers[i] = Float(i + 1) }
        }
        try from.write(path: path)
        let to = try own("num_output: 2", fully: false, classes: 3)
        let report = try to.transplant(path: path)
        #expect(report.reshaped == ["fc"] && report.grown == ["score"] && report.missing == ["up"])
        func numbers(_ layer: String, _ index: Int) -> [Float] {
            Array(to.parameters.first { $0.layer == layer && $0.index == index }!.numbers)
        }
        #expect(numbers("fc", 0) == (1...54).map { Float($0) })
        #expect(numbers("score", 0) == [1, 2, 3, 4, 0, 0] && numbers("score", 1) == [1, 2, 0])
        try to.fillDeconvolutions()
        // Kernel 4: 0.25, 0.75, 0.75, 0.25 both ways, on the diagonal.
        let up = numbers("up", 0), side: [Float] = [0.25, 0.75, 0.75, 0.25]
        let kernel = side.flatMap { row in side.map { row * $0 } }
        #expect(Array(up[..<16]) == kernel && Array(up[16..<64]).allSatisfy { $0 == 0 })
        #expect(Array(up[64..<80]) == kernel)
    }

    private func own(_ outputs: String, fully: Bool, classes: Int) throws -> TrainingNet {
        let product =
            fully
            ? "type: \"InnerProduct\" inner_product_param { \(outputs) }"
            : "type: \"Convolution\" convolution_param { \(outputs) kernel_size: 3 }"
        let shape =
            fully
            ? ""
            : """
            layer { name: "up" type: "Deconvolution" bottom: "score" top: "up" param { lr_mult: 0 }
              convolution_param { num_output: \(classes) kernel_size: 4 stride: 2 bias_term: false } }
            """
        let reshaping =
            fully
            ? """
            layer { name: "r" type: "Reshape" bottom: "fc" top: "fr" reshape_param { shape { dim: 0 dim: 0 dim: 1 dim: 1 } } }
            """ : "layer { name: \"r\" type: \"ReLU\" bottom: \"fc\" top: \"fr\" }"
        return try TrainingNet(
            Fixtures.net(
                text: """
                    layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 3 dim: 3 } } }
                    layer { name: "fc" bottom: "data" top: "fc" \(product) }
                    \(reshaping)
                    layer { name: "score" type: "Convolution" bottom: "fr" top: "score"
                      convolution_param { num_output: \(classes) kernel_size: 1 } }
                    \(shape)
                    """), state: CaffeState(), shapes: [:])
    }
}

extension FCN8s {
    fileprivate func narrow(_ by: Int) -> FCN8s {
        var narrow = self
        narrow.narrowing = by
        return narrow
    }

    /// Of the deploy net, which is opened without weights.
    fileprivate func parameterCount() throws -> Int {
        let message = try readNetParameter(text: Array(prototxt(.deploy).utf8), name: "deploy")
        let network = try makeNetwork(structure: message, file: nil)
        let shapes = try network.shapes([Shape([1, 3, 64, 64])])
        return try network.layers.reduce(0) { sum, layer in
            try layer.operation.weightShapes(layer.inputs.map { shapes[$0]! }, layer: layer.name).reduce(sum)
            {
                $0 + $1.reduce(1, *)
            }
        }
    }
}
