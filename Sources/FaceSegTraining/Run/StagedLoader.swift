// StagedLoader: the batches of a run, iteration by iteration, through the stages of its curriculum. Threads and draws are
// SampleLoader's.
import FaceSegKit

/// Batches in order. To be used by one thread.
final class StagedLoader {
    private let data: TrainingData, options: TrainingRunOptions, passes: Int
    private let samples: SampleCache, sources: AugmentationSources
    private var loader: SampleLoader?, stage: Curriculum.Stage?

    /// - passes: of an iteration.
    init(_ data: TrainingData, _ options: TrainingRunOptions, passes: Int) {
        (self.data, self.options, self.passes) = (data, options, passes)
        samples = data.cache(bytes: options.cacheBytes)
        sources = data.sources(samples)
    }

    /// The next batch; the first one goes on at the draw that an undisturbed run would have come to.
    func next(iteration: Int) throws(FaceSegError) -> Batch {
        let stage = data.request.curriculum.stage(at: iteration)
        if stage != self.stage {
            loader?.stop()
            loader = try loader(stage, iteration)
            self.stage = stage
        }
        return try loader!.next()
    }

    func stop() { loader?.stop() }

    private func loader(_ stage: Curriculum.Stage, _ iteration: Int) throws(FaceSegError) -> SampleLoader {
        var loading = LoadingOptions()
        loading.batch = stage.batch
        loading.order = options.order ?? data.order
        loading.broken = options.broken
        loading.seed = data.request.seed
        loading.threads = options.threads
        let recipe = options.recipe(stage, sources)
        return try SampleLoader(
            samples, options: loading,
            firstDraw: data.request.curriculum.draws(before: iteration, passes: passes)
        ) { _ in recipe }
    }
}
