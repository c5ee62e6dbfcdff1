// Several pictures in one: what comes from where, and its labels.
import FaceSegKit
import Testing

@testable import FaceSegTraining

@Suite struct PastingTests {
    let scene: SampleDraw = { _ throws(FaceSegError) in
        Sample(name: "scene", width: 30, height: 20, color: Color(10, 20, 30))
    }

    @Test func exchangedBackgrounds() throws {
        let head = Sample.head(), seen = try head.after(ExchangedBackground(scene))
        #expect(seen.labels == head.labels && seen.name == "head")
        #expect(seen.color(0, 0) == [10, 20, 30] && seen.color(23, 12) == [10, 20, 30])
        #expect(seen.color(12, 12) == [200, 200, 200] && seen.color(9, 7) == [200, 200, 200])
    }

    @Test(arguments: [Sample.ignored, Sample.not(2)])
    func unknownBackgroundsStay(label: UInt8) throws {
        var head = Sample.head()
        head.labels[0] = label
        #expect(try head.after(ExchangedBackground(scene)) == head)
    }

    @Test func pastedHeads() throws {
        var step = PastedHeads { _ throws(FaceSegError) in .head(color: 250) }
        (step.count, step.height, step.rotation) = (1...1, 0.5...0.5, 0)
        let plain = Sample(name: "plain", width: 40, height: 40, color: Color(5, 5, 5))
        let seen = try (0..<20).map { try plain.after(step, seed: $0) }
        for sample in seen {
            for i in sample.labels.indices where sample.labels[i] != 0 { #expect(sample.pixels[3 * i] > 80) }
            // The head's old background comes along in soft edges only.
            #expect(
                sample.labels.indices.count { sample.labels[$0] == 0 && sample.pixels[3 * $0] != 5 } < 140)
        }
        // All of it inside: (10 - 2) x (14 - 2) of its pixels, enlarged from 14 to 20.
        let most = seen.map { $0.labels.count { $0 != 0 } }.max()!
        #expect(abs(Double(most) - 96 * (20.0 / 14) * (20.0 / 14)) < 25)
    }

    @Test(arguments: 2...6)
    func mosaics(count: Int) throws {
        let others: SampleDraw = { random in
            Sample(
                name: "", width: 9, height: 7, color: Color(UInt8(random.integer(in: 1...255)), 0, 0),
                label: 1)
        }
        var step = Mosaic(width: 24, height: 24, others: others)
        step.count = count...count
        let own = Sample(name: "own", width: 5, height: 8, color: Color(0, 99, 0), label: 2)
        for seed in 0..<10 {
            let seen = try own.after(step, seed: seed)
            #expect((seen.width, seen.height, seen.name) == (24, 24, "own"))
            let colors = Set((0..<24 * 24).map { seen.color($0 % 24, $0 / 24) })
            // Two of the others may be of one color; none is left black.
            #expect((count - 1...count).contains(colors.count) && colors.contains([0, 99, 0]))
            let share = seen.labels.count { $0 == 2 }
            #expect([1, 2, 3].contains { share == 24 * 24 / 2 / $0 } && !colors.contains([0, 0, 0]))
        }
    }

    @Test func peopleInAScene() throws {
        let people: PeopleInScene.Draw = { _ throws(FaceSegError) in Silhouette(headOf: .head(color: 250))! }
        var step = PeopleInScene(width: 40, height: 30, people: people, scenes: scene)
        (step.count, step.size) = (2...2, 0.3...0.5)
        let seen = try (0..<20).map { try Sample.patterned().after(step, seed: $0) }
        for sample in seen {
            #expect((sample.width, sample.height) == (40, 30))
            #expect(sample.labels.contains(1) && sample.labels.contains(2))
            for i in sample.labels.indices where sample.labels[i] != 0 { #expect(sample.pixels[3 * i] > 80) }
            #expect(
                sample.pixels.indices.contains {
                    $0 % 3 == 0 && Array(sample.pixels[$0..<$0 + 3]) == [10, 20, 30]
                })
        }
    }

    /// What is covered is background, what is not stays.
    @Test func occluders() throws {
        let head = Sample(name: "", width: 40, height: 40, color: Color(200, 201, 202), label: 1)
        for seed in 0..<20 {
            let seen = try head.after(Occluders(scenes: scene), seed: seed)
            for i in 0..<1600 where seen.labels[i] == 1 {
                #expect(seen.pixels[3 * i..<3 * i + 3] == [200, 201, 202])
            }
            #expect(seen.labels.allSatisfy { $0 < 2 })
        }
        let covered = try (0..<20).map { try head.after(Occluders(), seed: $0).labels.count { $0 == 0 } }
        #expect(covered.reduce(0, +) > 20 * 50)
    }

    @Test func anUnreadableSceneIsNamed() {
        let broken = FaceSegError.file(path: "scene.jpg", byte: nil, reason: "cut off")
        #expect(throws: broken) {
            try Sample.head().after(ExchangedBackground { _ throws(FaceSegError) in throw broken })
        }
    }
}
