// SegmentTests: what `faceseg segment` writes, read back and compared with each other and with the photo. Whether
// the network's numbers are Caffe's is tested with `forward`.
import Foundation
import Media
import Testing

/// One run with every output, for all tests that look at them.
struct EveryOutput: Sendable {
    static let ofAstronaut = Result { try EveryOutput() }

    let photo: Photo, outcome: Outcome
    /// By their names.
    let files: [String: [UInt8]]
    /// Of each pixel, from the probabilities.
    let labels: [Int], probabilities: NumpyArray

    init() throws {
        let folder = Folder()
        photo = try Photo.read(path: Fixture.astronaut)
        outcome = try Program.run(
            "segment", Fixture.astronaut, "-o", "results", "--output", "labels,overlay,cutout", "--output",
            "alpha,probabilities", "--json", in: folder)
        let names = try folder.names("results")
        files = try Dictionary(uniqueKeysWithValues: names.map { ($0, try folder.bytes("results/" + $0)) })
        probabilities = try folder.array("results/astronaut.probabilities.npy")
        labels = likeliest(probabilities)
    }

    func bytes(_ output: String) throws -> [UInt8] { try #require(files["astronaut.\(output).png"]) }

    func picture(_ output: String) throws -> Photo { try Photo.decode(bytes(output), name: output) }
}

private func likeliest(_ probabilities: NumpyArray) -> [Int] {
    let floats = probabilities.floats, count = floats.count / 3
    return (0..<count).map { i in (0..<3).max { floats[$0 * count + i] < floats[$1 * count + i] }! }
}

/// RGB and an alpha as RGBA.
func rgba(_ rgb: [UInt8], _ alpha: [UInt8]) -> [UInt8] {
    var pixels: [UInt8] = []
    for (i, a) in alpha.enumerated() { pixels += rgb[3 * i..<3 * i + 3] + [a] }
    return pixels
}

struct SegmentTests {
    private let every: EveryOutput
    private static let colours: [[UInt8]] = [[0, 0, 0], [128, 0, 0], [0, 128, 0]]

    init() throws { every = try EveryOutput.ofAstronaut.get() }

    @Test func probabilitiesAreThose() {
        let count = every.labels.count, floats = every.probabilities.floats
        #expect(every.outcome.code == 0)
        #expect(every.outcome.errors == "")
        #expect(every.probabilities.shape == [3, every.photo.height, every.photo.width])
        #expect(floats.allSatisfy { (0...1).contains($0) })
        #expect(
            (0..<count).allSatisfy {
                abs(floats[$0] + floats[count + $0] + floats[2 * count + $0] - 1) < 1e-5
            })
    }

    /// The picture is known: columns and rows of what is certainly face, hair and wall.
    @Test(arguments: [(1, 225, 130), (1, 225, 160), (2, 230, 40), (2, 170, 80), (0, 20, 20), (0, 480, 480)])
    func astronautsHead(label: Int, column: Int, row: Int) {
        #expect(every.labels[row * every.photo.width + column] == label)
    }

    @Test func labelsAreStoredAsNumbers() throws {
        let file = try every.bytes("labels")
        #expect(Array(file[24...25]) == [8, 3], "8 bits, palette")
        let palette = try #require(Data(file).range(of: Data("PLTE".utf8))).upperBound
        #expect(
            Array(file[palette..<palette + 18]) == [
                0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0, 0, 0, 128, 128, 0, 128,
            ])
        let picture = try every.picture("labels")
        #expect((picture.width, picture.height, picture.channels) == (512, 512, 3))
        #expect(picture.pixels == every.labels.flatMap { Self.colours[$0] })
    }

    @Test func overlayIsHalfOfEach() throws {
        let overlay = try every.picture("overlay")
        #expect(overlay.channels == 3)
        let expected = every.labels.indices.flatMap { i in
            (0..<3).map { c in
                let value = Int(every.photo.pixels[3 * i + c]), label = every.labels[i]
                return UInt8(label == 0 ? value : (value + Int(Self.colours[label][c]) + 1) / 2)
            }
        }
        #expect(overlay.pixels == expected)
    }

    @Test func alphaIsFaceAndHair() throws {
        let alpha = try every.picture("alpha"), count = every.labels.count
        #expect((alpha.width, alpha.height, alpha.channels) == (512, 512, 1))
        let floats = every.probabilities.floats
        #expect(
            (0..<count).allSatisfy { i in
                let stretched = 2 * (floats[count + i] + floats[2 * count + i]) - 0.5
                return abs(Float(alpha.pixels[i]) - 255 * min(max(stretched, 0), 1)) <= 0.51
            })
    }

    @Test func cutoutIsThePhotoUnderThatAlpha() throws {
        let cutout = try every.picture("cutout")
        let alpha = try every.picture("alpha")
        #expect(cutout.channels == 4)
        #expect(cutout.pixels == rgba(every.photo.pixels, alpha.pixels))
    }

    @Test func reportCountsTheLabels() throws {
        let report = try every.outcome.object()
        #expect(report["photo"] as? String == Fixture.astronaut)
        #expect(report["width"] as? Int == 512 && report["height"] as? Int == 512)
        #expect((report["milliseconds"] as? Double ?? 0) > 0)
        let classes = try #require(report["classes"] as? [[String: Any]])
        #expect(classes.map { $0["name"] as? String } == ["background", "face", "hair"])
        for (label, entry) in classes.enumerated() {
            let count = every.labels.count { $0 == label }
            #expect(entry["pixels"] as? Int == count)
            #expect(abs((entry["share"] as? Double ?? -1) - Double(count) / 262_144) < 1e-12)
        }
        let written = try #require(report["written"] as? [[String: String]])
        #expect(written.map { $0["output"] } == ["labels", "overlay", "cutout", "alpha", "probabilities"])
        #expect(
            written.compactMap { $0["path"] }.sorted()
                == every.files.keys.sorted().map { "results/" + $0 })
    }
}
