// EvaluateText: a set's scores for people, FCN's own lines first.
import FaceSegKit
import FaceSegTraining
import Glibc

func evaluateText(_ result: EvaluatedSet, split: String, _ classNames: [String]) -> String {
    let photos = result.plain.photos == 1 ? "1 photo" : "\(grouped(result.plain.photos)) photos"
    let parts = [
        ["\(result.title), split \(split): \(photos)"], fcnLines(result.plain), [""],
        indented(wholeScores(result.plain)), [""], indented(classTable(result.plain, classNames)), [""],
        indented(confusionTable(result.plain.matrix, classNames)), [""],
        indented(conditionLines(result)), indented(corruptionTable(result)),
    ]
    return parts.flatMap { $0 }.dropLast().joined(separator: "\n") + "\n"
}

private func indented(_ lines: [String]) -> [String] { lines.map { $0.isEmpty ? "" : "  " + $0 } }

/// What the script `score.py` of FCN's repository prints, for programs that look for it.
private func fcnLines(_ score: SetScore) -> [String] {
    let matrix = score.matrix
    let figures = [
        ("loss", score.meanLoss), ("overall accuracy", matrix.pixelAccuracy),
        ("mean accuracy", matrix.meanAccuracy), ("mean IU", matrix.meanIU),
        ("fwavacc", matrix.frequencyWeightedIU),
    ]
    let time = timeOfDay()
    return figures.map { name, figure in ">>> \(time) Iteration 0 \(name) \(figure.map { "\($0)" } ?? "nan")"
    }
}

/// `2026-11-28 14:03:21.123456`, of this place, as Python writes it.
private func timeOfDay() -> String {
    var clock = timeval(), parts = tm(), text = [CChar](repeating: 0, count: 32)
    gettimeofday(&clock, nil)
    localtime_r(&clock.tv_sec, &parts)
    let length = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S", &parts)
    let digits = String(1_000_000 + Int(clock.tv_usec)).dropFirst()
    return String(decoding: text[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self) + "." + digits
}

private func wholeScores(_ score: SetScore) -> [String] {
    var rows = [["pixel accuracy", percent(score.matrix.pixelAccuracy) + " %"]]
    if let accuracy = score.superpixels.accuracy {
        rows.append(["superpixel accuracy", "\(percent(accuracy)) % of \(grouped(score.superpixels.count))"])
    }
    return table(rows)
}

private func classTable(_ score: SetScore, _ classNames: [String]) -> [String] {
    let all = classNames.indices
    let boundaries = BoundaryScore.tolerances.indices.map { k in
        all.map { score.boundaryF1(of: $0, tolerance: k) }
    }
    let columns = [all.map(score.matrix.f1), all.map(score.photoF1)] + boundaries
    let rows = all.map { i in [classNames[i]] + columns.map { percent($0[i]) } }
    return table(
        [["in %", "F1, all pixels", "F1, mean of photos", "boundary F1", "at 2 px", "at 4 px"]] + rows
            + [["mean"] + columns.map { percent(mean($0)) }], numbers: Set(1...columns.count))
}

/// Rows are what is there, columns what was found.
private func confusionTable(_ matrix: ConfusionMatrix, _ classNames: [String]) -> [String] {
    let all = classNames.indices
    var rows = all.map { i in [classNames[i]] + all.map { grouped(matrix[i, $0]) } }
    for i in all {
        let counts = all.map { matrix.excluded[i * matrix.classes + $0] }
        if counts.contains(where: { $0 > 0 }) { rows.append(["not " + classNames[i]] + counts.map(grouped)) }
    }
    return table([["pixels, labelled as"] + classNames] + rows, numbers: Set(1...matrix.classes))
}

private func conditionLines(_ result: EvaluatedSet) -> [String] {
    let rows = [("dark", Condition.dark), ("small", .small)].compactMap { name, condition in
        result.scores[condition].map { score in
            [name, percent(score.matrix.meanF1), percent(result.lost(condition))]
        }
    }
    guard !rows.isEmpty else { return [] }
    let plain = ["as they are", percent(result.plain.matrix.meanF1), ""]
    return table([["photos", "mean F1, %", "points lost"], plain] + rows, numbers: [1, 2]) + [""]
}

private func corruptionTable(_ result: EvaluatedSet) -> [String] {
    let rows = corruptionScores(result).map { name, scores in
        [name] + (scores + [mean(scores)]).map(percent)
    }
    guard !rows.isEmpty else { return [] }
    let head = Corruption.severities.map { "severity \($0)" } + ["mean"]
    return table([["mean F1, %"] + head] + rows, numbers: Set(1...head.count)) + [""]
}

/// Mean F1 of each severity.
func corruptionScores(_ result: EvaluatedSet) -> [(name: String, meanF1: [Double?])] {
    Corruption.allCases.compactMap { corruption in
        let scores = Corruption.severities.compactMap {
            result.scores[.corrupted(corruption, severity: $0)]
        }
        return scores.isEmpty ? nil : (corruption.rawValue, scores.map(\.matrix.meanF1))
    }
}
