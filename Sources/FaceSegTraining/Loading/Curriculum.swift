// Curriculum: how large training's pictures are, how many are in a pass and how much is done to them, from one iteration
// on to the next stage. Small pictures come first, where they teach as much in less time.
import FaceSegKit

/// Stages in the order of their iterations; the first begins at 0.
package struct Curriculum: Sendable, Equatable {
    package struct Stage: Sendable, Equatable {
        package var firstIteration = 0
        /// Of augmented pictures; nil: not said.
        package var side: Int?
        /// Samples a pass.
        package var batch = 1
        /// Of augmentation, one of ``Recipe/strengths``.
        package var strength: Float = 1
    }

    package private(set) var stages: [Stage]

    /// One stage for all iterations.
    package init(batch: Int = 1) { stages = [Stage(batch: batch)] }

    /// - rows: `(first iteration, side, batch)` or `(first iteration, side, batch, strength)` each.
    /// - Throws: ``FaceSegError`` that says which row is wrong.
    package init(rows: [[Double]]) throws(FaceSegError) {
        stages = []
        for row in rows {
            func failure(_ what: String) -> FaceSegError {
                .argument("sizes: stage \(stages.count + 1) \(what)")
            }
            guard row.count == 3 || row.count == 4, row.prefix(3).allSatisfy({ $0 == $0.rounded() }) else {
                throw failure(
                    "is no (first iteration, side, batch) or (first iteration, side, batch, strength)")
            }
            guard stages.isEmpty ? row[0] == 0 : row[0] >= Double(stages.last!.firstIteration), row[0] < 1e9
            else {
                throw failure(
                    "begins at iteration \(row[0]); the first begins at 0, none before the one before it"
                )
            }
            guard (32...4096).contains(row[1]), (1...4096).contains(row[2]) else {
                throw failure("has side \(row[1]), batch \(row[2]); sides are 32 to 4096, batches 1 to 4096")
            }
            let strength = row.count == 4 ? Float(row[3]) : 1
            guard Recipe.strengths.contains(strength) else {
                throw failure("has strength \(strength), which is not \(Recipe.strengths)")
            }
            stages.append(
                Stage(
                    firstIteration: Int(row[0]), side: Int(row[1]), batch: Int(row[2]), strength: strength))
        }
        guard !stages.isEmpty else { throw .argument("sizes has no stage") }
    }

    /// The same batch in all stages.
    package mutating func set(batch: Int) {
        for i in stages.indices { stages[i].batch = batch }
    }

    package func stage(at iteration: Int) -> Stage { stages.last { $0.firstIteration <= iteration }! }

    /// Samples of all passes before an iteration.
    ///
    /// - passes: of an iteration.
    package func draws(before iteration: Int, passes: Int) -> Int {
        var draws = 0
        for (i, stage) in stages.enumerated() where stage.firstIteration < iteration {
            let end = i + 1 < stages.count ? min(stages[i + 1].firstIteration, iteration) : iteration
            draws += (end - stage.firstIteration) * passes * stage.batch
        }
        return draws
    }
}
