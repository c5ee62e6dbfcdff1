// LossPass: a loss layer: one number forwards, its slope backwards. AccuracyPass: a share of right pixels.
import FaceSegKit
import Gradients
import Kernels

extension Loss {
    /// Whether the two inputs go together.
    func check(_ shapes: [Shape], layer: String) throws(FaceSegError) {
        guard shapes.count == 2 else {
            throw .network(layer: layer, reason: "takes scores and labels, is given \(shapes.count) inputs")
        }
        let (scores, labels) = (shapes[0], shapes[1])
        let wanted: Int
        switch kind {
        case .euclidean, .sigmoid: wanted = scores.count
        case .hinge, .multinomial: wanted = scores.rank > 0 ? scores[0] : 1
        case .softmax, .dice: wanted = scores.count / scores[try scores.axis(axis, layer: layer)]
        }
        guard labels.count == wanted else {
            throw .shape(layer: layer, expected: "\(wanted) labels for scores \(scores)", got: "\(labels)")
        }
        guard scores.count / max(wanted, 1) <= FSG_MOST_CLASSES else {
            throw .shape(layer: layer, expected: "at most \(FSG_MOST_CLASSES) classes", got: "\(scores)")
        }
    }
}

/// Scores and labels as the kernels see them.
private func labelled(
    _ site: PassSite, axis: Int, ignored: Float?
) throws(FaceSegError) -> fsg_labelled {
    let scores = site.x.shape, at = try scores.axis(axis, layer: site.name)
    return fsg_labelled(
        scores: site.x.read, labels: site.inputs[1].read, outer: scores.outer(at), classes: scores[at],
        inner: scores.inner(at), ignores: ignored != nil, ignored: ignored ?? 0)
}

final class LossPass: Pass {
    private let site: PassSite, loss: Loss
    private let labelled: fsg_labelled
    private let targets: fsg_targets
    /// Of the softmax; and for Dice, slopes.
    private let probabilities: Buffer, slopes: Buffer
    private let classWeights: [Float]
    private var divisor: Float = 1

    init(_ site: PassSite, _ loss: Loss) throws(FaceSegError) {
        (self.site, self.loss, classWeights) = (site, loss, loss.classWeights)
        switch loss.kind {
        case .softmax, .dice:
            labelled = try FaceSegTraining.labelled(site, axis: loss.axis, ignored: loss.ignored)
        default: labelled = site.rows
        }
        targets = fsg_targets(
            x: site.x.read, targets: site.inputs[1].read, count: site.x.shape.count,
            ignores: loss.ignored != nil, ignored: loss.ignored ?? 0)
        let needsSoftmax =
            switch loss.kind {
            case .softmax, .dice: true
            default: false
            }
        probabilities = try Buffer(count: needsSoftmax ? site.x.shape.count : 0)
        slopes = try Buffer(count: 2 * labelled.classes)
        guard classWeights.isEmpty || classWeights.count == labelled.classes else {
            throw .network(
                layer: site.name,
                reason: "\(classWeights.count) class weights for \(labelled.classes) classes")
        }
    }

    func forward(_ workers: Workers) throws(FaceSegError) {
        site.y.data.start[0] = try Float(sum(workers) / Double(divisor))
    }

    private func sum(_ workers: Workers) throws(FaceSegError) -> Double {
        var labelled = labelled, targets = targets
        switch loss.kind {
        case .softmax:
            try count(workers)
            softmax(workers)
            return withClassWeights { weights in
                workers.withPool { fsg_softmax_loss(&labelled, probabilities.start, weights, $0) }
            }
        case .dice:
            try count(workers)
            softmax(workers)
            divisor = 1
            return workers.withPool { fsg_dice_loss(&labelled, probabilities.start, slopes.start, $0) }
        case .euclidean:
            divisor = Float(site.x.shape[0])
            return workers.withPool { fsg_euclidean_loss(&targets, $0) }
        case .sigmoid:
            var counted = 0
            let sum = workers.withPool { fsg_sigmoid_loss(&targets, &counted, $0) }
            divisor = loss.divisor(counted: counted, positions: targets.count, batch: site.x.shape[0])
            return sum
        case .hinge(let squared):
            try count(workers)
            divisor = Float(labelled.outer)
            return workers.withPool { fsg_hinge_loss(&labelled, squared, $0) }
        case .multinomial:
            try count(workers)
            divisor = Float(labelled.outer)
            return workers.withPool { fsg_multinomial_loss(&labelled, $0) }
        }
    }

    /// Sets the divisor.
    /// - Throws: if a label is no class.
    private func count(_ workers: Workers) throws(FaceSegError) {
        var wrong = 0, labelled = labelled
        let pixels = labelled.outer * labelled.inner
        let counted = workers.withPool { fsg_count_labels(&labelled, &wrong, $0) }
        guard wrong == pixels else {
            throw .network(
                layer: site.name,
                reason: "label \(labelled.labels[wrong]) at position \(wrong) of the batch is not below "
                    + "\(labelled.classes) classes"
                    + (loss.ignored.map { ", nor \(Int($0)), which is ignored" } ?? ""))
        }
        divisor = loss.divisor(counted: counted, positions: pixels, batch: site.x.shape[0])
    }

    private func softmax(_ workers: Workers) {
        var arguments = fsk_softmax(
            x: labelled.scores, y: probabilities.start, outer: labelled.outer, channels: labelled.classes,
            inner: labelled.inner)
        workers.withPool { fsk_softmax_run(&arguments, $0) }
    }

    private func withClassWeights<Result>(_ body: (UnsafePointer<Float>?) -> Result) -> Result {
        classWeights.withUnsafeBufferPointer { body($0.isEmpty ? nil : $0.baseAddress) }
    }

    func backward(_ workers: Workers) {
        if let dx = site.dx { write(dx, factor(1), workers) }
        guard let second = site.inputs[1].gradient?.start else { return }
        if case .euclidean = loss.kind { write(second, factor(-1), workers) }
    }

    private func factor(_ sign: Float) -> Float { sign * (site.y.gradient?.start[0] ?? 0) / divisor }

    private func write(_ dx: UnsafeMutablePointer<Float>, _ factor: Float, _ workers: Workers) {
        var labelled = labelled, targets = targets
        workers.withPool { pool in
            switch loss.kind {
            case .softmax:
                withClassWeights {
                    fsg_softmax_loss_gradient(&labelled, probabilities.start, $0, factor, dx, pool)
                }
            case .dice:
                fsg_dice_loss_gradient(&labelled, probabilities.start, slopes.start, factor, dx, pool)
            case .euclidean: fsg_euclidean_loss_gradient(&targets, factor, dx, pool)
            case .sigmoid: fsg_sigmoid_loss_gradient(&targets, factor, dx, pool)
            case .hinge(let squared): fsg_hinge_loss_gradient(&labelled, squared, factor, dx, pool)
            case .multinomial: fsg_multinomial_loss_gradient(&labelled, factor, dx, pool)
            }
        }
    }
}

extension PassSite {
    /// A row of scores for each label.
    fileprivate var rows: fsg_labelled {
        let rows = x.shape.rank > 0 ? x.shape[0] : 1
        return fsg_labelled(
            scores: x.read, labels: inputs[1].read, outer: rows, classes: x.shape.count / rows, inner: 1,
            ignores: false, ignored: 0)
    }
}

/// The share of pixels whose label is among the highest scores, and that of each class.
/// Source: Caffe `accuracy_layer.cpp`.
struct AccuracyPass: Pass {
    private let site: PassSite, top: Int
    private let labelled: fsg_labelled

    init(_ site: PassSite, top: Int, axis: Int, ignored: Float?) throws(FaceSegError) {
        (self.site, self.top) = (site, top)
        labelled = try FaceSegTraining.labelled(site, axis: axis, ignored: ignored)
        guard labelled.outer * labelled.inner == site.inputs[1].shape.count else {
            throw .shape(
                layer: site.name, expected: "\(labelled.outer * labelled.inner) labels",
                got: "\(site.inputs[1].shape)")
        }
    }

    func forward(_ workers: Workers) {
        var labelled = labelled
        var right = [Int](repeating: 0, count: labelled.classes), all = right
        fsg_accuracy(&labelled, top, &right, &all)
        let counted = all.reduce(0, +)
        site.y.data.start[0] = counted == 0 ? 0 : Float(right.reduce(0, +)) / Float(counted)
        guard site.outputs.count > 1 else { return }
        for c in right.indices {
            site.outputs[1].data.start[c] = all[c] == 0 ? 0 : Float(right[c]) / Float(all[c])
        }
    }

    func backward(_ workers: Workers) {}
}
