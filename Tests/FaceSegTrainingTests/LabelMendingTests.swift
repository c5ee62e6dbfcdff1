// LabelMending: rules on drawn probabilities, and masks that a set is read with.
import Testing

@testable import FaceSegTraining

@Suite struct LabelMendingTests {
    /// 40 x 10: one person labelled at the left, whom and another at the right the network sees.
    @Test func peopleWhomNobodyLabelled() {
        let width = 40, height = 10
        var labels = [UInt8](repeating: 0, count: width * height),
            background = [Float](repeating: 1, count: 400)
        for y in 3..<7 {
            for x in 4..<8 { labels[y * width + x] = 1 }
            for x in [3, 8, 30, 31, 32] { background[y * width + x] = 0.4 }
        }
        background[0] = 0.6
        let mending = LabelMending(
            probabilities: [background, background.map { 1 - $0 }, [Float](repeating: 0, count: 400)])
        let sample = Sample(
            name: "a", width: width, height: height, pixels: [UInt8](repeating: 0, count: 1200),
            labels: labels)
        let mended = mending.labels(of: sample, labelsOnePerson: true)
        for pixel in labels.indices {
            let (x, y) = (pixel % width, pixel / width)
            let isOther = (3..<7).contains(y) && (30..<33).contains(x)
            // Beside the labelled person the set knows better, and so it does where nobody is seen.
            #expect(mended[pixel] == (isOther ? 255 : labels[pixel]), "column \(x), row \(y)")
        }
        #expect(mending.labels(of: sample, labelsOnePerson: false) == labels)
    }

    /// Six pixels are near: 0.06 of 100.
    @Test func nearIsAShareOfTheLongerSide() {
        let count = 100
        var labels = [UInt8](repeating: 0, count: count)
        labels[50] = 2
        let sample = Sample(
            name: "a", width: 1, height: count, pixels: [UInt8](repeating: 0, count: 3 * count),
            labels: labels)
        let nobody = [Float](repeating: 0, count: count)
        let mended = LabelMending(probabilities: [nobody, nobody, nobody.map { _ in 1 }])
            .labels(of: sample, labelsOnePerson: true)
        #expect(mended.indices.filter { mended[$0] == 0 } == Array(44..<50) + Array(51..<57))
        #expect(mended.count { $0 == 255 } == count - 13)
    }

    @Test func classesThatASetDoesNotKnow() {
        let not = Sample.not(2)
        let sample = Sample(
            name: "a", width: 5, height: 1, pixels: [UInt8](repeating: 0, count: 15),
            labels: [not, not, not, not, 2])
        let mending = LabelMending(probabilities: [
            [0.95, 0.03, 0.5, 0.02, 0.95], [0.03, 0.95, 0.5, 0.02, 0.03], [0.02, 0.02, 0, 0.96, 0.02],
        ])
        // The set knows hair: neither is it made where the set has none, nor taken away.
        #expect(mending.labels(of: sample, labelsOnePerson: false) == [0, 1, not, not, 2])
        var strict = mending
        strict.certain = 0.99
        #expect(strict.labels(of: sample, labelsOnePerson: true) == sample.labels)
    }

    @Test func masksInAFolder() throws {
        let folder = DataFolder()
        for set in ["figaro1k-hair", "lfw-part-labels"] {
            for name in ["a", "b"] {
                try folder.png([0, 2, 2, 0], "sets/\(set)/masks/all/\(name).png")
                try folder.png([5, 6, 7, 8], "sets/\(set)/images/all/\(name).png")
            }
            try folder.makeFolder("sets/\(set)/images/train")
        }
        try folder.png([1, 2, 2, Sample.not(2)], "mended/figaro1k-hair/b.png")
        let sets = try folder.sets("sets", split: "all").map { $0.mended(from: folder.path + "/mended") }
        #expect(
            try sets.map { set in try set.photos.map { try $0.sample().labels } } == [
                [[130, 2, 2, 130], [1, 2, 2, 130]], [[0, 2, 2, 0], [0, 2, 2, 0]],
            ])
        // A photo of which parts are still unknown is no head for mosaics.
        #expect(sets[0].photos.map(\.labels.isWhole) == [false, false])
        #expect(sets.map { $0.photos.allSatisfy(\.canBeMended) } == [true, true])
        #expect(sets.map { $0.photos.map(\.labelsOnePerson) } == [[false, false], [true, true]])
        var request = DataRequest(split: "all", isRandom: true)
        request.shares = ["figaro1k-hair": 1]
        let error = #expect(throws: (any Error).self) {
            try TrainingData(request, folder: folder.path + "/sets", mended: folder.path + "/sets")
        }
        #expect("\(error!)".contains("has no mask for any photo"))
    }
}
