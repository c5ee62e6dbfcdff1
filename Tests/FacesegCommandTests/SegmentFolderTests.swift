// SegmentFolderTests: several photos at once: what they are called, and that one bad photo stops no other.
import Foundation
import Media
import Testing

struct SegmentFolderTests {
    private let folder = Folder()

    private func addPhoto(_ name: String) throws {
        let pixels = noise(24, 16, channels: 3)
        let bytes =
            name.lowercased().hasSuffix("jpg")
            ? try encodeJPEG(width: 24, height: 16, channels: 3, pixels: pixels)
            : try encodePNG(width: 24, height: 16, channels: 3, pixels: pixels)
        try folder.write(bytes, name)
    }

    @Test func eachPhotoOfAFolder() throws {
        try folder.makeFolder("in")
        for name in ["b.JPG", "a.png", "a.faceseg.png", ".hidden.png"] { try addPhoto("in/" + name) }
        let outcome = try Program.run("segment", "in", "-o", "deep/new/out", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.lines.map { $0.prefix { $0 != ":" } } == ["in/a.png", "in/b.JPG"])
        #expect(try folder.names("deep/new/out") == ["a.faceseg.png", "b.faceseg.png"])
        #expect(try folder.names("in").count == 4, "nothing is written beside the photos")
    }

    @Test func photosThatDifferInTheirEndingKeepIt() throws {
        for name in ["a.png", "a.jpg", "b.png"] { try addPhoto(name) }
        try folder.makeFolder("out")
        #expect(try Program.run("segment", "a.png", "a.jpg", "b.png", "-o", "out", in: folder).code == 0)
        #expect(try folder.names("out") == ["a.jpg.faceseg.png", "a.png.faceseg.png", "b.faceseg.png"])
    }

    /// é composed and decomposed: one text, two files.
    @Test func namesAreBytes() throws {
        for name in ["\u{E9}.png", "e\u{301}.png"] { try addPhoto(name) }
        let outcome = try Program.shell(#""$0" segment *.png -o out && ls out | wc -l"#, in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.lines.last == "2")
    }

    @Test func twoResultsNeverGetOneName() throws {
        for name in ["x", "y"] {
            try folder.makeFolder(name)
            try addPhoto(name + "/a.png")
        }
        let outcome = try Program.run("segment", "x/a.png", "y/a.png", "-o", "out", in: folder)
        #expect(outcome.code == 2)
        #expect(
            outcome.errors.hasPrefix("faceseg: x/a.png and y/a.png would both become out/a.png.faceseg.png"))
        #expect(try folder.names() == ["x", "y"])
    }

    @Test(arguments: ["photo.png", "./photo.png", "link.png"])
    func aPhotoIsNeverOverwritten(out: String) throws {
        try addPhoto("photo.png")
        let before = try folder.bytes("photo.png")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link.png"), withDestinationPath: "photo.png")
        let outcome = try Program.run("segment", "photo.png", "-o", out, in: folder)
        #expect(outcome.code == 2)
        #expect(
            outcome.errors
                == "faceseg: \(out) is itself a photo to segment; give another -o; see `faceseg segment --help`\n"
        )
        #expect(try folder.bytes("photo.png") == before)
    }

    @Test func aBadPhotoStopsNoOther() throws {
        for name in ["a.png", "d.png"] { try addPhoto(name) }
        try folder.write(try folder.bytes("a.png").dropLast(300), "b.png")
        try folder.write("no picture", "c.png")
        let outcome = try Program.run(
            "segment", "gone.jpg", "a.png", "b.png", "c.png", "d.png", "-o", "o", "--json", in: folder)
        #expect(outcome.code == 1)
        #expect(try folder.names("o") == ["a.faceseg.png", "d.faceseg.png"])
        let errors = outcome.errors.split(separator: "\n")
        try #require(errors.count == 3)
        #expect(errors[0] == "faceseg: gone.jpg: cannot be read: No such file or directory")
        #expect(errors[1].hasPrefix("faceseg: b.png: the PNG is cut off"), "\(errors[1])")
        #expect(errors[2] == "faceseg: c.png: not a JPEG, PNG or WebP picture; convert it to one")
        let objects = try outcome.objects()
        try #require(
            objects.map { $0["photo"] as? String } == ["gone.jpg", "a.png", "b.png", "c.png", "d.png"])
        #expect(objects.map { $0["error"] != nil } == [true, false, true, true, false])
        #expect(objects[3]["error"] as? String == "c.png: not a JPEG, PNG or WebP picture; convert it to one")
    }

    @Test func oddNamesAreEscaped() throws {
        let name = "a \"b\" \\ \n\t\u{1}ü 日本 🙂.png"
        try addPhoto(name)
        let outcome = try Program.run("segment", name, "--json", in: folder)
        #expect(outcome.code == 0)
        #expect(outcome.lines.count == 1)
        #expect(try outcome.object()["photo"] as? String == name)
        #expect(try folder.names().contains(name.dropLast(4) + ".faceseg.png"))
    }
}
