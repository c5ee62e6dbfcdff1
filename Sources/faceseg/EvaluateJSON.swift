// EvaluateJSON: all scores for programs. docs/evaluate.md says what the keys mean.
import FaceSegKit
import FaceSegTraining

/// - head: texts that say what was judged.
func evaluateJSON(_ head: [(String, String)], _ evaluator: Evaluator) -> JSON {
    let names = evaluator.classNames
    return .object(
        head.map { ($0, JSON.text($1)) } + [
            ("classes", .list(names.map(JSON.text))),
            ("sets", .list(evaluator.results.map { object($0, names) })),
            ("all", evaluator.together.first.map { object($0, names) } ?? .null),
            (
                "failures",
                .list(
                    evaluator.failures.map {
                        .object([("photo", .text($0.photo)), ("error", .text($0.message))])
                    })
            ),
        ])
}

private func object(_ result: EvaluatedSet, _ names: [String]) -> JSON {
    let score = result.plain, matrix = score.matrix
    return .object([
        ("name", .text(result.title)), ("photos", .integer(score.photos)), ("loss", number(score.meanLoss)),
        ("pixel_accuracy", number(matrix.pixelAccuracy)), ("mean_accuracy", number(matrix.meanAccuracy)),
        ("mean_iu", number(matrix.meanIU)), ("frequency_weighted_iu", number(matrix.frequencyWeightedIU)),
        ("mean_f1", number(matrix.meanF1)), ("superpixels", .integer(score.superpixels.count)),
        ("superpixel_accuracy", number(score.superpixels.accuracy)),
        ("classes", .list(names.indices.map { classObject(names[$0], $0, score) })),
        ("confusion", rows(matrix.counts, matrix.classes)),
        ("excluded", rows(matrix.excluded, matrix.classes)), ("dark", condition(.dark, result)),
        ("small", condition(.small, result)),
        (
            "corruptions",
            .list(
                corruptionScores(result).map { name, scores in
                    .object([("name", .text(name)), ("mean_f1", .list(scores.map(number)))])
                })
        ),
    ])
}

private func classObject(_ name: String, _ i: Int, _ score: SetScore) -> JSON {
    .object([
        ("name", .text(name)), ("pixels", .integer(score.matrix.truePixels(of: i))),
        ("accuracy", number(score.matrix.accuracy(of: i))), ("iu", number(score.matrix.iu(of: i))),
        ("f1", number(score.matrix.f1(of: i))), ("photo_f1", number(score.photoF1(of: i))),
        ("boundary_f1", number(score.boundaryF1(of: i))),
        ("boundary_f1_2px", number(score.boundaryF1(of: i, tolerance: 1))),
        ("boundary_f1_4px", number(score.boundaryF1(of: i, tolerance: 2))),
    ])
}

private func condition(_ condition: Condition, _ result: EvaluatedSet) -> JSON {
    guard let score = result.scores[condition] else { return .null }
    return .object([
        ("pixel_accuracy", number(score.matrix.pixelAccuracy)), ("mean_f1", number(score.matrix.meanF1)),
        ("lost", number(result.lost(condition))),
    ])
}

private func rows(_ counts: [Int], _ classes: Int) -> JSON {
    .list((0..<classes).map { i in .list((0..<classes).map { .integer(counts[i * classes + $0]) }) })
}

private func number(_ score: Double?) -> JSON { score.map(JSON.number) ?? .null }
