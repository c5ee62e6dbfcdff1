// Scores against FCN's own script (the shared fixtures) and against pictures small enough to count by hand.
import Foundation
import Media
import Testing

@testable import FaceSegKit

private let metrics =
    (ProcessInfo.processInfo.environment["FACESEG_FIXTURES"]
        ?? URL(filePath: #filePath).deletingLastPathComponent().path() + "../../../shared/fixtures")
    + "/training/metrics"

@Suite(
    "FCN's score script",
    .enabled(if: FileManager.default.fileExists(atPath: metrics + ".npz"), "no shared fixtures"))
struct MetricsFixtureTests {
    @Test(arguments: ["face", "voc", "absent_from_both"])
    func scores(name: String) throws {
        let file = try Data(contentsOf: URL(filePath: metrics + ".json"))
        let all = try #require(JSONSerialization.jsonObject(with: file) as? [String: [String: Any]])
        let wanted = try #require(all[name]), arrays = try NumpyArchive.read(path: metrics + ".npz")
        func labels(_ kind: String) throws -> [UInt8] {
            try #require(arrays["\(name)/\(kind)"]).floats.map { UInt8($0) }
        }
        var matrix = ConfusionMatrix(classes: try #require(wanted["classes"] as? Int))
        try matrix.add(truth: labels("label"), labels: labels("prediction"))
        #expect(matrix.counts == (wanted["confusion"] as? [[Int]])?.flatMap { $0 })
        func isEqual(_ score: Double?, _ wanted: Any?) -> Bool {
            guard let score, let wanted = wanted as? Double else {
                return score == nil && wanted is NSNull
            }
            return abs(score - wanted) < 1e-12
        }
        #expect(isEqual(matrix.pixelAccuracy, wanted["pixel_accuracy"]))
        #expect(isEqual(matrix.meanAccuracy, wanted["mean_accuracy"]))
        #expect(isEqual(matrix.meanIU, wanted["mean_iu"]))
        #expect(isEqual(matrix.frequencyWeightedIU, wanted["fw_iu"]))
        let accuracies = try #require(wanted["accuracy"] as? [Any]),
            ius = try #require(wanted["iu"] as? [Any])
        for i in 0..<matrix.classes {
            #expect(isEqual(matrix.accuracy(of: i), accuracies[i]))
            #expect(isEqual(matrix.iu(of: i), ius[i]))
        }
    }
}

private let third = 1.0 / 3, twoThirds = 2.0 / 3, fiveSixths = (1 + twoThirds) / 2

@Suite struct ConfusionMatrixTests {
    /// Truth 0 0 0 1 1 2 and one ignored, found 0 0 1 1 2 2 and 2.
    @Test func byHand() {
        var matrix = ConfusionMatrix(classes: 4)
        matrix.add(truth: [0, 0, 0, 1, 1, 2, 255], labels: [0, 0, 1, 1, 2, 2, 2])
        #expect(matrix.pixelAccuracy == 4.0 / 6)
        #expect((0..<4).map(matrix.f1) == [0.8, 0.5, twoThirds, nil])
        #expect((0..<4).map(matrix.iu) == [twoThirds, third, 0.5, nil])
        #expect((0..<4).map(matrix.accuracy) == [twoThirds, 0.5, 1, nil])
        let meanF1 = (0.8 + 0.5 + 2.0 / 3) / 3, weightedIU = (2.0 + 2.0 / 3 + 0.5) / 6
        #expect(abs(matrix.meanF1! - meanF1) < 1e-15)
        #expect(abs(matrix.frequencyWeightedIU! - weightedIU) < 1e-15)
    }

    /// Two hair pixels, one found; four of which one is known not to be hair: one of them is called hair.
    @Test func notHairCountsForHairAlone() {
        var matrix = ConfusionMatrix(classes: 3)
        matrix.add(truth: [2, 2, 130, 130, 130, 130], labels: [2, 0, 2, 0, 1, 1])
        #expect((0..<3).map(matrix.f1) == [nil, nil, 0.5], "2 * 1 / (2 + 1 + 1)")
        #expect((0..<3).map(matrix.iu) == [nil, nil, third])
        #expect(matrix.pixelAccuracy == 4.0 / 6)
        #expect(matrix.meanIU == 1.0 / 3)
        #expect(matrix.judgedPixels == 6)
        #expect(matrix.counts.reduce(0, +) == 2)
    }

    @Test func nothingIsKnown() {
        var matrix = ConfusionMatrix(classes: 3)
        matrix.add(truth: [255, 3, 127, 192, 131], labels: [0, 1, 2, 2, 2])
        #expect(matrix == ConfusionMatrix(classes: 3))
        for score in [
            matrix.pixelAccuracy, matrix.meanAccuracy, matrix.meanIU, matrix.meanF1,
            matrix.frequencyWeightedIU,
        ] { #expect(score == nil) }
    }

    @Test func sumsAreOfAllPixels() {
        var first = ConfusionMatrix(classes: 3), second = first, both = first
        first.add(truth: [0, 1, 130], labels: [1, 1, 2])
        second.add(truth: [2, 1], labels: [2, 0])
        both.add(truth: [0, 1, 130, 2, 1], labels: [1, 1, 2, 2, 0])
        first += second
        #expect(first == both)
    }
}

@Suite struct BoundaryScoreTests {
    /// 20 x 10: class 1 right of a column.
    private func edge(at column: Int) -> [UInt8] { (0..<200).map { $0 % 20 >= column ? 1 : 0 } }

    private func f1(_ truth: [UInt8], _ labels: [UInt8], pixels: Double) -> [Double?] {
        BoundaryScore(width: 20, height: 10, tolerances: [.pixels(pixels)])
            .f1(truth: truth, labels: labels, classes: 2)[0]
    }

    @Test func anEdgeIsRightWithinTheTolerance() {
        #expect(f1(edge(at: 8), edge(at: 8), pixels: 0) == [1, 1])
        #expect(f1(edge(at: 8), edge(at: 10), pixels: 2) == [1, 1])
        #expect(f1(edge(at: 8), edge(at: 10), pixels: 1.99) == [0, 0])
    }

    /// The true edge is at 8; found in rows 0 to 4 at 8, in the others at 14: half of each lie on the other,
    /// and the step between them adds pixels 8 to 13 of row 5 to class 0 and of row 4 to class 1.
    @Test func halfAnEdge() {
        let found = (0..<200).map { UInt8($0 % 20 >= ($0 < 100 ? 8 : 14) ? 1 : 0) }
        let scores = f1(edge(at: 8), found, pixels: 0)
        // Class 1 is found on column 8 in rows 0 to 4, on 9 to 13 in row 4, and on 14 in rows 5 to 9: 5 of
        // 15.
        let precision = 5.0 / 15, recall = 5.0 / 10
        let f1 = 2 * precision * recall / (precision + recall)
        #expect(abs(scores[1]! - f1) < 1e-15)
    }

    @Test func whereNothingIsToBeFound() {
        let none = [UInt8](repeating: 0, count: 200)
        #expect(f1(none, none, pixels: 2) == [nil, nil])
        #expect(f1(none, edge(at: 8), pixels: 2) == [0, 0])
        #expect(f1(edge(at: 8), none, pixels: 2) == [0, 0])
    }

    /// What was found on unknown pixels is neither right nor wrong.
    @Test func unknownPixels() {
        let truth = (0..<200).map { $0 % 20 > 11 ? 255 : edge(at: 8)[$0] }
        let found = (0..<200).map { UInt8((8..<15).contains($0 % 20) ? 1 : 0) }
        #expect(f1(truth, found, pixels: 0) == [1, 1])
    }

    /// Between two unknown rows nothing is on an edge.
    @Test func neighboursOfUnknownPixels() {
        let truth = (0..<200).map { [3, 5].contains($0 / 20) ? 255 : edge(at: 8)[$0] }
        let found = (0..<200).map { (80..<100).contains($0) ? edge(at: 12)[$0] : edge(at: 8)[$0] }
        #expect(f1(truth, found, pixels: 0) == [1, 1])
    }

    /// Of a set that knows class 1 and not class 1.
    @Test func notOfAClass() {
        let truth = edge(at: 8).map { $0 == 1 ? 1 : UInt8(129) }
        #expect(f1(truth, edge(at: 9), pixels: 1) == [nil, 1])
    }

    @Test func toleranceIsAShareOfTheDiagonal() {
        let score = BoundaryScore(width: 300, height: 400)  // 3.75 pixels
        func edge(at column: Int) -> [UInt8] { (0..<120_000).map { $0 % 300 >= column ? 1 : 0 } }
        func f1(_ found: Int) -> [[Double?]] {
            score.f1(truth: edge(at: 100), labels: edge(at: found), classes: 2)
        }
        #expect(f1(102) == [[1, 1], [1, 1], [1, 1]])
        #expect(f1(103) == [[1, 1], [0, 0], [1, 1]])
        #expect(f1(104) == [[0, 0], [0, 0], [1, 1]])
    }
}

@Suite struct SegmentationScoreTests {
    /// Superpixel 5 is of class 1 and found so, 6 of class 2 and found 0, 7 a tie of 0 and 1, which counts as
    /// 0, as it was found, 8 unknown.
    @Test func superpixelsVote() {
        let score = SuperpixelScore(
            truth: [1, 1, 0, 2, 2, 2, 0, 1, 255], labels: [1, 0, 1, 2, 0, 0, 0, 0, 0],
            superpixels: [5, 5, 5, 6, 6, 6, 7, 7, 8], classes: 3)
        #expect((score.right, score.count) == (2, 3))
        #expect(score.accuracy == 2.0 / 3)
        #expect(SuperpixelScore().accuracy == nil)
    }

    private func photo(_ truth: [UInt8], _ labels: [UInt8]) -> PhotoScore {
        PhotoScore(
            width: 2, height: 1, truth: truth, labels: labels,
            probabilities: [[0.5, 0.25], [0.5, 0.5], [0, 0.25]], superpixels: nil)
    }

    /// The first photo's F1 are 1, undefined, 1; the second's 2 / 3, undefined, 0.
    @Test func pooledAndOfEachPhoto() {
        var score = SetScore(classes: 3)
        score.add(photo([0, 2], [0, 2]))
        score.add(photo([0, 2], [0, 0]))
        #expect(score.photos == 2)
        #expect((0..<3).map(score.photoF1) == [fiveSixths, nil, 0.5])
        #expect((0..<3).map(score.matrix.f1) == [0.8, nil, twoThirds])
        var twice = score
        twice += score
        #expect(twice.photoF1(of: 0) == score.photoF1(of: 0) && twice.matrix.judgedPixels == 8)
    }

    @Test func lossIsOfTrueClasses() {
        // -ln FLT_MIN is the most that a pixel costs in Caffe.
        for (truth, loss) in [([0, 2], log(8)), ([255, 129], log(2)), ([2, 255], 87.336_544_75)] {
            #expect(abs(photo(truth.map { UInt8($0) }, [0, 0]).loss - loss) < 1e-6)
        }
    }
}
