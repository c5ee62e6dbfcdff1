// The recipe for light networks as a whole, and the sheet that shows samples.
import FaceSegKit
import Media
import Testing

@testable import FaceSegTraining

@Suite struct RecipeTests {
    static let sources: AugmentationSources = {
        var sources = AugmentationSources()
        sources.scenes = { _ throws(FaceSegError) in
            Sample(name: "", width: 9, height: 8, color: Color(1, 2, 3))
        }
        sources.heads = { _ throws(FaceSegError) in .head() }
        sources.people = { _ throws(FaceSegError) in Silhouette(headOf: .head())! }
        return sources
    }()

    @Test(arguments: [0, 1, 2] as [Float], [AugmentationSources(), sources])
    func anySeed(strength: Float, sources: AugmentationSources) throws {
        let recipe = Recipe.light(size: 32, strength: strength, sources: sources)
        for seed in 0..<60 {
            let sample = seed % 2 == 0 ? Sample.head() : .patterned()
            let seen = try sample.after(recipe, seed: seed)
            #expect((seen.width, seen.height) == (32, 32) && seen.labels.allSatisfy { $0 < 3 })
            #expect(try sample.after(recipe, seed: seed) == seen)
        }
    }

    @Test func allIsDifferent() throws {
        let recipe = Recipe.light(size: 32, sources: Self.sources)
        #expect(Set(try (0..<60).map { try Sample.head().after(recipe, seed: $0).pixels }).count == 60)
    }

    /// Down to 12 pixels in 256, which are 3 in 64.
    @Test func smallHeads() throws {
        let recipe = Recipe.light(size: 64)
        let heights = try (0..<100).map { seed in
            let labels = try Sample.head().after(recipe, seed: seed).labels
            return Set(labels.indices.filter { labels[$0] != 0 }.map { $0 / 64 }).count
        }
        #expect(heights.contains { (1...4).contains($0) } && heights.max()! > 40)
    }

    @Test func contactSheets() {
        let face = Sample(name: "", width: 10, height: 6, color: Color(100, 100, 100), label: 1)
        let plain = Sample(name: "", width: 10, height: 6, color: Color(100, 100, 100))
        let sheet = contactSheet(of: [plain, face, plain])
        #expect((sheet.width, sheet.height, sheet.channels) == (4 + 2 * 14, 4 + 2 * 10, 3))
        let color = { (x: Int, y: Int) in Array(sheet.pixels[3 * (y * 32 + x)..<3 * (y * 32 + x) + 3]) }
        #expect(color(0, 0) == [255, 255, 255] && color(4, 4) == [100, 100, 100])
        // 90 / 255 of (255, 40, 40).
        #expect(
            color(18, 4) == [154, 79, 79] && color(4, 14) == [100, 100, 100]
                && color(18, 14) == [255, 255, 255])
    }

    @Test func largeSamplesAreReduced() {
        let large = Sample(name: "", width: 40, height: 20)
        #expect(contactSheet(of: [large], cell: 10).width == 18)
    }
}
