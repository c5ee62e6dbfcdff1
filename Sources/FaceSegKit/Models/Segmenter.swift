// Segmenter: a model with scratch memory, one thread at a time. What it does is in its extensions: photos by pointer
// (+Photos) and by span (+Spans), and networks as Caffe runs them (+Forward).

/// Runs a model on photos.
///
///     let segmenter = try Segmenter(Model.builtIn())
///     let labels = try segmenter.segment(rgb.span, width: width, height: height)
///     print("face pixels:", labels.pixels.count { $0 == 1 })
///
/// A segmenter belongs to one thread at a time, and results stay in it until the next run. Its ``cancellation`` alone
/// may be used from others. It computes in the calling thread and in those of an OpenMP runtime (``Runtime``) or, where
/// there is none, some that begin and end with each call; so it blocks its caller, and `SegmentationQueue` of
/// FaceSegAsync is for callers that must not be.
public final class Segmenter {
    /// What it runs.
    public let model: Model
    package let workers: Workers
    private let precision: Precision
    package let refinement: Refinement
    let crowds: CrowdSearch, isSteady: Bool
    private let memoryLimit: Int?
    /// The maps of classes.
    let output: Int
    private var keptFinder: Segmenter?
    private var plans: [CachedPlan] = []
    var result: PhotoResult?
    var lastPhotoStage: PhotoStage?
    var lastResultStage: ResultStage?
    var lastGuidedStage: GuidedStage?
    let guidedScratch = GuidedScratch()
    /// Of looks at parts of photos.
    let lookMemory = PhotoMemory()
    var lastRows: Buffer?
    var steadyStage: SteadyStage?
    /// Of a photo that was lent for its run alone, and of a frame that was.
    var photoCopy: Buffer?, frameCopy: Buffer?
    /// The last frame, as long as no result has asked for its pixels.
    var unreadFrame: FrameView?
    private var isBusy = false

    private struct CachedPlan {
        let shapes: [Shape], outputs: [Int], plan: Plan
    }

    /// Plans that are kept: photos often come in two sizes, upright and wide.
    private static let mostPlans = 2, mostCrowdPlans = 4

    /// Makes a model ready. The first of a model's segmenters reads its weights.
    ///
    ///     let one = try Segmenter(model, threads: 1, memoryLimit: 200_000_000)
    ///     print(one.model.info.classNames)
    ///
    /// - Parameters:
    ///   - model: May be shared with other segmenters.
    ///   - threads: 1 to 1024; nil: one a processor. Results do not depend on it.
    ///   - precision: How exactly it computes.
    ///   - refinement: How probabilities come to the photo's size.
    ///   - crowds: Whether small heads are looked for one by one.
    ///   - steady: Whether photos are frames of one video: uncertain pixels then follow the frames before, along the
    ///     picture's motion, so that masks do not flicker. The first frame is as without. Crowds that are `automatic`
    ///     are off then, and second looks at heads are each frame's own.
    ///   - memoryLimit: Bytes of scratch memory that a run may take; nil: any. Where a run would take more, layers run
    ///     by bands of rows, with the same results; a run throws ``FaceSegError/memory(needed:reason:)`` where no bands
    ///     fit, with the least that the size takes (``ModelMemory/leastScratch``).
    /// - Throws: ``FaceSegError/argument(_:)`` for other numbers of threads; errors of reading the weights.
    public convenience init(
        _ model: Model, threads: Int? = nil, precision: Precision = .exact,
        refinement: Refinement = .guided, crowds: CrowdSearch = .automatic, steady: Bool = false,
        memoryLimit: Int? = nil
    ) throws(FaceSegError) {
        try self.init(
            model, threads: threads, precision: precision, refinement: refinement, crowds: crowds,
            steady: steady,
            memoryLimit: memoryLimit, hostParallelFor: nil, hostContext: nil)
    }

    /// - hostParallelFor: the host's own threads instead of OpenMP's; nil: OpenMP's.
    package init(
        _ model: Model, threads: Int?, precision: Precision, refinement: Refinement, crowds: CrowdSearch,
        steady: Bool, memoryLimit: Int?,
        hostParallelFor: HostParallelFor?,
        hostContext: UnsafeMutableRawPointer?
    ) throws(FaceSegError) {
        let threads = try Workers.checked(threads: threads)
        self.model = model
        self.precision = precision
        self.refinement = refinement
        self.crowds = steady && crowds == .automatic ? .off : crowds
        isSteady = steady
        self.memoryLimit = memoryLimit
        output = model.mainOutput
        workers = Workers(threads: threads, hostParallelFor: hostParallelFor, context: hostContext)
        try model.prepare(workers, precision)
    }

    /// Of a model that finds heads, on the same threads: small maps are enough for it.
    private init(_ model: Model, like other: Segmenter) throws(FaceSegError) {
        self.model = model
        output = model.network.unenlargedOutput
        (precision, refinement, crowds) = (other.precision, other.refinement, other.crowds)
        isSteady = false
        (memoryLimit, workers) = (other.memoryLimit, other.workers)
        try model.prepare(workers, precision)
    }

    /// Which one finds heads: that of the model's own network for it, or this one.
    func finder() throws(FaceSegError) -> Segmenter {
        if let keptFinder { return keptFinder }
        guard let finder = try model.finder() else { return self }
        let made = try Segmenter(finder, like: self)
        keptFinder = made
        return made
    }

    /// Makes a run that is under way end with ``FaceSegError/cancelled``, from any thread.
    ///
    ///     let cancellation = segmenter.cancellation
    ///     let watchdog = Task.detached {
    ///         try await Task.sleep(for: .seconds(5))
    ///         cancellation.cancel()
    ///     }
    ///     try segmenter.run(rgb.span, width: width, height: height)
    ///     watchdog.cancel()
    public var cancellation: Cancellation { workers.cancellation }

    /// Begins a job: until its end, a cancel stops also a run or result that has not begun. Outside a job each of them
    /// begins anew.
    package func beginJob() {
        workers.allow()
        workers.keepsCancel = true
    }

    package func endJob() { workers.keepsCancel = false }

    /// For all that computes: a run from within another one's progress function or parallel-for would replace what that
    /// one works on.
    func alone<Result>(_ body: () throws(FaceSegError) -> Result) throws(FaceSegError) -> Result {
        guard !isBusy else {
            throw .argument(
                "the session is busy: a progress function or a parallel-for cannot run it again; open another"
            )
        }
        isBusy = true
        defer { isBusy = false }
        return try body()
    }

    /// A plan for these inputs and outputs, kept for the next time.
    func plan(_ shapes: [Shape], outputs: [Int]) throws(FaceSegError) -> Plan {
        if let known = plans.firstIndex(where: { $0.shapes == shapes && $0.outputs == outputs }) {
            plans.append(plans.remove(at: known))
            return plans[plans.count - 1].plan
        }
        // The oldest goes before the new one comes, so that both are never held.
        if plans.count >= (crowds == .off ? Segmenter.mostPlans : Segmenter.mostCrowdPlans) {
            plans.removeFirst()
        }
        let network = model.network
        do throws(FaceSegError) {
            let plan = try Plan(
                network.fused(for: outputs, constants: try model.store.constants(of: network)), of: network,
                inputShapes: shapes, store: model.store, workers: workers, precision: precision,
                .limit(memoryLimit))
            plans.append(CachedPlan(shapes: shapes, outputs: outputs, plan: plan))
            return plan
        } catch {
            throw network.blaming(shapes, for: error)
        }
    }
}

extension Network {
    /// A network that takes the sizes it declares does not contradict itself: weights that do not fit are then an error
    /// of what it was given.
    fileprivate func blaming(_ given: [Shape], for error: FaceSegError) -> FaceSegError {
        guard case .network(let layer, _) = error, let declared = try? declaredInputs(), declared != given,
            (try? shapesForDeclaredInputs()) != nil
        else { return error }
        return .shape(
            layer: layer, expected: "an input of the network like \(Network.list(declared))",
            got: Network.list(given))
    }

    private static func list(_ shapes: [Shape]) -> String {
        shapes.map { "\($0)" }.joined(separator: " and ")
    }
}
