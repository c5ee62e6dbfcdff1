// LightNet: the prototxts of the built-in network, an encoder-decoder for live video, and its solver. All layers are
// Caffe's but the training's DiceLoss; the batch normalization behind each convolution is taken into it when a plan is
// made.
import FaceSegKit

/// Which net and how it is trained.
package struct LightNet: TrainingRecipe {
    /// Filters at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input's side.
    package var widths = [16, 32, 64, 128, 160]
    /// Filters of the decoder at 1/2, 1/4, 1/8 and 1/16.
    package var decoderWidths = [16, 32, 64, 96]
    /// Residual blocks at 1/4, 1/8, 1/16 and 1/32: plain ones (He and others 2016), then inverted ones (Sandler and others
    /// 2018).
    package var blocks = [1, 1, 3, 3]
    /// What an inverted residual block multiplies its channels by.
    package var expansion = 3
    package var classes = 3
    package var name = "FaceHairLite"
    package var baseRate: Float = 0.03, adamRate: Float = 0.003, weightDecay: Float = 0.02
    package var iterations = 24_000, validationInterval = 1000
    package var folder = "data", seed = 1
    /// How often the sets in the folder are drawn from, by their names; nil: every photo alike.
    package var shares: [(set: String, weight: Double)]?
    /// The set that it is validated on; nil: all.
    package var validationSet: String?

    package init() {}

    /// The built-in one, of 0.49 G multiply-adds at 256 x 256.
    package static let standard = LightNet()
    /// For weak machines, of 0.13 G.
    package static var small: LightNet {
        var net = LightNet()
        (net.widths, net.decoderWidths, net.blocks) = ([16, 16, 32, 64, 96], [8, 16, 32, 48], [1, 1, 2, 2])
        net.name = "FaceHairSmall"
        return net
    }

    /// B, G, R; times 0.017 they are of deviation 1 or so.
    private static let mean: [Float] = [104.00699, 116.66877, 122.67892], scale: Float = 0.017

    package func prototxt(_ role: RecipeRole) -> String {
        var net = LightNetText(classes: classes)
        net.text = "name: \"\(name)\"\n" + input.text(role)
        var steps: [String] = [net.unit("stem", "data", widths[0], stride: 2)]
        for (i, level) in [4, 8, 16, 32].enumerated() {
            var blob = net.unit("s\(level)_0", steps.last!, widths[i + 1], stride: 2)
            for block in 1...blocks[i] {
                let name = "s\(level)_\(block)", width = widths[i + 1]
                blob =
                    level < 16
                    ? net.plainResidual(name, blob, width)
                    : net.invertedResidual(name, blob, width, expanded: width * expansion)
            }
            steps.append(blob)
        }
        var blob = steps[4]
        for level in (0..<4).reversed() {
            blob = net.fusion(level, deep: blob, fine: steps[level], decoderWidths[level])
        }
        net.scores(blob)
        if role != .deploy { net.losses() }
        return net.text
    }

    private var input: InputText {
        let scale = ", 'scale': \(LightNet.scale)"
        var input = InputText(
            folder: folder, mean: LightNet.mean, seed: seed, training: scale, validation: scale, side: 256)
        input.training += ", 'sizes': (\(stages))"
        if let shares {
            let table = shares.map { "'\($0.set)': \($0.weight)" }.joined(separator: ", ")
            input.training += ", 'shares': {\(table)}"
        }
        if let validationSet { input.validation += ", 'shares': {'\(validationSet)': 1}" }
        return input
    }

    /// Small pictures first, and at last less augmentation.
    private var stages: String {
        [(0, 128, 64, 1.0), (0.35, 192, 48, 1), (0.63, 256, 32, 1), (0.9, 256, 32, 0.5)]
            .map { "(\(Int($0.0 * Double(iterations))), \($0.1), \($0.2), \($0.3))" }.joined(separator: ", ")
    }

    package func solver(train: String, validation: String, prefix: String) -> String {
        """
        train_net: "\(train)"
        test_net: "\(validation)"
        test_iter: 500
        test_interval: \(validationInterval)
        test_initialization: false
        display: 50
        average_loss: 50
        type: "Muon"
        base_lr: \(baseRate)
        adam_lr: \(adamRate)
        lr_policy: "cosine"
        warmup_iter: \(max(iterations * 3 / 200, 1))
        momentum: 0.95
        momentum2: 0.99
        weight_decay: \(weightDecay)
        weight_average: 0.998
        max_iter: \(iterations)
        snapshot: \(validationInterval)
        snapshot_prefix: "\(prefix)"

        """
    }
}

/// The layers, written one after the other.
private struct LightNetText {
    let classes: Int
    var text = ""

    init(classes: Int) { self.classes = classes }

    /// Convolution, normalization, and ReLU if asked for.
    ///
    /// - depthwise: each filter sees one channel.
    /// - beginning: what the normalized values are multiplied by at the start.
    mutating func unit(
        _ name: String, _ bottom: String, _ filters: Int, kernel: Int = 3, stride: Int = 1,
        depthwise: Bool = false, beginning: Float = 1, active: Bool = true
    ) -> String {
        let group = depthwise ? " group: \(filters)" : ""
        let fan = depthwise ? "" : " variance_norm: FAN_OUT"
        text += layerText(
            name, "Convolution", [bottom],
            [
                "convolution_param { num_output: \(filters) kernel_size: \(kernel) pad: \(kernel / 2) "
                    + "stride: \(stride)\(group) bias_term: false weight_filler { type: \"msra\"\(fan) } }"
            ])
        text += layerText(
            name + "_norm", "BatchNorm", [name],
            ["batch_norm_param { moving_average_fraction: 0.99 eps: 1e-5 }"], top: name)
        let unchanged = "param { decay_mult: 0 }"
        text += layerText(
            name + "_scale", "Scale", [name],
            [unchanged, unchanged, "scale_param { bias_term: true filler { value: \(beginning) } }"],
            top: name)
        return active ? relu(name) : name
    }

    private mutating func relu(_ blob: String) -> String {
        text += layerText(blob + "_relu", "ReLU", [blob], top: blob)
        return blob
    }

    private mutating func sum(_ name: String, _ a: String, _ b: String) -> String {
        text += layerText(name, "Eltwise", [a, b])
        return name
    }

    mutating func plainResidual(_ name: String, _ bottom: String, _ width: Int) -> String {
        let first = unit(name + "_a", bottom, width)
        let second = unit(name + "_b", first, width, beginning: 0.2, active: false)
        return relu(sum(name, bottom, second))
    }

    mutating func invertedResidual(
        _ name: String, _ bottom: String, _ width: Int, expanded: Int
    ) -> String {
        let inner = unit(name + "_in", bottom, expanded, kernel: 1)
        let filtered = unit(name + "_dw", inner, expanded, depthwise: true)
        let outer = unit(name + "_out", filtered, width, kernel: 1, beginning: 0.2, active: false)
        return sum(name, bottom, outer)
    }

    /// The deep blob, doubled, and the fine one, both of this width, added and filtered.
    mutating func fusion(_ level: Int, deep: String, fine: String, _ width: Int) -> String {
        let side = 2 << level
        let narrow = unit("t\(level + 1)", deep, width, kernel: 1, active: false)
        text += layerText(
            "up\(side)", "Deconvolution", [narrow],
            [
                "param { lr_mult: 0 }",
                "convolution_param { num_output: \(width) group: \(width) kernel_size: 2 stride: 2 bias_term: false "
                    + "weight_filler { type: \"constant\" value: 1 } }",
            ])
        let lateral = unit("l\(level)", fine, width, kernel: 1, active: false)
        return unit("m\(level)", relu(sum("f\(side)", "up\(side)", lateral)), width)
    }

    mutating func scores(_ bottom: String) {
        text += layerText(
            "score2", "Convolution", [bottom],
            [
                "convolution_param { num_output: \(classes) kernel_size: 1 "
                    + "weight_filler { type: \"gaussian\" std: 0.01 } }"
            ])
        text += layerText(
            "score", "Deconvolution", ["score2"],
            [
                "param { lr_mult: 0 }",
                "convolution_param { num_output: \(classes) group: \(classes) kernel_size: 4 stride: 2 pad: 1 "
                    + "bias_term: false weight_filler { type: \"bilinear\" } }",
            ])
    }

    /// Cross entropy, and half as much of the Dice loss, which weighs small classes up.
    mutating func losses() {
        let ignoring = "loss_param { ignore_label: 255 normalization: VALID }"
        text += layerText("loss", "SoftmaxWithLoss", ["score", "label"], [ignoring])
        text += layerText("dice", "DiceLoss", ["score", "label"], ["loss_weight: 0.5", ignoring])
    }
}
