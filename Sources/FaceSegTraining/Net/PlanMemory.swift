// PlanMemory: memory for the values of a plan: shared where a layer works in place or hands its input on, and, in blocks,
// with frames for all that read beyond the picture.
import FaceSegKit

struct PlanMemory {
    private(set) var blobs: [TrainedBlob] = []
    private let net: TrainingNet, arrangement: TrainingArrangement
    private let shapes: [Shape], reach: GradientReach

    init(
        _ net: TrainingNet, _ arrangement: TrainingArrangement, _ shapes: [Shape], _ reach: GradientReach
    ) throws(FaceSegError) {
        (self.net, self.arrangement, self.shapes, self.reach) = (net, arrangement, shapes, reach)
        let boxes = framed()
        let gradients = try self.gradients(boxes)
        var data: [Int: Buffer] = [:]
        for node in arrangement.nodes {
            for output in node.outputs where arrangement.shares(node, net) {
                data[output] = data[node.inputs[0]]
            }
            for output in node.outputs where data[output] == nil { data[output] = try memory(output, boxes) }
        }
        blobs = arrangement.values.indices.map { index in
            let value = arrangement.values[index]
            return TrainedBlob(
                name: net.blobNames[value.blob], shape: shapes[value.blob], layout: value.layout,
                box: boxes[index], data: data[index]!, gradient: gradients[index],
                reluSlope: arrangement.reluSlope(index, net, reach))
        }
    }

    /// From the end: a gradient is wanted from the layer that takes its value to the one that makes it, and then its
    /// memory goes to others. A layer that shares gives its input the memory of its output's gradient. Those of values
    /// that nothing takes, the losses' among them, are set from outside and stay.
    private func gradients(_ boxes: [Box?]) throws(FaceSegError) -> [Int: Buffer] {
        var gradients: [Int: Buffer] = [:], free: [Place: [Buffer]] = [:],
            holders: [ObjectIdentifier: Int] = [:]
        func hold(_ value: Int, _ buffer: Buffer) {
            gradients[value] = buffer
            holders[ObjectIdentifier(buffer), default: 0] += 1
        }
        func hasNone(_ value: Int) -> Bool {
            gradients[value] == nil && reach.hasGradient(arrangement.values[value].blob)
        }
        for node in arrangement.nodes.reversed() {
            for output in node.outputs where hasNone(output) {
                let buffer = try memory(output, boxes)
                hold(output, buffer)
                holders[ObjectIdentifier(buffer)]! += 1  // whoever sets it
            }
            let shared = node.outputs.lazy.compactMap { gradients[$0] }.first
            for input in arrangement.sharers(node, net) where hasNone(input) {
                if let shared { hold(input, shared) }
            }
            for input in node.inputs where hasNone(input) {
                if let buffer = free[place(input, boxes)]?.popLast() {
                    hold(input, buffer)
                } else {
                    hold(input, try memory(input, boxes))
                }
            }
            for output in node.outputs {
                guard let buffer = gradients[output] else { continue }
                holders[ObjectIdentifier(buffer)]! -= 1
                guard holders[ObjectIdentifier(buffer)] == 0 else { continue }
                free[place(output, boxes), default: []].append(buffer)
            }
        }
        return gradients
    }

    /// What memory is laid out by: where two agree, frames and missing channels do.
    private struct Place: Hashable {
        let shape: [Int], blockWidth: Int, box: [Range<Int>]
    }

    private func place(_ value: Int, _ boxes: [Box?]) -> Place {
        let width = if case .blocks(let width) = arrangement.values[value].layout { width } else { 0 }
        return Place(
            shape: shapes[arrangement.values[value].blob].dimensions, blockWidth: width,
            box: boxes[value].map { [$0.rows, $0.columns] } ?? [])
    }

    private func memory(_ value: Int, _ boxes: [Box?]) throws(FaceSegError) -> Buffer {
        let (shape, layout) = (shapes[arrangement.values[value].blob], arrangement.values[value].layout)
        guard case .blocks(let width) = layout, let box = boxes[value] else {
            return try Buffer(count: shape.count)
        }
        // Frames and missing channels are zeros, and nothing writes to them.
        return try zeros(shape[0] * ((shape[1] + width - 1) / width) * width * box.area)
    }

    /// The pixels that the memory of each value in blocks holds; of those whose memory is gone over at once, the same.
    private func framed() -> [Box?] {
        var boxes: [Box?] = arrangement.values.map { $0.layout.isBlocked ? Box(shapes[$0.blob]) : nil }
        var classes = Classes(count: boxes.count)
        func need(_ value: Int, _ box: Box) { boxes[value] = boxes[value].map { $0.union(box) } }
        for node in arrangement.nodes {
            guard let layer = node.layer.map({ net.layers[$0] }), boxes[node.outputs.first ?? 0] != nil else {
                continue
            }
            if net.isFlat(node) {
                for value in node.inputs + node.outputs { classes.join(node.inputs[0], value) }
            }
            guard let (window, isTransposed) = layer.window else { continue }
            let (input, output) = (node.inputs[0], node.outputs[0])
            let (large, small) = isTransposed ? (output, input) : (input, output)
            let (largeShape, smallShape) = (shape(large), shape(small))
            need(large, window.slides(over: smallShape))
            need(small, window.spreads(to: largeShape))
        }
        for value in boxes.indices {
            guard let box = boxes[value] else { continue }
            let root = classes.root(value)
            boxes[root] = boxes[root].map { $0.union(box) } ?? box
        }
        return boxes.indices.map { boxes[$0] == nil ? nil : boxes[classes.root($0)] }
    }

    private func shape(_ value: Int) -> Shape { shapes[arrangement.values[value].blob] }
}

extension TrainingNet {
    /// Whether a layer goes over memory without asking where in the picture a number is.
    fileprivate func isFlat(_ node: PlanNode) -> Bool {
        guard let layer = node.layer.map({ layers[$0] }) else { return false }
        return switch layer.operation {
        case .dropout: true
        case .compute(let operation): operation.isFlat
        default: false
        }
    }
}

extension TrainedLayer {
    /// Of a product.
    fileprivate var window: (Window, isTransposed: Bool)? {
        switch operation {
        case .compute(.convolution(let o)): (o.window, false)
        case .compute(.deconvolution(let o)): (o.window, true)
        default: nil
        }
    }
}

extension Window {
    /// Pixels of the large picture that windows for all of the small one read.
    fileprivate func slides(over small: Shape) -> Box {
        let all = Box(small)
        return Box(rows: all.rows.read(by: vertical), columns: all.columns.read(by: horizontal))
    }

    /// Pixels of the small picture that all of the large one is made from.
    fileprivate func spreads(to large: Shape) -> Box {
        var box: Box?
        for (vertical, horizontal) in phases {
            let rows = vertical.count(of: large[2], stride: self.vertical.stride)
            let columns = horizontal.count(of: large[3], stride: self.horizontal.stride)
            guard rows > 0, columns > 0, vertical.taps > 0, horizontal.taps > 0 else { continue }
            let read = Box(rows: vertical.reads(0..<rows), columns: horizontal.reads(0..<columns))
            box = box?.union(read) ?? read
        }
        return box ?? Box(rows: 0..<0, columns: 0..<0)
    }
}
