// The recipe of the built-in network: the layers that it writes, and a short run through all of its parts.
import Foundation
import Media
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

@Suite struct LightNetTests {
    private func network(_ recipe: LightNet) throws -> Network {
        try makeNetwork(
            structure: readNetParameter(text: Array(recipe.prototxt(.deploy).utf8), name: "deploy"), file: nil
        )
    }

    /// What issue and card allow it: 0.6 G multiply-adds at 256 x 256, 1.6 M weights; and the number of weights that the
    /// layers have by hand: a kernel's area times inputs over groups times outputs, two a channel of each normalization.
    @Test func sizes() throws {
        let (filters, products) = try counted(.standard)
        func inverted(_ c: Int) -> Int { 3 * (c * 3 * c) - c * 3 * c + 9 * 3 * c }
        let encoder = 9 * (3 * 16 + 16 * 32 + 2 * 32 * 32 + 32 * 64 + 2 * 64 * 64 + 64 * 128 + 128 * 160)
        let blocks = 3 * inverted(128) + 3 * inverted(160)
        let decoder =
            160 * 96 + 128 * 96 + 9 * 96 * 96 + 96 * 64 + 64 * 64 + 9 * 64 * 64 + 64 * 32 + 32 * 32
            + 9 * 32 * 32 + 32 * 16 + 16 * 16 + 9 * 16 * 16
        #expect(filters == encoder + blocks + decoder + 16 * 3 + 3)
        #expect(filters < 1_600_000 && products < 600_000_000)
        #expect(try counted(.small).products < 150_000_000)
    }

    /// Weights of the convolutions, and their products at 256 x 256.
    private func counted(_ recipe: LightNet) throws -> (filters: Int, products: Int) {
        let network = try network(recipe)
        let shapes = try network.shapes([Shape([1, 3, 256, 256])])
        let score = try #require(network.value(named: "score"))
        #expect(shapes[score]!.dimensions == [1, 3, 256, 256])
        var filters = 0, products = 0
        for layer in network.layers {
            guard case .convolution = layer.operation else { continue }
            let weights = try layer.operation.weightShapes(
                layer.inputs.map { shapes[$0]! }, layer: layer.name
            ).reduce(0) { $0 + $1.reduce(1, *) }
            let output = shapes[layer.outputs[0]]!
            filters += weights
            products += weights * output[2] * output[3]
        }
        return (filters, products)
    }

    /// A set with people, one without masks, one that knows hair alone; two sizes; and the same weights after a break.
    @Test func run() throws {
        let folder = DataFolder()
        let faces = try SyntheticSets(folder)
        var recipe = LightNet()
        (recipe.widths, recipe.decoderWidths) = ([16, 16, 16, 16, 16], [16, 16, 16, 16])
        (recipe.blocks, recipe.iterations, recipe.validationInterval) = ([1, 1, 1, 1], 8, 8)
        recipe.folder = folder.path + "/sets"
        recipe.shares = faces.names.map { ($0, 1) }
        recipe.validationSet = "crowds"
        let sizes = "'sizes': ((0, 32, 4, 1.0), (3, 64, 2, 1.0), (6, 64, 2, 0.5))"
        let train = try recipe.prototxt(.train).replacing(Regex("'sizes': [^a-z]*\\)\\)"), with: sizes)
        try folder.write(train, "train.prototxt")
        try folder.write(recipe.prototxt(.validation), "val.prototxt")
        try folder.write(
            recipe.solver(
                train: "train.prototxt", validation: "val.prototxt", prefix: folder.path + "/light"),
            "solver.prototxt")
        func training(_ change: (inout TrainingRunOptions) -> Void = { _ in }) throws -> TrainingRun {
            var options = TrainingRunOptions()
            options.recipe = { stage, sources in
                #expect(sources.people != nil && sources.scenes != nil && sources.heads != nil)
                return .light(size: stage.side!, strength: stage.strength, sources: sources)
            }
            options.validationRecipe = { Recipe([Resized(width: $0.side!, height: $0.side!)]) }
            change(&options)
            return try TrainingRun(SolverFiles(path: folder.path + "/solver.prototxt"), options)
        }
        let whole = try training()
        var images: [Int] = [], validated: [ValidationReport] = []
        try whole.run { event in
            if case .iteration(let report) = event { images.append(report.images) }
            if case .validation(let report) = event { validated.append(report) }
        }
        #expect(images == [4, 8, 12, 14, 16, 18, 20, 22])
        #expect(validated.map(\.iteration) == [8] && validated[0].loss.isFinite, "\(validated[0].loss)")
        // The validation is of crowds alone: its last 60 of 61.
        #expect(validated[0].matrix.counts.reduce(0, +) == 60 * 64 * 64)
        try training { $0.iterations = 4 }.run { _ in }
        let second = try training { $0.snapshot = folder.path + "/light_iter_4.solverstate" }
        try second.run { _ in }
        let bits = [whole, second].map { $0.solver.net.parameters.map { $0.numbers.map(\.bitPattern) } }
        #expect(bits[0] == bits[1])
        let sheet = try TrainingRun.preview(
            SolverFiles(path: folder.path + "/solver.prototxt"), TrainingRunOptions(), count: 2)
        #expect(sheet.pixels.count == sheet.width * sheet.height * sheet.channels)
    }

    @Test func sharesOfNoSet() throws {
        let folder = DataFolder()
        _ = try SyntheticSets(folder)
        var request = DataRequest(split: "train", isRandom: true)
        request.shares = ["crowds": 1, "others": 2]
        let error = #expect(throws: FaceSegError.self) {
            try TrainingData(request, folder: folder.path + "/sets")
        }
        #expect(
            "\(error!)".contains("share of others")
                && "\(error!)".contains("backgrounds, crowds, figaro1k-hair"))
    }
}

/// Drawn sets of three kinds.
private struct SyntheticSets {
    let names = ["backgrounds", "crowds", "figaro1k-hair"]

    init(_ folder: DataFolder) throws {
        let side = 24, area = side * side
        func photo(_ i: Int) throws -> [UInt8] {
            let pixels = (0..<3 * area).map { UInt8(($0 * 7 + i * 31) % 251) }
            return try encodePNG(width: side, height: side, channels: 3, pixels: pixels)
        }
        func mask(_ labels: [UInt8], inside: Range<Int>) -> [UInt8] {
            (0..<area).map { pixel in
                let (x, y) = (pixel % side, pixel / side)
                guard inside.contains(x), inside.contains(y) else { return 0 }
                return y < (inside.lowerBound + inside.upperBound) / 2 ? labels[0] : labels[1]
            }
        }
        for (name, count) in [("backgrounds", 62), ("crowds", 61), ("figaro1k-hair", 101)] {
            for i in 0..<count {
                let file = "\(100 + i).png"
                try folder.write(photo(i), "sets/\(name)/images/train/\(file)")
                if name == "backgrounds" { continue }
                let labels: [UInt8] = name == "crowds" ? [2, 1] : [2, 2]
                try folder.png(mask(labels, inside: 6..<18), width: side, "sets/\(name)/masks/train/\(file)")
                guard name == "crowds" else { continue }
                try folder.png(
                    mask([255, 255], inside: 4..<22), width: side, "sets/crowds/persons/train/\(file)")
            }
        }
    }
}
