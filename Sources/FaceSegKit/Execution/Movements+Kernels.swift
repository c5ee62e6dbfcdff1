// Movements: steps that only copy: every one is a strided copy of a box.
import Kernels

extension StepMaker {
    func concat(_ concat: Concat) throws(FaceSegError) -> [any Step] {
        let axis = try y.shape.axis(concat.axis, layer: layer.name)
        var at = 0
        return inputs.map { input in
            defer { at += input.shape[axis] * y.shape.inner(axis) }
            return rows(
                from: input.read, step: input.shape[axis] * input.shape.inner(axis), to: y.start + at,
                step: y.shape[axis] * y.shape.inner(axis), count: y.shape.outer(axis),
                length: input.shape[axis] * input.shape.inner(axis))
        }
    }

    func slice(_ slice: Slice) throws(FaceSegError) -> [any Step] {
        let axis = try x.shape.axis(slice.axis, layer: layer.name)
        var at = 0
        return outputs.map { output in
            let length = output.shape[axis] * output.shape.inner(axis)
            defer { at += length }
            return rows(
                from: x.read + at, step: x.shape[axis] * x.shape.inner(axis), to: output.start, step: length,
                count: x.shape.outer(axis), length: length)
        }
    }

    func crop(_ crop: Crop) throws(FaceSegError) -> any Step {
        // The output has the second input's rank and sides.
        var begin = try crop.begin([x.shape, y.shape], layer: layer.name)
        let strides = x.strides
        var extent = y.shape.dimensions, to = y.start
        if let rows = y.rows {
            begin[2] += rows.computed.lowerBound
            (extent[2], to) = (rows.computed.count, y.fromComputed)
        }
        if let rows = x.rows { begin[2] -= rows.held.lowerBound }
        let offset = zip(begin, strides).reduce(0) { $0 + $1.0 * $1.1 }
        return copy(extent: extent, from: x.read + offset, strides, to: to, y.strides)
    }

    func tile(_ tile: Tile) throws(FaceSegError) -> any Step {
        let axis = try x.shape.axis(tile.axis, layer: layer.name)
        let length = x.shape[axis] * x.shape.inner(axis)
        return copy(
            extent: [x.shape.outer(axis), tile.tiles, length], from: x.read, [length, 0, 1], to: y.start,
            [length * tile.tiles, length, 1])
    }

    func permute(_ permute: Permute) throws(FaceSegError) -> any Step {
        let order = try permute.fullOrder(x.shape, layer: layer.name)
        let strides = StepMaker.strides(x.shape)
        return copy(
            extent: y.shape.dimensions, from: x.read, order.map { strides[$0] }, to: y.start,
            StepMaker.strides(y.shape))
    }

    private func rows(
        from: UnsafePointer<Float>, step: Int, to: UnsafeMutablePointer<Float>, step toStep: Int, count: Int,
        length: Int
    ) -> any Step {
        copy(extent: [count, length], from: from, [step, 1], to: to, [toStep, 1])
    }

    private func copy(
        extent: [Int], from: UnsafePointer<Float>, _ fromStrides: [Int], to: UnsafeMutablePointer<Float>,
        _ toStrides: [Int]
    ) -> any Step {
        StepMaker.copy(extent: extent, from: from, fromStrides, to: to, toStrides)
    }

    private static func copy(
        extent: [Int], from: UnsafePointer<Float>, _ fromStrides: [Int], to: UnsafeMutablePointer<Float>,
        _ toStrides: [Int]
    ) -> any Step {
        var arguments = fsk_strided_copy()
        arguments.source = from
        arguments.destination = to
        arguments.rank = extent.count
        withUnsafeMutableBytes(of: &arguments.extent) { $0.bindMemory(to: Int.self).fill(extent) }
        withUnsafeMutableBytes(of: &arguments.source_stride) { $0.bindMemory(to: Int.self).fill(fromStrides) }
        withUnsafeMutableBytes(of: &arguments.destination_stride) {
            $0.bindMemory(to: Int.self).fill(toStrides)
        }
        return KernelStep(arguments, fsk_strided_copy_run)
    }

    /// Rows of a band between memory that holds these alone and memory that holds more.
    static func rows(_ rows: Range<Int>, from: Tensor, to: Tensor) -> any Step {
        func place(_ tensor: Tensor) -> UnsafeMutablePointer<Float> {
            tensor.start + (rows.lowerBound - tensor.held.lowerBound) * tensor.shape[3]
        }
        let extent = [to.shape[0] * to.shape[1], rows.count * to.shape[3]]
        return copy(
            extent: extent, from: UnsafePointer(place(from)), [from.planeStep, 1], to: place(to),
            [to.planeStep, 1])
    }

    /// Elements from index to index in each dimension.
    private static func strides(_ shape: Shape) -> [Int] { (0..<shape.rank).map { shape.inner($0) } }
}

extension Tensor {
    /// Elements from index to index in each dimension.
    fileprivate var strides: [Int] {
        var strides = (0..<shape.rank).map { shape.inner($0) }
        if rows != nil { (strides[0], strides[1]) = (shape[1] * planeStep, planeStep) }
        return strides
    }
}

extension UnsafeMutableBufferPointer<Int> {
    fileprivate func fill(_ numbers: [Int]) {
        for (i, number) in numbers.enumerated() { self[i] = number }
    }
}
