// VideoTimes: how long the parts of a frame's way take. Threads work at once, so that their sum is more than what a
// frame takes.
import Synchronization

enum VideoStage: String, CaseIterable {
    case decode, segment, draw, encode, show
}

/// Sums of seconds, by any threads.
final class VideoTimes: Sendable {
    private let seconds = Mutex([VideoStage: Double]())

    func measure<Result>(_ stage: VideoStage, _ body: () throws -> Result) rethrows -> Result {
        let start = now()
        defer { add(now() - start, to: stage) }
        return try body()
    }

    func add(_ time: Double, to stage: VideoStage) {
        seconds.withLock { $0[stage, default: 0] += time }
    }

    func clear() { seconds.withLock { $0 = [:] } }

    /// Of each stage that was measured, divided by a number of frames.
    func milliseconds(frames: Int) -> [(stage: VideoStage, time: Double)] {
        seconds.withLock { seconds in
            VideoStage.allCases.compactMap { stage in
                seconds[stage].map { (stage, 1000 * $0 / Double(max(frames, 1))) }
            }
        }
    }
}
