// The steps of the post, one by one and together.
import FaceSegKit
import Testing

@testable import FaceSegTraining

@Suite struct FramingTests {
    let sample = Sample.patterned()

    @Test func mirroring() throws {
        let mirrored = try sample.after(Mirrored())
        for (x, y) in [(0, 0), (9, 7), (18, 13), (4, 2)] {
            #expect(
                mirrored.color(18 - x, y) == sample.color(x, y)
                    && mirrored.label(18 - x, y) == sample.label(x, y))
        }
        #expect(try mirrored.after(Mirrored()) == sample)
    }

    @Test func paddingOnEachSide() throws {
        let padded = try sample.after(Padded(3...3))
        #expect((padded.width, padded.height) == (25, 20))
        #expect(padded.part(Area(columns: 3..<22, rows: 3..<17)) == sample)
        let around = (0..<20 * 25).filter { !(3..<22).contains($0 % 25) || !(3..<17).contains($0 / 25) }
        #expect(
            around.allSatisfy {
                padded.labels[$0] == 0 && padded.pixels[3 * $0..<3 * $0 + 3].allSatisfy { $0 == 0 }
            })
    }

    @Test func paddingInAll() throws {
        let padded = try sample.after(Padded(5...5, .inAll))
        #expect((padded.width, padded.height) == (24, 19))
        #expect(padded.part(Area(columns: 2..<21, rows: 2..<16)) == sample)
    }

    @Test func paddingTakesAllWidths() throws {
        let widths = try (0..<200).map { try sample.after(Padded(0...4), seed: $0).width }
        #expect(Set(widths) == [19, 21, 23, 25, 27])
    }

    @Test func rescaling() throws {
        #expect(try sample.after(Rescaled(1...1)) == sample)
        let widths = try (0..<100).map { try sample.after(Rescaled(1...2), seed: $0).width }
        #expect(widths.min()! < 22 && widths.max()! > 36 && widths.allSatisfy { (19...38).contains($0) })
    }

    @Test func croppingTakesEveryPlace() throws {
        let firsts = try (0..<400).map { seed in
            let part = try sample.after(Cropped(width: 17, height: 13), seed: seed)
            #expect((part.width, part.height) == (17, 13))
            return part.color(0, 0)
        }
        let places = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)].map { sample.color($0.0, $0.1) }
        #expect(Set(firsts) == Set(places))
    }

    @Test func croppingTooMuch() {
        #expect(
            throws: FaceSegError.argument(
                "patterned: 19 x 14 pixels are less than the crop of 19 x 15; resize it before")
        ) { try sample.after(Cropped(width: 19, height: 15)) }
    }

    @Test func thePostsOrderAndNumbers() throws {
        let steps = Recipe.faceFCN().steps
        #expect(
            steps.map { "\(type(of: $0))" } == ["Resized", "Sometimes", "Sometimes", "Rescaled", "Cropped"])
        let resized = try #require(steps[0] as? Resized), cropped = try #require(steps[4] as? Cropped)
        #expect([resized.width, resized.height, cropped.width, cropped.height] == [600, 600, 512, 512])
        let mirror = try #require(steps[1] as? Sometimes), pad = try #require(steps[2] as? Sometimes)
        #expect(mirror.probability == 0.5 && mirror.step is Mirrored && pad.probability == 0.5)
        #expect((pad.step as? Padded)?.border == 0...250 && (steps[3] as? Rescaled)?.factor == 1...1.4)
    }

    @Test func theRecipeAtASmallSize() throws {
        let results = try (0..<40).map { try sample.after(Recipe.faceFCN(size: 32), seed: $0) }
        #expect(results.allSatisfy { ($0.width, $0.height) == (32, 32) && $0.labels.allSatisfy { $0 < 3 } })
        #expect(Set(results.map(\.pixels)).count > 35)
    }

    @Test func halfTheTime() throws {
        let mirrored = try Sample.patterned().after(Mirrored())
        let count = try (0..<400).count { try sample.after(Sometimes(0.5, Mirrored()), seed: $0) == mirrored }
        #expect((160...240).contains(count))
    }

    /// Of weights 1 and 3 the second is taken three quarters of the time.
    @Test func chosenByWeight() throws {
        let step = Chosen([(1, Mirrored()), (3, Padded(1...1)), (0, Padded(9...9))])
        let widths = try (0..<400).map { try sample.after(step, seed: $0).width }
        #expect(Set(widths) == [19, 21] && (265...335).contains(widths.count { $0 == 21 }))
    }
}

@Suite struct PlacedTests {
    let sample = Sample.patterned(width: 16, height: 16)

    func still(_ width: Int, _ height: Int) -> Placed {
        var placed = Placed(width: width, height: height)
        (placed.scale, placed.rotation, placed.aspect, placed.translation) = (1...1, 0, 1, 0)
        return placed
    }

    @Test func inPlace() throws { #expect(try sample.after(still(16, 16)) == sample) }

    @Test func fittedInTheMiddle() throws {
        let placed = try sample.after(still(32, 16))
        #expect(placed.part(Area(columns: 8..<24, rows: 0..<16)) == sample)
        #expect(placed.color(7, 3) == [0, 0, 0] && placed.label(24, 9) == 0)
    }

    /// Half as large it is a quarter of the canvas, all of it within, wherever it goes.
    @Test func staysInside() throws {
        var placed = still(16, 16)
        (placed.scale, placed.translation) = (0.5...0.5, 1)
        let ones = Sample(name: "", width: 16, height: 16, color: Color(9, 9, 9), label: 1)
        let lefts = try (0..<60).map { seed in
            let labels = try ones.after(placed, seed: seed).labels
            #expect((49...81).contains(labels.count { $0 == 1 }))
            return labels.indices.filter { labels[$0] == 1 }.map { $0 % 16 }.min()!
        }
        #expect(Set(lefts).isSuperset(of: [0, 4, 8]))
    }

    @Test func turnsBothWays() throws {
        var placed = still(16, 16)
        placed.rotation = 45
        var tower = Sample(name: "", width: 16, height: 16)
        for y in 0..<8 { tower.labels[16 * y + 8] = 1 }
        let leans = try (0..<40).map { seed in
            let labels = try tower.after(placed, seed: seed).labels
            let xs = labels.indices.filter { labels[$0] == 1 }.map { $0 % 16 }
            return Double(xs.reduce(0, +)) / Double(xs.count)
        }
        #expect(leans.min()! < 6.5 && leans.max()! > 9.5)
    }

    @Test func stretches() throws {
        var placed = still(16, 16)
        placed.aspect = 2
        let ones = Sample(name: "", width: 8, height: 8, color: Color(9, 9, 9), label: 1)
        placed.scale = 0.5...0.5
        let shapes = try (0..<40).map { seed -> Double in
            let labels = try ones.after(placed, seed: seed).labels
            let places = labels.indices.filter { labels[$0] == 1 }
            return Double(Set(places.map { $0 % 16 }).count) / Double(Set(places.map { $0 / 16 }).count)
        }
        #expect(shapes.min()! < 0.75 && shapes.max()! > 1.33)
    }

    @Test func aSceneBehind() throws {
        var placed = still(16, 16)
        placed.scale = 0.5...0.5
        placed.canvas = .picture { _ throws(FaceSegError) in
            Sample(name: "scene", width: 3, height: 5, color: Color(7, 8, 9), label: 0)
        }
        let seen = try sample.after(placed)
        #expect(
            seen.color(0, 0) == [7, 8, 9] && seen.color(15, 15) == [7, 8, 9] && seen.name == "patterned")
    }
}
