// Gradients of single layers, and losses, as Caffe computes them.
import Media
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

/// One layer of a fixture, fed, run and asked.
private struct Case {
    let net: TrainingNet, plan: TrainingPlan
    let arrays: [String: NumpyArray]

    init(_ name: String, net text: String, in all: [String: NumpyArray], blocks: Bool = false) throws {
        var own: [String: NumpyArray] = [:]
        for (key, array) in all where key.hasPrefix(name + "/") {
            own[String(key.dropFirst(name.count + 1))] = array
        }
        arrays = own
        var state = CaffeState()
        state.phase = "TRAIN"
        net = try TrainingNet(Fixtures.net(text: text), state: state, shapes: [:])
        plan = try TrainingPlan(
            net, shapes: [:], workers: Workers(threads: 2), clock: TrainingClock(),
            allowsBlocks: blocks)
        for feed in net.feeds { plan.blob(named: feed)!.numbers.set(arrays[feed]!) }
        for parameter in net.parameters { parameter.numbers.set(arrays["param.\(key(parameter))"]!) }
    }

    func key(_ parameter: Parameter) -> String { "\(parameter.layer).\(parameter.index)" }
}

@Suite(.enabled(if: Fixtures.areThere, "no fixtures: set FACESEG_FIXTURES"))
struct LayerGradientTests {
    private nonisolated(unsafe) static let layers =
        Fixtures.areThere ? try! Fixtures.json("layer_gradients.json") : [:]
    private static let layerArrays = Fixtures.areThere ? try! Fixtures.arrays("layer_gradients.npz") : [:]
    private nonisolated(unsafe) static let losses =
        Fixtures.areThere ? try! Fixtures.json("losses.json") : [:]
    private static let lossArrays = Fixtures.areThere ? try! Fixtures.arrays("losses.npz") : [:]

    @Test(arguments: layers.keys.sorted(), [false, true])
    func layer(name: String, blocks: Bool) throws {
        let description = Self.layers[name] as! [String: Any], outputs = description["outputs"] as! [String]
        let text = description["net"] as! String
        // The mask was Caffe's chance: here it is what made Caffe's output.
        if name == "dropout" { return try dropout(text) }
        let test = try Case(name, net: text, in: Self.layerArrays, blocks: blocks)
        try test.plan.forward()
        for output in outputs {
            let blob = test.plan.blob(named: output)!
            #expect(difference(blob.numbers, test.arrays["out.\(output)"]!.floats) < 1e-5, "out \(output)")
            blob.gradients.set(test.arrays["outdiff.\(output)"]!)
        }
        try test.plan.backward()
        for (key, array) in test.arrays where key.hasPrefix("diff.") {
            let blob = test.plan.blob(named: String(key.dropFirst(5)))!
            #expect(difference(blob.gradients, array.floats) < 1e-5, "\(key)")
        }
        for parameter in test.net.parameters {
            let key = test.key(parameter)
            if let wanted = test.arrays["paramdiff.\(key)"], parameter.gradient != nil {
                // Absolute below 1: before a BatchNorm a bias has no gradient but noise.
                let norm = wanted.floats.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
                let error = difference(parameter.gradients, wanted.floats) * min(norm, 1)
                #expect(error < 1e-5, "paramdiff \(key)")
            }
            if let after = test.arrays["param_after.\(key)"] {
                #expect(difference(parameter.numbers, after.floats) < 1e-6, "param_after \(key)")
            }
        }
    }

    private func dropout(_ text: String) throws {
        let test = try Case("dropout", net: text, in: Self.layerArrays)
        try test.plan.forward()
        let x = test.plan.blob(named: "data")!, y = test.plan.blob(named: "top")!
        let kept = y.numbers.map { $0 != 0 }
        for (i, isKept) in kept.enumerated() where isKept {
            #expect(abs(y.numbers[i] - x.numbers[i] / 0.7) < 1e-5)
        }
        let share = Double(kept.count { $0 }) / Double(kept.count)
        #expect(abs(share - 0.7) < 0.05)
        // Caffe's own numbers grow by the same factor.
        let caffes = zip(test.arrays["out.top"]!.floats, x.numbers).filter { $0.0 != 0 }
        #expect(caffes.allSatisfy { abs($0.0 - $0.1 / 0.7) < 1e-5 })
        y.gradients.set(test.arrays["outdiff.top"]!)
        let dy = Array(y.gradients)
        try test.plan.backward()
        for (i, isKept) in kept.enumerated() {
            #expect(abs(x.gradients[i] - (isKept ? dy[i] / 0.7 : 0)) < 1e-5)
        }
    }

    @Test(arguments: losses.keys.filter { !$0.hasPrefix("accuracy") }.sorted())
    func loss(name: String) throws {
        let description = Self.losses[name] as! [String: Any]
        let test = try Case(name, net: description["net"] as! String, in: Self.lossArrays)
        try test.plan.forward()
        let wanted = description["loss"] as! Double, got = Double(test.plan.blob(named: "loss")!.numbers[0])
        #expect(abs(got - wanted) <= 1e-5 * max(wanted, 1))
        try test.plan.backward()
        for (key, array) in test.arrays where key.hasPrefix("diff.") {
            let blob = test.plan.blob(named: String(key.dropFirst(5)))!
            #expect(difference(blob.gradients, array.floats) < 1e-5, "\(key)")
        }
    }

    @Test(arguments: losses.keys.filter { $0.hasPrefix("accuracy") }.sorted())
    func accuracy(name: String) throws {
        let description = Self.losses[name] as! [String: Any]
        let test = try Case(name, net: description["net"] as! String, in: Self.lossArrays)
        try test.plan.forward()
        let wanted = description["accuracy"] as! Double
        #expect(abs(Double(test.plan.blob(named: "acc")!.numbers[0]) - wanted) < 1e-6)
        let classes = (description["per_class"] as! [Double]).map { Float($0) }
        #expect(difference(test.plan.blob(named: "per_class")!.numbers, classes) < 1e-6)
    }
}
