// PatternTests: quoted patterns as photos, and earlier results, which neither folders nor patterns stand for.
import Foundation
import Media
import Testing

@testable import faceseg

struct PatternTests {
    private let folder = Folder()

    init() throws {
        for name in ["x", "x/deep"] { try folder.makeFolder(name) }
        for name in ["x/a.png", "x/b.png", "x/deep/c.png"] {
            try folder.write(
                try encodePNG(width: 24, height: 16, channels: 3, pixels: noise(24, 16, channels: 3)), name)
        }
    }

    private func segment(_ words: String) throws -> Outcome {
        try Program.shell("\"$0\" segment \(words)", in: folder)
    }

    private func photos(_ outcome: Outcome) -> [String] {
        outcome.lines.map { String($0.prefix { $0 != ":" }) }
    }

    @Test(arguments: [
        ("'x/*.png'", ["x/a.png", "x/b.png"]), ("'x/[!a].*'", ["x/b.png"]),
        ("x/a.png 'x/b*'", ["x/a.png", "x/b.png"]),
        ("'**/*.png'", ["x/a.png", "x/b.png", "x/deep/c.png"]), ("'x/d*p'", ["x/deep/c.png"]),
    ])
    func findsPhotos(words: String, found: [String]) throws {
        let outcome = try segment("\(words) -o out")
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(photos(outcome) == found)
        #expect(try folder.names("out").count == found.count)
    }

    /// A folder or a pattern needs a place, even for one photo.
    @Test(arguments: ["x", "x/deep", "'x/a*'", "'x/*.png'"])
    func needsFolder(word: String) throws {
        let outcome = try segment(word)
        #expect(outcome.code == 2 && outcome.output == "")
        #expect(
            outcome.errors == "faceseg: a folder or pattern needs -o FOLDER; see `faceseg segment --help`\n")
    }

    /// Where nothing is found that is the mistake to mend, not the missing `-o`.
    @Test(arguments: [
        ("'x/*.jpg'", "x/*.jpg: nothing has such a name"),
        ("empty", "empty: no .jpg, .jpeg, .png or .webp file is in this folder"),
    ])
    func findsNothing(word: String, message: String) throws {
        try folder.makeFolder("empty")
        let outcome = try segment(word)
        #expect(outcome.code == 1 && outcome.output == "")
        #expect(outcome.errors == "faceseg: \(message)\n")
        #expect(try segment("\(word) 'empty/no*'").errors.split(separator: "\n").count == 2)
        #expect(try segment("\(word) x/a.png").errors.contains("several photos need -o FOLDER"))
    }

    @Test func whatMatchesNothingStopsNoOther() throws {
        let outcome = try segment("'x/*.jpg' x/a.png -o out --json")
        #expect(outcome.code == 1)
        #expect(outcome.errors == "faceseg: x/*.jpg: nothing has such a name\n")
        #expect(try outcome.objects().map { $0["photo"] as? String } == ["x/*.jpg", "x/a.png"])
    }

    /// A second walk finds what the first one found, whatever was asked for.
    @Test(arguments: [
        "", "--format jpg", "--format webp", "--output labels,overlay,cutout,alpha,probabilities",
        "--output cutout,alpha --format webp", "--output overlay,alpha --format jpg",
    ])
    func resultsAreNoPhotos(options: String) throws {
        for _ in 1...2 {
            for words in ["x", "'x/*.*'"] {
                let outcome = try segment("\(words) -o x \(options)")
                #expect(outcome.code == 0, "\(outcome.errors)")
                #expect(photos(outcome) == ["x/a.png", "x/b.png"])
            }
        }
        let named = try segment("'x/*.faceseg.*' 'x/*.alpha.*' -o out")
        #expect(named.code == 1 && named.output == "")
        let apart = try segment("x -o apart \(options)")
        #expect(apart.code == 0)
        let again = try segment("apart -o out")
        #expect(again.code == 1)
        #expect(
            again.errors
                == "faceseg: apart: no .jpg, .jpeg, .png or .webp file is in this folder but earlier results\n"
        )
        // A file that is named is taken, whatever it is called.
        let first = try #require(try folder.names("apart").first { !$0.hasSuffix(".npy") })
        #expect(try segment("apart/\(first) -o out/").code == 0)
    }

    @Test(arguments: [
        ("a.faceseg.png", true), ("a.b.labels.png", true), ("a.jpg.alpha.webp", true),
        ("a.overlay.jpg", true),
        ("a.probabilities.npy", true), ("labels.png", false), ("faceseg.png", false), ("a.mask.png", false),
        ("a.faceseg.txt", false), ("a.faceseg", false), ("my.labels", false), ("a.Labels.png", false),
        ("a.labels.png.png", false),
    ])
    func names(name: String, isResult: Bool) { #expect(ResultName.isTaken(name) == isResult) }
}
