// Segmenter+Forward: a network as Caffe runs it: numbers in, numbers out. No photo, no mean, no scale.

/// Numbers in rows, planes and so on, as Caffe's blobs; it owns them.
///
///     let zeros = try Blob([Float](repeating: 0, count: 3 * 64 * 64), shape: [1, 3, 64, 64])
///     print(zeros.shape)
public struct Blob: Sendable, Equatable {
    /// `shape.count` of them, the last dimension contiguous.
    public let numbers: [Float]
    /// Sides, outermost first.
    public let shape: Shape

    /// Numbers of a shape.
    ///
    /// - Parameters:
    ///   - numbers: As many as `shape` says, the last dimension contiguous.
    ///   - shape: Sides, outermost first, each 1 or more.
    /// - Throws: ``FaceSegError/argument(_:)`` if there are more or fewer numbers than the shape says.
    public init(_ numbers: [Float], shape: [Int]) throws(FaceSegError) {
        let shape = try Shape(shape)
        try check(numbers.count, shape)
        (self.numbers, self.shape) = (numbers, shape)
    }

    init(_ tensor: Tensor) {
        numbers = Array(UnsafeBufferPointer(start: tensor.start, count: tensor.shape.count))
        shape = tensor.shape
    }
}

extension Segmenter {
    /// Forward pass of the network, as Caffe runs it: nothing is subtracted or scaled.
    ///
    ///     let input = try Blob([Float](repeating: 0, count: 3 * 64 * 64), shape: [1, 3, 64, 64])
    ///     let score = try segmenter.forward([input])
    ///     print(score.shape, score.numbers.max()!)
    ///
    /// - Parameters:
    ///   - inputs: One for each input of the network, in its order, of any shape that it takes.
    ///   - blob: Name of the blob that is wanted; nil: the main output, which no layer takes.
    /// - Returns: A copy of the blob.
    /// - Throws: ``FaceSegError/argument(_:)`` for an unknown blob or another number of inputs,
    ///   ``FaceSegError/shape(layer:expected:got:)`` naming the layer that does not take what it is given,
    ///   ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func forward(_ inputs: [Blob], blob: String? = nil) throws(FaceSegError) -> Blob {
        let output = try forward(shapes: inputs.map(\.shape), blob: blob) { index, start in
            inputs[index].numbers.withUnsafeBufferPointer { copy($0, to: start) }
        }
        return Blob(output)
    }

    /// The same over memory of the caller's, and without a copy of the output.
    ///
    /// - Parameters:
    ///   - inputs: Numbers and their shape for each input of the network, in its order.
    ///   - blob: Name of the blob that is wanted; nil: the main output.
    ///   - body: Is given the blob's numbers and shape, which are valid until it returns.
    /// - Returns: What `body` returns.
    /// - Throws: As ``forward(_:blob:)``, and ``FaceSegError/argument(_:)`` for shapes that do not fit the numbers.
    public func forward<Result>(
        _ inputs: [(numbers: UnsafeBufferPointer<Float>, shape: [Int])], blob: String? = nil,
        _ body: (UnsafeBufferPointer<Float>, Shape) -> Result
    ) throws(FaceSegError) -> Result {
        var shapes: [Shape] = []
        for input in inputs {
            let shape = try Shape(input.shape)
            try check(input.numbers.count, shape)
            shapes.append(shape)
        }
        let output = try forward(shapes: shapes, blob: blob) { index, start in
            copy(inputs[index].numbers, to: start)
        }
        return body(UnsafeBufferPointer(start: output.read, count: output.shape.count), output.shape)
    }

    /// - fill: puts the numbers of the input of this index into its place.
    /// - Returns: memory of the plan, valid until the next run.
    private func forward(
        shapes: [Shape], blob: String?, fill: (_ index: Int, _ start: UnsafeMutablePointer<Float>) -> Void
    ) throws(FaceSegError) -> Tensor {
        try alone { () throws(FaceSegError) in
            forgetPhoto()
            workers.allow()
            let plan = try plan(shapes, outputs: [model.network.wanted(blob)])
            for (index, tensor) in plan.inputs.enumerated() { fill(index, tensor.start) }
            try plan.run(workers)
            return plan.outputs[0]
        }
    }
}

private func check(_ count: Int, _ shape: Shape) throws(FaceSegError) {
    guard shape.count == count else { throw .argument("\(count) numbers for an input of \(shape)") }
}

private func copy(_ numbers: UnsafeBufferPointer<Float>, to start: UnsafeMutablePointer<Float>) {
    start.update(from: numbers.baseAddress!, count: numbers.count)
}

extension Network {
    /// The value of a blob's name, or the main output.
    fileprivate func wanted(_ blob: String?) throws(FaceSegError) -> Int {
        guard let blob else { return mainOutput }
        guard let value = value(named: blob) else {
            throw .argument("no blob \"\(blob)\" in the network; `faceseg info` lists them")
        }
        return value
    }
}
