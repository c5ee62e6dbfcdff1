// Segmenter+Times: what the steps of a run take on this machine, for people who look where the time goes. Of the
// network alone: no photo, and numbers of no meaning go in.

/// Milliseconds, each the median over several runs.
package struct StageTimes: Sendable {
    /// Of the plan's stages: ``PlanSummary/Step/stage`` is a place in it.
    package let stages: [Double]
    /// Of a whole run. The stages' sum is a little less: threads come together first.
    package let run: Double
}

extension Segmenter {
    /// Runs the network once, then `runs` times by the clock.
    ///
    /// - inputShapes: one for each input; nil: what the file declares, and 1 x 3 x 256 x 256 where it says nothing.
    /// - runs: 1 or more.
    /// - Throws: as ``forward(_:blob:)``.
    package func stageTimes(inputShapes: [Shape]? = nil, runs: Int) throws(FaceSegError) -> StageTimes {
        let given = if let inputShapes { inputShapes } else { try model.network.declaredInputs() }
        return try alone { () throws(FaceSegError) in
            forgetPhoto()
            workers.allow()
            let plan = try plan(given, outputs: [model.mainOutput])
            var stages: [[Int]] = [], whole: [Int] = []
            for run in 0...runs {
                for input in plan.inputs { input.fillWithNoise() }
                let clock = StageClock(stages: plan.stageCount), start = now()
                try plan.run(workers, clock: clock)
                guard run > 0 else { continue }
                whole.append(now() - start)
                stages.append(clock.nanoseconds)
            }
            return StageTimes(
                stages: (0..<plan.stageCount).map { stage in milliseconds(stages.map { $0[stage] }) },
                run: milliseconds(whole))
        }
    }
}

/// The median of nanoseconds; of an even number of them the mean of the middle two.
private func milliseconds(_ nanoseconds: [Int]) -> Double {
    let sorted = nanoseconds.sorted(), middle = sorted.count / 2
    return Double(sorted[middle] + sorted[(sorted.count - 1) / 2]) / 2e6
}

extension Tensor {
    /// As a photo's numbers are spread. Kernels take as long for any, but for zeros some have a short way.
    fileprivate func fillWithNoise() {
        for index in 0..<shape.count {
            start[index] = Float(UInt32(truncatingIfNeeded: index) &* 2_654_435_761 >> 24) - 128
        }
    }
}
