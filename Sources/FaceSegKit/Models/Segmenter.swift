// Segmenter: a model with scratch memory: runs it on photos, or on numbers as Caffe does. One thread at a time;
// photos are in Segmenter+Photos.

/// Runs a model. Belongs to one thread at a time; ``cancel()`` alone may come from another.
public final class Segmenter {
    public let model: Model
    let workers: Workers
    private let memoryLimit: Int?
    private var plans: [CachedPlan] = []
    var result: PhotoResult?
    var lastPhotoStage: PhotoStage?
    var lastResultStage: ResultStage?

    private struct CachedPlan {
        let shapes: [Shape], outputs: [Int], plan: Plan
    }

    /// Plans that are kept: photos often come in two sizes, upright and wide.
    private static let mostPlans = 2

    /// - threads: 1 to 1024; nil: one a processor.
    /// - memoryLimit: bytes of scratch memory; nil: any.
    /// - hostParallelFor: the host's own threads instead of OpenMP's.
    /// - Throws: errors of reading the weights.
    public init(
        _ model: Model, threads: Int? = nil, memoryLimit: Int? = nil, hostParallelFor: HostParallelFor? = nil,
        hostContext: UnsafeMutableRawPointer? = nil
    ) throws(FaceSegError) {
        guard threads.map((1...1024).contains) ?? true else {
            throw .argument("threads \(threads ?? 0) is not between 1 and 1024")
        }
        self.model = model
        self.memoryLimit = memoryLimit
        workers = Workers(threads: threads, hostParallelFor: hostParallelFor, context: hostContext)
        try model.prepare()
    }

    /// Makes a run that is under way in another thread end with ``FaceSegError/cancelled``.
    public func cancel() { workers.cancel() }

    /// A plan for these inputs and outputs, kept for the next time.
    func plan(_ shapes: [Shape], outputs: [Int]) throws(FaceSegError) -> Plan {
        if let known = plans.firstIndex(where: { $0.shapes == shapes && $0.outputs == outputs }) {
            plans.append(plans.remove(at: known))
            return plans[plans.count - 1].plan
        }
        // The oldest goes before the new one comes, so that both are never held.
        if plans.count >= Segmenter.mostPlans { plans.removeFirst() }
        let network = model.network
        let plan = try Plan(
            network.fused(for: outputs), of: network, inputShapes: shapes, store: model.store,
            workers: workers,
            memoryLimit: memoryLimit)
        plans.append(CachedPlan(shapes: shapes, outputs: outputs, plan: plan))
        return plan
    }

    /// Forward pass of the network, as Caffe runs it: no mean, no scale.
    ///
    /// - inputs: numbers and their shape for each input of the network, in its order.
    /// - blob: name of the blob that is wanted; nil: the main output, which no layer takes.
    /// - body: is given the blob's numbers and shape, which are valid until it returns.
    /// - Throws: ``FaceSegError/argument(_:)`` for an unknown blob or shapes that do not fit the numbers.
    public func forward<Result>(
        _ inputs: [(numbers: UnsafeBufferPointer<Float>, shape: [Int])], blob: String? = nil,
        _ body: (UnsafeBufferPointer<Float>, Shape) -> Result
    ) throws(FaceSegError) -> Result {
        result = nil
        let network = model.network
        let output = try network.wanted(blob)
        var shapes: [Shape] = []
        for input in inputs {
            let shape = try Shape(input.shape)
            guard shape.count == input.numbers.count else {
                throw .argument("\(input.numbers.count) numbers for an input of \(shape)")
            }
            shapes.append(shape)
        }
        let plan = try plan(shapes, outputs: [output])
        for (tensor, input) in zip(plan.inputs, inputs) {
            tensor.start.update(from: input.numbers.baseAddress!, count: input.numbers.count)
        }
        workers.allow()
        try plan.run(workers)
        let result = plan.outputs[0]
        return body(UnsafeBufferPointer(start: result.read, count: result.shape.count), result.shape)
    }
}

extension Network {
    /// The value of a blob's name, or the first output.
    fileprivate func wanted(_ blob: String?) throws(FaceSegError) -> Int {
        guard let blob else { return mainOutput }
        guard let value = value(named: blob) else {
            throw .argument("no blob \"\(blob)\" in the network; `faceseg info` lists them")
        }
        return value
    }
}
