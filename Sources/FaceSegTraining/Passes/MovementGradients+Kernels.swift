// MovementGradients: gradients of layers that only move numbers: each is moved back. Those of which several came from one
// add up. SharedPass: layers that do not even move them.
import FaceSegKit
import Gradients
import Kernels

extension PassSite {
    /// nil if the operation is no movement.
    func movementGradients(_ operation: Operation) throws(FaceSegError) -> [PassStep]? {
        switch operation {
        case .concat(let concat): try concatSteps(concat)
        case .slice(let slice): try sliceSteps(slice)
        case .crop(let crop): try cropSteps(crop)
        case .tile(let tile): try tileSteps(tile)
        case .permute(let permute): try permuteSteps(permute)
        default: nil
        }
    }

    private func step(_ layer: PlaneLayer) -> PassStep { { layer.run($0) } }

    /// The gradient of a blob, or a place for one that nobody asked for.
    private func place(_ blob: TrainedBlob) throws(FaceSegError) -> PlanePlace {
        if let gradient = blob.gradient { return PlanePlace(gradient, blob.shape) }
        return PlanePlace(try zeros(blob.shape.count), blob.shape)
    }

    private func concatSteps(_ concat: Concat) throws(FaceSegError) -> [PassStep] {
        guard y.gradient != nil, inputs.contains(where: { $0.gradient != nil }) else { return [] }
        let axis = try y.shape.axis(concat.axis, layer: name)
        var points: [Int] = [], at = 0
        for input in inputs.dropLast() {
            at += input.shape[axis]
            points.append(at)
        }
        let back = try PlaneLayer(
            name, .slice(Slice(axis: axis, points: points, outputs: inputs.count)), inputs: [place(y)],
            outputs: inputs.map { (input) throws(FaceSegError) in try place(input) })
        return [step(back)]
    }

    private func sliceSteps(_ slice: Slice) throws(FaceSegError) -> [PassStep] {
        guard x.gradient != nil else { return [] }
        let back = try PlaneLayer(
            name, .concat(Concat(axis: slice.axis)),
            inputs: outputs.map { (output) throws(FaceSegError) in try place(output) }, outputs: [place(x)])
        return [step(back)]
    }

    private func permuteSteps(_ permute: Permute) throws(FaceSegError) -> [PassStep] {
        guard x.gradient != nil, y.gradient != nil else { return [] }
        let order = try permute.fullOrder(x.shape, layer: name)
        let inverse = order.indices.map { order.firstIndex(of: $0)! }
        return [
            step(
                try PlaneLayer(
                    name, .permute(Permute(order: inverse)), inputs: [place(y)], outputs: [place(x)]))
        ]
    }

    private func tileSteps(_ tile: Tile) throws(FaceSegError) -> [PassStep] {
        guard let dx, let dy else { return [] }
        let axis = try x.shape.axis(tile.axis, layer: name)
        let outer = x.shape.outer(axis), inner = x.shape.count / outer
        return [{ $0.withPool { fsg_fold_run(dy, dx, outer, tile.tiles, inner, $0) } }]
    }

    /// Zeros, and the part that was kept. The reference has no gradient but zeros.
    private func cropSteps(_ crop: Crop) throws(FaceSegError) -> [PassStep] {
        var steps: [PassStep] = []
        if let reference = inputs[1].gradient {
            let numbers = inputs[1].gradients
            steps.append { _ in withExtendedLifetime(reference) { numbers.update(repeating: 0) } }
        }
        guard let dx, let dy else { return steps }
        let begin = try crop.begin(shapes, layer: name), all = x.gradients
        var arguments = fsk_strided_copy()
        arguments.source = dy
        arguments.destination = dx + zip(begin, x.shape.steps).reduce(0) { $0 + $1.0 * $1.1 }
        arguments.rank = x.shape.rank
        withUnsafeMutableBytes(of: &arguments.extent) { $0.set(y.shape.dimensions) }
        withUnsafeMutableBytes(of: &arguments.source_stride) { $0.set(y.shape.steps) }
        withUnsafeMutableBytes(of: &arguments.destination_stride) { $0.set(x.shape.steps) }
        steps.append { _ in all.update(repeating: 0) }
        steps.append(FaceSegTraining.step(arguments) { fsk_strided_copy_run($0, $1) })
        return steps
    }
}

func zeros(_ count: Int) throws(FaceSegError) -> Buffer {
    let buffer = try Buffer(count: count)
    UnsafeMutableBufferPointer(start: buffer.start, count: count).update(repeating: 0)
    return buffer
}

extension Shape {
    /// Elements from index to index of each dimension.
    fileprivate var steps: [Int] { (0..<rank).map { inner($0) } }
}

extension UnsafeMutableRawBufferPointer {
    /// Sides or steps of a copy.
    func set(_ numbers: [Int]) {
        let places = bindMemory(to: Int.self)
        for (i, number) in numbers.enumerated() { places[i] = number }
    }
}

/// Outputs that are the input's own numbers: Split, Reshape, Flatten, Silence. The gradients of several outputs add up; the
/// plan lets the input have the first one's memory.
struct SharedPass: Pass {
    private let steps: [PassStep]

    init(_ site: PassSite) {
        let gradients = site.outputs.compactMap(\.gradient)
        guard site.inputs.count == 1, let dx = site.x.gradient, let first = gradients.first else {
            steps = []
            return
        }
        precondition(first.start == dx.start, "the plan shares the first gradient")
        let count = site.x.count, others = gradients.dropFirst()
        guard let slope = site.x.reluSlope, let last = others.last else {
            steps = others.map { other in { $0.withPool { fsg_add_run(other.start, dx.start, count, $0) } } }
            return
        }
        let made = site.x.read
        steps =
            others.dropLast().map { other in { $0.withPool { fsg_add_run(other.start, dx.start, count, $0) } }
            }
            + [{ $0.withPool { fsg_add_relu_run(last.start, made, slope, dx.start, count, $0) } }]
    }

    func forward(_ workers: Workers) {}
    func backward(_ workers: Workers) { for step in steps { step(workers) } }
}
