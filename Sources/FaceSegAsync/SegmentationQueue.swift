// SegmentationQueue: segmenting for async callers, on a thread of its own. In a module of its own too: with it in
// FaceSegKit, Swift's concurrency runtime and Dispatch came into libfaceseg.so (12.4 to 13.3 MB), and libfaceseg.a
// no longer linked without them.
import FaceSegKit

/// Photos in line for one segmenter, which runs them on a thread of its own: nobody's executor is blocked meanwhile.
///
///     let queue = try await SegmentationQueue(Model.builtIn())
///     let labels = try await queue.segment(rgb, width: width, height: height)
///     print("face pixels:", labels.pixels.count { $0 == 1 })
///
/// Any number of tasks may call it; they are served one after the other, in the order in which they came. Cancelling a
/// task ends its run with `FaceSegError.cancelled`; one that still waits ends when its turn comes, without a run. For
/// several photos at a time make several queues of one model, with `threads: 1` each.
///
/// The thread ends once the queue is let go and its last job is done.
public actor SegmentationQueue {
    let thread: OwnedThread
    /// Made on the queue's own thread, since that may read a large file.
    private var segmenter: Segmenter!

    /// The queue's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.executor.asUnownedSerialExecutor()
    }

    /// Starts the thread and makes the segmenter on it, which reads the model's weights if no other did before.
    ///
    /// - Parameters:
    ///   - model: May be shared with other queues and segmenters.
    ///   - threads: 1 to 1024, that a run uses; nil: one a processor. Results do not depend on it.
    ///   - precision: How exactly it computes.
    ///   - refinement: How probabilities come to the photo's size.
    ///   - steady: Whether photos are frames of one video, as of `Segmenter`.
    ///   - memoryLimit: Bytes of scratch memory that a run may take; nil: any. Large photos run by bands of rows then.
    /// - Throws: Errors of `Segmenter`, and `FaceSegError.memory` if no thread can be had.
    public init(
        _ model: Model, threads: Int? = nil, precision: Precision = .exact,
        refinement: Refinement = .guided, steady: Bool = false, memoryLimit: Int? = nil
    ) async throws(FaceSegError) {
        thread = try OwnedThread()
        // From here on it is the queue's own thread that runs this.
        segmenter = try Segmenter(
            model, threads: threads, precision: precision, refinement: refinement, steady: steady,
            memoryLimit: memoryLimit)
    }

    /// The labels of a photo.
    ///
    /// - Parameters:
    ///   - pixels: The photo, row after row.
    ///   - width: Pixels a row, 1 to 16384.
    ///   - height: Rows, 1 to 16384.
    ///   - rowBytes: From row to row, at least `width` times the bytes of a pixel; nil: just as many.
    ///   - format: The order of a pixel's channels.
    ///   - region: A part of the photo; outside it all is background. nil: the whole photo.
    ///   - orientation: How far the photo must be turned clockwise to be upright. Labels are not turned.
    /// - Returns: Labels from 0, as wide and high as the photo.
    /// - Throws: `FaceSegError.cancelled` if the task was cancelled, else errors of `Segmenter.run`.
    public func segment(
        _ pixels: [UInt8], width: Int, height: Int, rowBytes: Int? = nil, format: PixelFormat = .rgb,
        region: Region? = nil, orientation: Orientation = .up
    ) async throws(FaceSegError) -> Plane<UInt8> {
        try await perform { (segmenter) throws(FaceSegError) in
            try segmenter.segment(
                pixels.span, width: width, height: height, rowBytes: rowBytes, format: format, region: region,
                orientation: orientation)
        }
    }

    /// Runs a job with the queue's segmenter on its thread, for several results of a photo or anything else.
    ///
    ///     let queue = try await SegmentationQueue(Model.builtIn())
    ///     let (labels, head) = try await queue.perform { segmenter in
    ///         try segmenter.run(rgb.span, width: width, height: height)
    ///         return (try segmenter.labels(), try segmenter.alpha(of: .head))
    ///     }
    ///     print(labels.width == head.width)
    ///
    /// - Parameter job: Called once. If the task is cancelled, before or meanwhile, the segmenter's runs and results in
    ///   it throw `FaceSegError.cancelled`.
    /// - Returns: What `job` returns.
    /// - Throws: What `job` throws.
    public func perform<Value: Sendable, Failure: Error>(
        _ job: @Sendable (Segmenter) throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let cancellation = segmenter.cancellation
        segmenter.beginJob()
        defer { segmenter.endJob() }
        return try await withTaskCancellationHandler {
            outcome(of: job)
        } onCancel: {
            cancellation.cancel()
        }.get()
    }

    private func outcome<Value, Failure>(
        of job: (Segmenter) throws(Failure) -> Value
    ) -> Result<Value, Failure> {
        do throws(Failure) { return .success(try job(segmenter)) } catch { return .failure(error) }
    }
}
