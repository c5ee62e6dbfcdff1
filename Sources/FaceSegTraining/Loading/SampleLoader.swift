// SampleLoader: draws, decodes and augments samples in threads of its own, beside the training step. What it
// gives depends on the seed and the number of the draw alone.
import FaceSegKit

/// How samples are drawn and made.
package struct LoadingOptions: Sendable {
    package enum BrokenSamples: Sendable {
        /// Another is drawn, in order the next; ``Batch/skipped`` says so.
        case skipped
        /// ``SampleLoader/next()`` throws.
        case fatal
    }

    /// Samples in a batch.
    package var batch = 1
    package var order = DrawOrder.withReplacement
    package var broken = BrokenSamples.skipped
    package var seed: UInt64 = 1
    /// 1 to 64. Batches do not depend on it.
    package var threads = 1
    /// Batches that are made before they are asked for.
    package var ahead = 2

    package init() {}

    fileprivate func check() throws(FaceSegError) {
        for (name, number, most) in [
            ("batch", batch, 65_536), ("threads", threads, 64), ("ahead", ahead, 64),
        ]
        where !(1...most).contains(number) {
            throw .argument("\(name) \(number) is not from 1 to \(most)")
        }
    }
}

/// Batches, in order. To be used by one thread; it stops when it is let go.
package final class SampleLoader {
    private let options: LoadingOptions
    private let progress: Monitor<LoadingProgress>
    private var threads: [WorkerThread] = []
    private var failure: FaceSegError?

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - firstDraw: Where to go on; what comes is what would have come without the break.
    ///   - recipe: What is done to the sample of a draw, so that sizes may grow in training. Called from
    ///     several threads at a time.
    /// - Throws: ``FaceSegError`` when an option is out of range, or there is no sample or no thread.
    package init(
        _ samples: SampleCache, options: LoadingOptions, firstDraw: Int = 0,
        recipe: @escaping @Sendable (_ draw: Int) -> Recipe
    ) throws(FaceSegError) {
        try options.check()
        guard samples.count > 0 else { throw .argument("the data set has no sample") }
        guard firstDraw >= 0 else { throw .argument("draw \(firstDraw) is below 0") }
        self.options = options
        progress = Monitor(LoadingProgress(firstDraw: firstDraw, ahead: options.batch * options.ahead))
        let draws = SampleDraws(samples: samples, order: options.order, seed: options.seed, recipe: recipe)
        let maker = SampleMaker(draws: draws, options: options), progress = progress
        do throws(FaceSegError) {
            for _ in 0..<options.threads {
                threads.append(try WorkerThread { SampleLoader.work(maker, progress) })
            }
        } catch {
            stop()
            throw error
        }
    }

    deinit { stop() }

    /// The next batch; waits until it is made.
    ///
    /// - Throws: What is wrong with a sample that is not to be skipped, or with all that were tried. The
    ///   loader ends with it, and every later call throws the same.
    package func next() throws(FaceSegError) -> Batch {
        if let failure { throw failure }
        do {
            return try collect()
        } catch {
            failure = error
            stop()
            throw error
        }
    }

    /// Ends the threads, after the samples that they are at.
    package func stop() {
        progress.withLock { $0.isStopped = true }
        for thread in threads { thread.join() }
        threads = []
        failure = failure ?? .cancelled
    }

    private func collect() throws(FaceSegError) -> Batch {
        let first = progress.withLock { $0.given }
        var batch = Batch(firstDraw: first)
        for draw in first..<first + options.batch {
            try batch.append(progress.wait { $0.made.removeValue(forKey: draw) }.get())
        }
        progress.withLock { $0.given += options.batch }
        return batch
    }

    /// What each thread does.
    private static func work(_ maker: SampleMaker, _ progress: Monitor<LoadingProgress>) {
        while let draw = progress.wait(for: { $0.begin() }) {
            let made = maker.make(draw)
            progress.withLock { $0.made[draw] = made }
        }
    }
}

/// What is made and what is asked for.
private struct LoadingProgress {
    /// The first draw that is not in a batch yet, and the first that no thread has begun.
    var given: Int, begun: Int
    let ahead: Int
    var made: [Int: Result<MadeSample, FaceSegError>] = [:]
    var isStopped = false

    init(firstDraw: Int, ahead: Int) { (given, begun, self.ahead) = (firstDraw, firstDraw, ahead) }

    /// The next draw to make; nil: wait; nil within: the end.
    mutating func begin() -> Int?? {
        if isStopped { return .some(nil) }
        guard begun < given + ahead else { return nil }
        defer { begun += 1 }
        return begun
    }
}

/// Makes the sample of a draw as networks take it.
private struct SampleMaker: Sendable {
    let draws: SampleDraws, options: LoadingOptions

    /// Broken samples one after the other, after which it is the whole set that is broken.
    private static let mostTries = 32

    func make(_ draw: Int) -> Result<MadeSample, FaceSegError> {
        var skipped: [FaceSegError] = []
        while true {
            do throws(FaceSegError) {
                let sample = try draws.sample(draw, tries: skipped.count)
                return .success(MadeSample(sample: sample, skipped: skipped))
            } catch {
                if options.broken == .fatal { return .failure(error) }
                skipped.append(error)
                if skipped.count == Self.mostTries { return .failure(error) }
            }
        }
    }
}
