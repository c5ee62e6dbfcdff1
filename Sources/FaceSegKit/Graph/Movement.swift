// Movement: layers that only move numbers, or see the same numbers under another shape.

/// Inputs one after the other along `axis`. Source: Caffe `concat_layer.cpp`.
package struct Concat: ShapedOperation {
    package let axis: Int
    var inputCounts: ClosedRange<Int> { 1...Int.max }

    package init(axis: Int) { self.axis = axis }

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let at = try inputs[0].axis(axis, layer: layer)
        var total = 0
        for input in inputs {
            guard input.rank == inputs[0].rank, input.outer(at) == inputs[0].outer(at),
                input.dimensions[(at + 1)...] == inputs[0].dimensions[(at + 1)...]
            else {
                throw .shape(layer: layer, expected: "\(inputs[0]) but for axis \(at)", got: "\(input)")
            }
            total += input[at]
        }
        return [try inputs[0].replacing(at..<at + 1, with: [total], layer: layer)]
    }
}

/// The input cut along `axis`: at `points`, or into equal parts if there are none. Source: `slice_layer.cpp`.
package struct Slice: ShapedOperation {
    package let axis: Int, points: [Int], outputs: Int

    package init(axis: Int, points: [Int], outputs: Int) {
        (self.axis, self.points, self.outputs) = (axis, points, outputs)
    }

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let at = try inputs[0].axis(axis, layer: layer)
        let side = inputs[0][at]
        guard outputs >= 1 else { throw .network(layer: layer, reason: "has no tops") }
        guard points.isEmpty || points.count == outputs - 1 else {
            throw .network(layer: layer, reason: "\(points.count) slice points for \(outputs) outputs")
        }
        guard !points.isEmpty || side % outputs == 0 else {
            throw .shape(layer: layer, expected: "axis \(at) divisible by \(outputs)", got: "\(inputs[0])")
        }
        let cuts = points.isEmpty ? (1..<outputs).map { $0 * (side / outputs) } : points
        let bounds = [0] + cuts + [side]
        var shapes: [Shape] = []
        for (low, high) in zip(bounds, bounds.dropFirst()) {
            guard low < high else {
                throw .shape(
                    layer: layer, expected: "slice points that rise, up to \(side)", got: "\(points)")
            }
            shapes.append(try inputs[0].replacing(at..<at + 1, with: [high - low], layer: layer))
        }
        return shapes
    }
}

/// The part of input 0 that has input 1's size, from `axis` on, beginning at the offsets. Never centred.
///
/// - Offsets: one for each axis from `axis` on, or one for all, or none (0). Source: Caffe `crop_layer.cpp`.
package struct Crop: ShapedOperation {
    package let axis: Int, offsets: [Int]
    var inputCounts: ClosedRange<Int> { 2...2 }

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let start = try begin(inputs, layer: layer)
        var sides = inputs[0].dimensions
        for at in sides.indices {
            let side = at < (try inputs[0].axis(axis, layer: layer)) ? sides[at] : inputs[1][at]
            guard start[at] + side <= sides[at] else {
                throw .shape(
                    layer: layer, expected: "\(start[at] + side) or more along axis \(at)",
                    got: "\(inputs[0])")
            }
            sides[at] = side
        }
        return [try Shape(sides, layer: layer)]
    }

    /// Where the part begins, an index a dimension.
    package func begin(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Int] {
        let first = try inputs[0].axis(axis, layer: layer), rank = inputs[0].rank
        guard inputs[1].rank == rank else {
            throw .shape(layer: layer, expected: "a reference of \(rank) dimensions", got: "\(inputs[1])")
        }
        guard offsets.count <= 1 || offsets.count == rank - first else {
            throw .network(layer: layer, reason: "\(offsets.count) offsets for \(rank - first) axes")
        }
        return (0..<rank).map { at in
            if at < first || offsets.isEmpty { return 0 }
            return offsets.count == 1 ? offsets[0] : offsets[at - first]
        }
    }
}

/// The input repeated along `axis`. Source: Caffe `tile_layer.cpp`.
package struct Tile: ShapedOperation {
    package let axis: Int, tiles: Int

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let at = try inputs[0].axis(axis, layer: layer)
        return [try inputs[0].replacing(at..<at + 1, with: [inputs[0][at] * tiles], layer: layer)]
    }
}

/// Dimensions in another order: output dimension i is input dimension `order[i]`. Source: SSD's fork.
package struct Permute: ShapedOperation {
    package let order: [Int]

    package init(order: [Int]) { self.order = order }

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let full = try fullOrder(inputs[0], layer: layer)
        return [try Shape(full.map { inputs[0][$0] }, layer: layer)]
    }

    /// `order`, then the dimensions that it does not name.
    package func fullOrder(_ input: Shape, layer: String) throws(FaceSegError) -> [Int] {
        guard Set(order).count == order.count, order.allSatisfy({ $0 >= 0 && $0 < input.rank }) else {
            throw .shape(layer: layer, expected: "dimensions of order \(order)", got: "\(input)")
        }
        return order + (0..<input.rank).filter { !order.contains($0) }
    }
}

/// The same numbers under another shape: 0 keeps a side, -1 is worked out. Source: Caffe `reshape_layer.cpp`.
package struct Reshape: ShapedOperation {
    package let sides: [Int], axis: Int, axes: Int

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let input = inputs[0]
        let start = axis >= 0 ? axis : input.rank + axis + 1
        let end = axes == -1 ? input.rank : start + axes
        guard start >= 0, start <= end, end <= input.rank else {
            throw .shape(layer: layer, expected: "axes \(start) to \(end)", got: "\(input)")
        }
        var wanted: [Int] = []
        for (i, side) in sides.enumerated() {
            guard side != 0 || start + i < input.rank else {
                throw .shape(layer: layer, expected: "a dimension \(start + i) to keep", got: "\(input)")
            }
            wanted.append(side == 0 ? input[start + i] : side)
        }
        if let free = wanted.firstIndex(of: -1) {
            wanted[free] = 1
            let known = try Shape(wanted, layer: layer).count
            wanted[free] = input.count(start..<end) / known
        }
        let output = try input.replacing(start..<end, with: wanted, layer: layer)
        guard output.count == input.count else {
            throw .shape(layer: layer, expected: "\(input.count) elements", got: "\(output)")
        }
        return [output]
    }
}

/// Dimensions `axis ... endAxis` as one. Source: Caffe `flatten_layer.cpp`.
package struct Flatten: ShapedOperation {
    package let axis: Int, endAxis: Int

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let start = try inputs[0].axis(axis, layer: layer), end = try inputs[0].axis(endAxis, layer: layer)
        guard start <= end else {
            throw .network(layer: layer, reason: "axis \(axis) comes after end_axis \(endAxis)")
        }
        return [
            try inputs[0].replacing(start..<end + 1, with: [inputs[0].count(start..<end + 1)], layer: layer)
        ]
    }
}
