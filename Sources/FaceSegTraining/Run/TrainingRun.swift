// TrainingRun: a solver with its data from the first iteration to the last: batches, validations, snapshots, events.
import FaceSegKit
import Media

#if canImport(Glibc)
    import Glibc
#endif

package struct TrainingRunOptions: Sendable {
    /// Of the data; nil: as the nets say.
    package var folder: String?
    /// Masks that take the place of the training set's: ``DataSet/mended(from:)``.
    package var mended: String?
    package var threads = 2
    package var precision = Precision.exact
    /// Samples a pass; nil: as the data layer says.
    package var batch: Int?
    package var order: DrawOrder?
    package var broken = LoadingOptions.BrokenSamples.skipped
    package var cacheBytes = 1 << 30
    /// What is done to a draw of training, and to a photo of validation.
    package var recipe: @Sendable (Curriculum.Stage, AugmentationSources) -> Recipe = { _, _ in Recipe([]) }
    package var validationRecipe: @Sendable (Curriculum.Stage) -> Recipe = { _ in Recipe([]) }
    /// Files whose weights are taken over, by layer name.
    package var weights: [String] = []
    /// Whether layers of other sizes are left alone, or reshaped and grown: see ``TrainingNet/transplant(path:)``.
    package var transplants = false
    /// A `.solverstate` to go on from.
    package var snapshot: String?
    /// Snapshots of this run that stay, the latest ones; the best has a file of its own.
    package var keptSnapshots = 3
    package var snapshotPrefix: String?
    package var iterations: Int?
    package var seed: UInt64?
    /// Photos of a validation.
    package var mostPhotos: Int?

    package init() {}
}

/// Trains. One thread at a time.
package final class TrainingRun {
    package let solver: Solver
    package let data: TrainingData
    /// What became of the weights that it began with.
    package private(set) var surgery: [SurgeryReport] = []
    private let options: TrainingRunOptions, files: SolverFiles
    private let workers: Workers
    private let validation: Validation?
    private var snapshots: [String] = [], best = -1.0
    private let started = TrainingRun.now()

    package init(_ files: SolverFiles, _ options: TrainingRunOptions) throws(FaceSegError) {
        (self.files, self.options) = (files, options)
        workers = Workers(threads: options.threads)
        let seed = options.seed ?? files.settings.seed
        var request = try DataRequest(
            of: files.train, state: files.trainState, replacing: options.folder != nil)
        request.seed = seed ?? request.seed
        if let batch = options.batch { request.curriculum.set(batch: batch) }
        data = try TrainingData(request, folder: options.folder, mended: options.mended)
        let side = 64  // any: weights do not depend on it
        let net = try TrainingNet(
            files.train, state: files.trainState,
            shapes: [
                request.data: Shape([1, 3, side, side]),
                request.label: Shape([1, 1, side, side]),
            ], seed: seed ?? 1)
        solver = try Solver(net, files.settings, workers: workers, precision: options.precision)
        for path in files.settings.weights + options.weights {
            if options.transplants {
                surgery.append(try net.transplant(path: path))
            } else {
                try net.copyWeights(path: path)
            }
        }
        try net.fillDeconvolutions()
        if let snapshot = options.snapshot { try solver.restore(path: snapshot) }
        validation = try TrainingRun.validation(files, net, options, workers, request.curriculum.stages.last!)
    }

    private static func validation(
        _ files: SolverFiles, _ net: TrainingNet, _ options: TrainingRunOptions, _ workers: Workers,
        _ stage: Curriculum.Stage
    ) throws(FaceSegError) -> Validation? {
        guard let message = files.validation, files.settings.testInterval > 0 else { return nil }
        let request = try DataRequest(
            of: message, state: files.validationState, replacing: options.folder != nil)
        return try Validation(
            files, sharing: net, TrainingData(request, folder: options.folder), workers: workers,
            precision: options.precision, recipe: options.validationRecipe(stage),
            mostPhotos: options.mostPhotos ?? files.settings.testIterations.first ?? .max)
    }

    /// Names of the classes, for those who show scores.
    package var classNames: [String] {
        let count = validation?.classes ?? 0
        return count == 3 ? ["background", "face", "hair"] : (0..<count).map { "class \($0)" }
    }

    /// The net's own name.
    package var name: String { files.train.string("name") ?? "" }

    /// Samples as the net would be given them, with their labels drawn over.
    package static func preview(
        _ files: SolverFiles, _ options: TrainingRunOptions, count: Int
    ) throws(FaceSegError) -> Photo {
        var request = try DataRequest(
            of: files.train, state: files.trainState, replacing: options.folder != nil)
        request.seed = options.seed ?? files.settings.seed ?? request.seed
        let data = try TrainingData(request, folder: options.folder, mended: options.mended)
        let last = request.curriculum.stages.last!
        let cache = data.cache(bytes: options.cacheBytes)
        let recipe = options.recipe(last, data.sources(cache))
        let draws = SampleDraws(
            samples: cache, order: options.order ?? data.order, seed: request.seed
        ) { _ in recipe }
        var samples: [Sample] = []
        for draw in 0..<count { samples.append(try draws.sample(draw)) }
        return contactSheet(of: samples)
    }

    package var iterations: Int { options.iterations ?? solver.settings.mostIterations }
    package var snapshotPrefix: String { options.snapshotPrefix ?? solver.settings.snapshotPrefix }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private var seconds: Double { TrainingRun.now() - started }

    /// Runs to the last iteration, or until it is stopped; either way it ends with a snapshot, if the solver asks for
    /// any.
    ///
    /// - isStopped: asked between two iterations.
    package func run(
        isStopped: () -> Bool = { false }, see: (TrainingEvent) throws(FaceSegError) -> Void
    ) throws(FaceSegError) {
        let loader = StagedLoader(data, options, passes: solver.settings.iterationSize)
        defer { loader.stop() }
        if solver.settings.testsAtStart, solver.iteration == 0 { try validate(isStopped, see) }
        while solver.iteration < iterations, !isStopped() {
            try iterate(loader, see)
            if isDue(solver.settings.testInterval) { try validate(isStopped, see) }
            if isDue(solver.settings.snapshotInterval) { try snapshot(see) }
        }
        let isLast = solver.iteration >= iterations
        if isLast ? solver.settings.snapshotsAtEnd : true, !isDue(solver.settings.snapshotInterval) {
            try snapshot(see)
        }
    }

    private func isDue(_ interval: Int) -> Bool { interval > 0 && solver.iteration % interval == 0 }

    private func iterate(
        _ loader: StagedLoader, _ see: (TrainingEvent) throws(FaceSegError) -> Void
    ) throws(FaceSegError) {
        let iteration = solver.iteration
        var skipped: [FaceSegError] = []
        let done = try solver.step { (_) throws(FaceSegError) in
            let batch = try loader.next(iteration: iteration)
            skipped += batch.skipped
            return try batch.blobs(data.request)
        }
        for error in skipped { try see(.skipped(error)) }
        let outputs = (solver.plan?.outputs ?? []).filter { $0.blob.shape.count <= 64 }.map {
            (name: $0.blob.name, values: Array($0.blob.numbers), lossWeight: $0.lossWeight)
        }
        try see(
            .iteration(
                IterationReport(
                    iteration: iteration, loss: solver.smoothedLoss, rate: done.rate, outputs: outputs,
                    seconds: seconds,
                    images: data.request.curriculum.draws(
                        before: iteration + 1, passes: solver.settings.iterationSize))))
    }

    private func validate(
        _ isStopped: () -> Bool, _ see: (TrainingEvent) throws(FaceSegError) -> Void
    ) throws(FaceSegError) {
        guard let validation else { return }
        let report = try solver.withAverages { () throws(FaceSegError) in
            try validation.run(iteration: solver.iteration, seconds: seconds, isStopped: isStopped)
        }
        guard let report else { return }
        try see(.validation(report))
        let score = report.matrix.meanF1 ?? 0
        guard score > best, !snapshotPrefix.isEmpty else { return }
        best = score
        guard solver.iteration > 0 else { return }
        try solver.withAverages { () throws(FaceSegError) in
            try solver.net.write(path: snapshotPrefix + "_best.caffemodel")
        }
    }

    /// Writes one, and removes those of this run that are too many.
    private func snapshot(_ see: (TrainingEvent) throws(FaceSegError) -> Void) throws(FaceSegError) {
        guard !snapshotPrefix.isEmpty else { return }
        let path = try solver.snapshot(prefix: snapshotPrefix)
        try see(.snapshot(path))
        snapshots.removeAll { $0 == path }
        snapshots.append(path)
        while snapshots.count > max(options.keptSnapshots, 1) {
            let old = snapshots.removeFirst()
            unlink(old)
            for ending in [".caffemodel", ".average.caffemodel", SnapshotSums.ending] {
                unlink(old.replacingSuffix(".solverstate", with: ending))
            }
        }
    }
}
