// faceseg mend: what it writes for which sets, that training takes it, and command lines that it refuses.
import Foundation
import Media
import Testing

@Suite struct MendTests {
    /// The example photo, as each of three sets has it: who is in it is known to none of them.
    private func sets(_ folder: Folder) throws {
        try folder.makeFolder("data")
        for set in ["figaro1k-hair", "lfw-part-labels", "celebamask-mini"] {
            for kind in ["", "/images", "/masks"] { try folder.makeFolder("data/" + set + kind) }
            for split in ["train", "val"] {
                for kind in ["images", "masks"] { try folder.makeFolder("data/\(set)/\(kind)/\(split)") }
                try folder.copy(Fixture.astronaut, "data/\(set)/images/\(split)/a.png")
                var labels = [UInt8](repeating: 0, count: 512 * 512)
                labels[0] = 2
                let mask = try encodePNG(width: 512, height: 512, channels: 1, pixels: labels)
                try folder.write(mask, "data/\(set)/masks/\(split)/a.png")
            }
        }
    }

    @Test func masksForTraining() throws {
        let folder = Folder()
        try sets(folder)
        let result = try Program.run("mend", "--data", "data", "-o", "mended", in: folder)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("figaro1k-hair: 1 of 1 photos mended"))
        #expect(result.output.contains("lfw-part-labels: 1 of 1 photos mended"))
        #expect(try folder.names("mended") == ["figaro1k-hair", "lfw-part-labels"])
        func labels(_ set: String) throws -> [UInt8] {
            try Mask.read(path: folder.file("mended/\(set)/a.png")).labels
        }
        let (hair, person) = (try labels("figaro1k-hair"), try labels("lfw-part-labels"))
        #expect(Set(hair) == [0, 1, 2, 130] && hair.count { $0 == 2 } == 1)
        #expect(hair[120 * 512 + 225] == 1, "her face")
        #expect(Set(person) == [0, 2, 255] && person[120 * 512 + 225] == 255)
        let trained = try Program.shell(
            "$0 train --recipe light --data data --mended mended --shares figaro1k-hair=1 --preview 1 -o run",
            in: folder)
        #expect(trained.code == 0, "\(trained.errors)")
        let without = try Program.shell(
            "$0 train --recipe light --data data --mended data --preview 1 -o run", in: folder)
        #expect(without.code == 1 && without.errors.contains("no mask for any photo"), "\(without.errors)")
    }

    @Test func whatCannotBeRead() throws {
        let folder = Folder()
        try sets(folder)
        try folder.write("no photo", "data/figaro1k-hair/images/train/a.png")
        let result = try Program.run("mend", "--data", "data", "-o", "mended", in: folder)
        #expect(result.code == 1 && result.errors.contains("figaro1k-hair/images/train/a.png"))
        #expect(try folder.names("mended") == ["lfw-part-labels"], "the others are mended")
        let other = try Program.run("mend", "--data", "data/celebamask-mini", "-o", "mended", in: folder)
        #expect(other.code == 1 && other.errors.contains("can be mended"))
    }

    @Test(arguments: [
        ("mend", "--data DIR"), ("mend --data d", "-o MASKS"), ("mend d", "is too much"),
        ("mend --data d -o m --certain 0.2", "--certain: a number of 0.5 to 1"),
    ])
    func refused(words: String, part: String) throws {
        let result = try Program.shell("$0 " + words, in: Folder())
        #expect(result.code == 2 && result.errors.contains(part), "\(result.errors)")
    }
}
