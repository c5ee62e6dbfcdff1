// FCN8s: the prototxts of fcn8s-atonce for any number of classes and any width, as the public FCN repository has them for
// 21, and its solver. Source: Long, Shelhamer, Darrell, CVPR 2015; shelhamer/fcn.berkeleyvision.org, voc-fcn8s-atonce.
import FaceSegKit

/// Which net and how it is trained: the FaceFCN post's, unless told otherwise.
package struct FCN8s: TrainingRecipe {
    package var classes = 3
    /// What VGG-16's numbers of filters are divided by: 1, or 4 for a net that two cores can train.
    package var narrowing = 1
    /// Whether it begins with nothing in place of VGG-16's weights. Then weights are drawn; the scores of pool3 and pool4
    /// learn at higher rates, as behind scales of 0.0001 and 0.01 they would stay unused; gradients are clipped, as few
    /// photos have by far the largest; and weights are averaged.
    package var beginsWithNothing = false
    package var baseRate: Float = 1e-12, momentum: Float = 0.99, weightDecay: Float = 0.005
    package var iterations = 300_000, validationInterval = 4000
    /// Of the data layer.
    package var folder = "data", mean: [Float] = [104.00699, 116.66877, 122.67892], seed = 1337

    package init() {}

    /// Filters of each layer of the five stages.
    private var stages: [[Int]] {
        [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]].map { stage in
            stage.map { max($0 / narrowing, 1) }
        }
    }

    package func prototxt(_ role: RecipeRole) -> String {
        var text = "name: \"FCN8s-atonce\"\n" + input(role)
        var bottom = "data"
        for (s, stage) in stages.enumerated() {
            for (i, filters) in stage.enumerated() {
                let name = "conv\(s + 1)_\(i + 1)", pad = s == 0 && i == 0 ? 100 : 1
                text +=
                    convolution(name, bottom, filters, kernel: 3, pad: pad)
                    + relu("relu\(s + 1)_\(i + 1)", name)
                bottom = name
            }
            text += layerText(
                "pool\(s + 1)", "Pooling", [bottom], ["pooling_param { pool: MAX kernel_size: 2 stride: 2 }"])
            bottom = "pool\(s + 1)"
        }
        for (name, number, kernel) in [("fc6", 6, 7), ("fc7", 7, 1)] {
            text += convolution(name, bottom, max(4096 / narrowing, 1), kernel: kernel, pad: 0)
            text += relu("relu\(number)", name)
            text += layerText(
                "drop\(number)", "Dropout", [name], ["dropout_param { dropout_ratio: 0.5 }"], top: name)
            bottom = name
        }
        return text + scores + loss(role)
    }

    private func input(_ role: RecipeRole) -> String {
        InputText(folder: folder, mean: mean, seed: seed, side: 512).text(role)
    }

    /// The three heads, each enlarged and added to the next.
    private var scores: String {
        score("score_fr", "fc7")
            + deconvolution("upscore2", "score_fr", kernel: 4, stride: 2)
            + layerText("scale_pool4", "Scale", ["pool4"], ["param { lr_mult: 0 }", scaling(0.01)])
            + score("score_pool4", "scale_pool4", rate: 1000)
            + crop("score_pool4c", "score_pool4", "upscore2", offset: 5)
            + sum("fuse_pool4", "upscore2", "score_pool4c")
            + deconvolution("upscore_pool4", "fuse_pool4", kernel: 4, stride: 2)
            + layerText("scale_pool3", "Scale", ["pool3"], ["param { lr_mult: 0 }", scaling(0.0001)])
            + score("score_pool3", "scale_pool3", rate: 2_000_000)
            + crop("score_pool3c", "score_pool3", "upscore_pool4", offset: 9)
            + sum("fuse_pool3", "upscore_pool4", "score_pool3c")
            + deconvolution("upscore8", "fuse_pool3", kernel: 16, stride: 8)
            + crop("score", "upscore8", "data", offset: 31)
    }

    private func loss(_ role: RecipeRole) -> String {
        guard role != .deploy else { return "" }
        return layerText(
            "loss", "SoftmaxWithLoss", ["score", "label"],
            ["loss_param { ignore_label: 255 normalize: false }"])
    }

    private static func rates(_ rate: Int = 1) -> [String] {
        ["param { lr_mult: \(rate) decay_mult: 1 }", "param { lr_mult: 2 decay_mult: 0 }"]
    }

    private func convolution(_ name: String, _ bottom: String, _ filters: Int, kernel: Int, pad: Int)
        -> String
    {
        let filler = beginsWithNothing ? " weight_filler { type: \"msra\" }" : ""
        return layerText(
            name, "Convolution", [bottom],
            Self.rates() + [
                "convolution_param { num_output: \(filters) pad: \(pad) kernel_size: \(kernel) stride: 1\(filler) }"
            ])
    }

    private func relu(_ name: String, _ blob: String) -> String { layerText(name, "ReLU", [blob], top: blob) }

    /// - rate: for a net that begins with nothing.
    private func score(_ name: String, _ bottom: String, rate: Int = 1) -> String {
        layerText(
            name, "Convolution", [bottom],
            Self.rates(beginsWithNothing ? rate : 1) + [
                "convolution_param { num_output: \(classes) pad: 0 kernel_size: 1 }"
            ])
    }

    private func deconvolution(_ name: String, _ bottom: String, kernel: Int, stride: Int) -> String {
        layerText(
            name, "Deconvolution", [bottom],
            [
                "param { lr_mult: 0 }",
                "convolution_param { num_output: \(classes) bias_term: false kernel_size: \(kernel) stride: \(stride) }",
            ])
    }

    private func scaling(_ factor: Float) -> String { "scale_param { filler { value: \(factor) } }" }

    private func crop(_ name: String, _ bottom: String, _ reference: String, offset: Int) -> String {
        layerText(name, "Crop", [bottom, reference], ["crop_param { axis: 2 offset: \(offset) }"])
    }

    private func sum(_ name: String, _ a: String, _ b: String) -> String {
        layerText(name, "Eltwise", [a, b], ["eltwise_param { operation: SUM }"])
    }

    package func solver(train: String, validation: String, prefix: String) -> String {
        """
        train_net: "\(train)"
        test_net: "\(validation)"
        test_iter: 500
        test_interval: \(validationInterval)
        display: 20
        average_loss: 20
        lr_policy: "fixed"
        base_lr: \(baseRate)
        momentum: \(momentum)
        iter_size: 1
        max_iter: \(iterations)
        weight_decay: \(weightDecay)
        snapshot: \(validationInterval)
        snapshot_prefix: "\(prefix)"
        test_initialization: false

        """ + (beginsWithNothing ? "clip_gradients: 1e6\nweight_average: 0.998\n" : "")
    }
}
