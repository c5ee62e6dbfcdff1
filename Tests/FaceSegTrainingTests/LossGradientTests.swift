// Losses that Caffe has not: gradients against differences of the loss, and values by hand.
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

@Suite struct LossGradientTests {
    private func plan(_ loss: String, labels: [Float]) throws -> TrainingPlan {
        var state = CaffeState()
        state.phase = "TRAIN"
        let text = """
            force_backward: true
            layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 2 dim: 3 } } }
            layer { name: "label" type: "Input" top: "label" input_param { shape { dim: 2 dim: 1 dim: 2 dim: 3 } } }
            layer { name: "loss" bottom: "data" bottom: "label" top: "loss" \(loss) }
            """
        let net = try TrainingNet(Fixtures.net(text: text), state: state, shapes: [:])
        let plan = try TrainingPlan(net, shapes: [:], workers: Workers(threads: 2), clock: TrainingClock())
        var random = SplitMix(seed: 3)
        let data = plan.blob(named: "data")!.numbers
        for i in data.indices { data[i] = random.normal() }
        _ = plan.blob(named: "label")!.numbers.update(fromContentsOf: labels)
        return plan
    }

    /// 255 is ignored, 128 + c says "not c".
    private static let labels: [Float] = [0, 1, 2, 255, 130, 128, 2, 129, 1, 0, 255, 130]

    @Test(arguments: [
        "type: \"SoftmaxWithLoss\" loss_param { ignore_label: 255 normalize: false }",
        "type: \"SoftmaxWithLoss\" loss_param { ignore_label: 255 class_weight: 0.5 class_weight: 2 class_weight: 3 }",
        "type: \"DiceLoss\" loss_param { ignore_label: 255 } loss_weight: 0.5",
    ])
    func differences(loss: String) throws {
        let plan = try plan(loss, labels: Self.labels)
        try plan.forward()
        try plan.backward()
        let data = plan.blob(named: "data")!, wanted = Array(data.gradients)
        #expect(wanted.contains { $0 != 0 })
        let step: Float = 1e-2
        for i in wanted.indices {
            let before = data.numbers[i]
            data.numbers[i] = before + step
            let above = try plan.forward()
            data.numbers[i] = before - step
            let below = try plan.forward()
            data.numbers[i] = before
            #expect(abs((above - below) / (2 * step) - wanted[i]) < 2e-3, "number \(i)")
        }
    }

    /// Equal scores: each class has a third.
    @Test func byHand() throws {
        let plan = try plan(
            "type: \"SoftmaxWithLoss\" loss_param { ignore_label: 255 normalization: NONE }",
            labels: Self.labels)
        plan.blob(named: "data")!.numbers.update(repeating: 1)
        // Six labels cost ln 3, four that exclude a class ln 1.5.
        let loss = try plan.forward()
        #expect(abs(loss - (6 * 1.0986123 + 4 * 0.4054651)) < 1e-4)
    }

    @Test func labelsThatAreNoClass() throws {
        let plan = try plan("type: \"SoftmaxWithLoss\"", labels: Self.labels)
        let error = #expect(throws: FaceSegError.self) { try plan.forward() }
        #expect("\(error!)".contains("label 255.0 at position 3"))
    }
}
