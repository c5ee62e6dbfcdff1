// EvaluateCSV: a row of scores for each photo, as RFC 4180 has it but for ends of lines. Undefined scores are
// empty.
import FaceSegKit
import FaceSegTraining

func evaluateCSV(_ results: [EvaluatedSet], _ classNames: [String]) -> String {
    let head =
        ["set", "photo", "width", "height", "judged_pixels", "loss", "pixel_accuracy", "mean_f1"]
        + classNames.map { "f1_" + $0 } + classNames.map { "boundary_f1_" + $0 }
        + ["superpixels", "superpixels_right"]
    let rows = results.flatMap { result in result.photos.map { row(result.title, $0) } }
    return ([head] + rows).map { $0.map(csvField).joined(separator: ",") + "\n" }.joined()
}

private func row(_ set: String, _ photo: EvaluatedPhoto) -> [String] {
    let score = photo.score, matrix = score.matrix
    let counts = [photo.width, photo.height, matrix.judgedPixels].map(String.init)
    let scores =
        [score.loss, matrix.pixelAccuracy, matrix.meanF1] + (0..<matrix.classes).map(matrix.f1)
        + score.boundaryF1[0]
    let superpixels = score.superpixels.map { [String($0.count), String($0.right)] } ?? ["", ""]
    return [set, photo.name] + counts + scores.map { $0.map { "\($0)" } ?? "" } + superpixels
}
