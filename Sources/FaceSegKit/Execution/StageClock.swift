// StageClock: how long the stages of a plan take. A run that is given none costs one comparison a step; what the times
// are good for is Segmenter+Times.
import Glibc

/// Nanoseconds of each stage in one run. A stage that goes by bands has the sum over them.
final class StageClock {
    private(set) var nanoseconds: [Int]
    private var last = 0

    init(stages: Int) { nanoseconds = [Int](repeating: 0, count: stages) }

    func start() { last = now() }

    /// What passed since the last call belongs to `stage`.
    func stop(_ stage: Int) {
        let now = now()
        nanoseconds[stage] += now - last
        last = now
    }
}

/// Nanoseconds on a clock that nobody sets.
func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
