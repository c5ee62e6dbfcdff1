// EvaluateTests: `faceseg evaluate` on masks that `faceseg segment` made and of which a known number of
// pixels was then changed, so that every figure can be counted.
import Foundation
import Media
import Testing

@testable import faceseg

/// A folder `data` with a set `set`: one photo, and a mask of what the network finds in it.
private final class JudgedFolder {
    let folder = Folder()
    let photo: Photo
    /// What the network finds.
    private(set) var found: [UInt8]
    var truth: [UInt8]

    init(_ width: Int, _ height: Int) throws {
        let astronaut = try Photo.read(path: Fixture.astronaut), channels = astronaut.channels
        // Every few pixels of it, around the head.
        let pixels = (0..<width * height).flatMap { i in
            let x = 100 + i % width * 250 / width, y = i / width * 250 / height
            return (0..<3).map { astronaut.pixels[(y * astronaut.width + x) * channels + $0] }
        }
        photo = Photo(width: width, height: height, channels: 3, pixels: pixels)
        for name in ["data", "data/set", "data/set/images", "data/set/masks"] { try folder.makeFolder(name) }
        for name in ["data/set/images/val", "data/set/masks/val"] { try folder.makeFolder(name) }
        found = []
        truth = []
        found = try segmented(pixels)
        truth = found
        try folder.write(
            encodePNG(width: width, height: height, channels: 3, pixels: pixels), "data/set/images/val/a.png")
        try writeTruth()
    }

    func writeTruth() throws {
        try folder.write(
            encodePNG(width: photo.width, height: photo.height, channels: 1, pixels: truth),
            "data/set/masks/val/a.png")
    }

    func segmented(_ pixels: [UInt8]) throws -> [UInt8] {
        try folder.write(
            encodePNG(width: photo.width, height: photo.height, channels: 3, pixels: pixels), "p.png")
        let outcome = try Program.run(
            "segment", "p.png", "--output", "labels", "--format", "npy", "-o", "p.npy", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        return try folder.array("p.npy").floats.map { UInt8($0) }
    }

    func evaluate(_ options: String...) throws -> Outcome {
        let line = (["\"$0\"", "evaluate", "--data", "data"] + options).joined(separator: " ")
        return try Program.shell(line, in: folder)
    }
}

/// The mean over classes of 2 n_ii / (t_i + p_i).
private func meanF1(_ truth: [UInt8], _ found: [UInt8]) -> Double {
    let scores = (0..<3).compactMap { i -> Double? in
        let right = zip(truth, found).count { $0 == i && $1 == i }
        let all = truth.count { $0 == i } + found.count { $0 == i }
        return all > 0 ? Double(2 * right) / Double(all) : nil
    }
    return scores.reduce(0, +) / Double(scores.count)
}

/// But for what Foundation loses in reading a number.
private func isNear(_ number: Any?, _ wanted: Double) -> Bool {
    (number as? Double).map { abs($0 - wanted) < 1e-12 } ?? false
}

struct EvaluateTests {
    @Test func countedByHand() throws {
        let judged = try JudgedFolder(120, 90), total = 120 * 90
        #expect(Set(judged.found) == [0, 1, 2], "a head is seen")
        // 10 pixels are unknown; 20 of background are called hair.
        let background = judged.found.indices.filter { judged.found[$0] == 0 }
        for i in background.prefix(10) { judged.truth[i] = 255 }
        for i in background.suffix(20) { judged.truth[i] = 2 }
        try judged.writeTruth()
        let outcome = try judged.evaluate("--json", "--csv t.csv", "--report r.html")
        #expect(outcome.code == 0 && outcome.errors == "")
        let object = try outcome.object()
        #expect(object["split"] as? String == "val" && object["precision"] as? String == "exact")
        #expect(object["classes"] as? [String] == ["background", "face", "hair"])
        let set = try #require((object["sets"] as? [[String: Any]])?.first)
        #expect(isNear(set["pixel_accuracy"], Double(total - 30) / Double(total - 10)))
        let counts = (0..<3).map { i in judged.found.count { $0 == i } }
        #expect(
            set["confusion"] as? [[Int]] == [
                [counts[0] - 30, 0, 0], [0, counts[1], 0], [20, 0, counts[2]],
            ])
        let classes = try #require(set["classes"] as? [[String: Any]])
        let hair = Double(2 * counts[2]) / Double(2 * counts[2] + 20)
        #expect(classes.map { $0["pixels"] as? Int } == [counts[0] - 30, counts[1], counts[2] + 20])
        #expect(isNear(classes[1]["f1"], 1) && isNear(classes[2]["f1"], hair))
        #expect(isNear(classes[2]["photo_f1"], hair))
        #expect(isNear(classes[1]["boundary_f1"], 1))
        #expect(object["all"] is NSNull && set["dark"] is NSNull)

        let rows = try judged.folder.text("t.csv").split(separator: "\n").map { $0.split(separator: ",") }
        try #require(rows.count == 2)
        #expect(rows[1].prefix(5) == ["set", "a", "120", "90", "\(total - 10)"])
        #expect(rows[0][10] == "f1_hair" && Double(rows[1][10]) == hair)

        // The pictures in the page: the photo, the truth, what was found.
        let page = try judged.folder.text("r.html")
        let parts = page.components(separatedBy: ";base64,").dropFirst().map { $0.prefix { $0 != "\"" } }
        try #require(parts.count == 3)
        let files = try parts.map { [UInt8](try #require(Data(base64Encoded: String($0)))) }
        #expect(try Photo.decode(files[0], name: "photo").width == 120)
        #expect(try Mask.decode(files[1], name: "truth").labels == judged.truth)
        #expect(try Mask.decode(files[2], name: "found").labels == judged.found)
        #expect(!page.contains("http") && page.contains("set: a, "))
    }

    @Test func linesOfFCN() throws {
        let outcome = try JudgedFolder(60, 45).evaluate()
        #expect(outcome.code == 0 && outcome.errors == "")
        #expect(outcome.lines.first == "set, split val: 1 photo")
        let date = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}/
        for (line, figure) in zip(
            outcome.lines[1...],
            [
                "loss [0-9.]+", "overall accuracy 1\\.0", "mean accuracy 1\\.0", "mean IU 1\\.0",
                "fwavacc 1\\.0",
            ])
        {
            let parts = line.split(separator: " Iteration 0 ")
            try #require(parts.count == 2, "\(line)")
            #expect(parts[0].hasPrefix(">>> ") && parts[0].dropFirst(4).wholeMatch(of: date) != nil)
            #expect(try Regex(figure).wholeMatch(in: String(parts[1])) != nil, "\(line)")
        }
        for line in ["  pixel accuracy  100.00 %", "  pixels, labelled as  background  face  hair"] {
            #expect(
                outcome.lines.contains { $0.split(separator: " ") == line.split(separator: " ") }, "\(line)")
        }
    }

    /// What the network finds in a photo that the test darkens itself.
    @Test func whatIsLostInTheDark() throws {
        let judged = try JudgedFolder(60, 45)
        let dark = try judged.segmented(
            judged.photo.pixels.map { UInt8((255 * 0.35 * pow(Double($0) / 255, 2.2)).rounded()) })
        let set = try #require(
            (try judged.evaluate("--dark", "--small", "--json").object()["sets"] as? [[String: Any]])?.first)
        let wanted = meanF1(judged.truth, dark)
        let figures = try #require(set["dark"] as? [String: Double])
        #expect(isNear(figures["mean_f1"], wanted) && isNear(figures["lost"], 1 - wanted))
        #expect(set["small"] is [String: Double])
        let text = try judged.evaluate("--dark")
        #expect(
            text.lines.contains { $0.hasPrefix("  dark ") && $0.hasSuffix(" " + percent(1 - wanted)) },
            "\(text.output)")
    }

    @Test func corruptionsBySeverity() throws {
        let judged = try JudgedFolder(40, 30)
        let set = try #require(
            (try judged.evaluate("--corrupt", "--json").object()["sets"] as? [[String: Any]])?.first)
        let corruptions = try #require(set["corruptions"] as? [[String: Any]])
        #expect(corruptions.count == 9)
        for corruption in corruptions {
            let scores = try #require(corruption["mean_f1"] as? [Double])
            #expect(scores.count == 5 && scores.allSatisfy { (0...1).contains($0) }, "\(corruption)")
        }
        let contrast = corruptions.first { $0["name"] as? String == "contrast" }?["mean_f1"] as? [Double]
        #expect(try #require(contrast)[4] < #require(contrast)[0], "less contrast is harder")
    }

    @Test func aBrokenPhotoStopsNoOther() throws {
        let judged = try JudgedFolder(40, 30), folder = judged.folder
        try folder.copy(folder.file("data/set/images/val/a.png"), "data/set/images/val/b.png")
        let outcome = try judged.evaluate("--json")
        #expect(outcome.code == 1)
        let reason = "data/set/masks/val/b.png: cannot be opened: No such file or directory"
        #expect(outcome.errors == "faceseg: \(reason)\n")
        let object = try outcome.object()
        #expect((object["failures"] as? [[String: String]])?.map { $0["error"] } == [reason])
        #expect((object["sets"] as? [[String: Any]])?.first?["photos"] as? Int == 1)
        // A list leaves it out.
        try folder.write("a\n", "good.txt")
        #expect(try judged.evaluate("--list good.txt").code == 0)
        try folder.write("a\nz\n", "bad.txt")
        #expect(
            try judged.evaluate("--list bad.txt").errors
                == "faceseg: bad.txt: \"z\" is not among the photos of the split\n")
    }

    /// A set of photos without anybody, whose faces are all wrong, beside one that knows hair alone.
    @Test func severalSetsAndAll() throws {
        let judged = try JudgedFolder(40, 30), folder = judged.folder
        let hair = judged.found.map { UInt8($0 == 2 ? 2 : 0) }
        for set in ["backgrounds", "figaro1k-hair"] {
            for name in ["", "/images", "/images/train", "/masks", "/masks/train"] {
                try folder.makeFolder("data/" + set + name)
            }
            try folder.copy(folder.file("data/set/images/val/a.png"), "data/\(set)/images/train/a.png")
        }
        try folder.write(
            encodePNG(width: 40, height: 30, channels: 1, pixels: hair),
            "data/figaro1k-hair/masks/train/a.png")
        let outcome = try judged.evaluate("--json"), object = try outcome.object()
        let sets = try #require(object["sets"] as? [[String: Any]])
        #expect(sets.map { $0["name"] as? String } == ["backgrounds", "figaro1k-hair", "set"])
        let background = judged.found.count { $0 == 0 }
        #expect(isNear(sets[0]["pixel_accuracy"], Double(background) / 1200))
        #expect(isNear(sets[1]["pixel_accuracy"], 1) && isNear(sets[1]["mean_f1"], 1))
        let all = try #require(object["all"] as? [String: Any])
        #expect(all["photos"] as? Int == 3)
        #expect(isNear(all["pixel_accuracy"], Double(2400 + background) / 3600))
        let text = try judged.evaluate()
        #expect(text.output.contains("\nall sets, split val: 3 photos\n"))
        #expect(text.output.contains("\n  not hair "))
    }

    /// LFW's colours, and a superpixel for each row; every row but the first is as it was found.
    @Test func superpixelsOfLFW() throws {
        let judged = try JudgedFolder(40, 30), folder = judged.folder
        for name in ["lfw_funneled", "lfw_funneled/A", "parts_lfw_funneled_gt_images"] {
            try folder.makeFolder(name)
        }
        for name in ["parts_lfw_funneled_superpixels_mat", "parts_lfw_funneled_superpixels_mat/A"] {
            try folder.makeFolder(name)
        }
        try folder.copy(folder.file("data/set/images/val/a.png"), "lfw_funneled/A/A_0003.jpg")
        let colors: [[UInt8]] = [[0, 0, 255], [0, 255, 0], [255, 0, 0]]
        let first = judged.found.prefix(40).map { ($0 + 1) % 3 }
        let pixels = (first + judged.found.dropFirst(40)).flatMap { colors[Int($0)] }
        try folder.write(Array("P6\n40 30\n255\n".utf8) + pixels, "parts_lfw_funneled_gt_images/A_0003.ppm")
        let rows = (0..<30).map { Array(repeating: "\($0)", count: 40).joined(separator: " ") + "\n" }
        let numbers = "parts_lfw_funneled_superpixels_mat/A/A_0003.dat"
        try folder.write(rows.joined(), numbers)
        try folder.write("A 3\n", "parts_test.txt")
        func evaluate() throws -> Outcome {
            try Program.run("evaluate", "--data", ".", "--split", "test", "--json", in: folder)
        }
        let set = try #require((try evaluate().object()["sets"] as? [[String: Any]])?.first)
        #expect(set["superpixels"] as? Int == 30 && isNear(set["superpixel_accuracy"], 29.0 / 30))
        #expect(isNear(set["pixel_accuracy"], 29.0 / 30))
        try folder.write("1 2 3", numbers)
        #expect(try evaluate().errors == "faceseg: ./\(numbers): 3 numbers for 40 x 30 pixels\n")
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64Digits(text: String, digits: String) { #expect(base64(Array(text.utf8)) == digits) }

    @Test(arguments: [
        (0.97021, "97.02"), (1, "100.00"), (0, "0.00"), (-0.00964, "-0.96"), (-0.00001, "0.00"),
    ])
    func percentages(share: Double, text: String) { #expect(percent(share) == text) }
}
