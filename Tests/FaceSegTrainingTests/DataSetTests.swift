// Data sets laid out as their makers hand them out, with pictures of a few pixels: the labels that the makers
// mean come out, and what is broken is named.
import Foundation
import Media
import Testing

@testable import FaceSegTraining

/// A folder that is gone with this object.
final class DataFolder {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "faceseg-data-\(UUID())").path()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], _ name: String) throws {
        let url = URL(filePath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }

    func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }

    /// Grey; 2 x 2 pixels unless the width says otherwise.
    func png(_ values: [UInt8], width: Int = 2, _ name: String) throws {
        try write(
            encodePNG(width: width, height: values.count / width, channels: 1, pixels: values), name)
    }

    func ppm(_ pixels: [UInt8], _ name: String) throws {
        try write(Array("P6\n2 \(pixels.count / 6)\n255\n".utf8) + pixels, name)
    }

    func sets(_ inner: String = "", split: String) throws -> [DataSet] {
        try DataSet.open(path + (inner.isEmpty ? "" : "/" + inner), split: split)
    }

    /// What an error says, with the folder as `.`.
    func complaint(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)".replacing(path, with: ".")
        }
    }
}

private let red: [UInt8] = [255, 0, 0], green: [UInt8] = [0, 255, 0], blue: [UInt8] = [0, 0, 255]

@Suite struct LFWReleaseTests {
    private let folder = DataFolder()

    init() throws {
        for name in ["Ann_Li_0001", "Bo_0012"] {
            try folder.png([1, 2, 3, 4], "lfw_funneled/\(name.dropLast(5))/\(name).jpg")
            try folder.ppm(red + green + blue + green, "parts_lfw_funneled_gt_images/\(name).ppm")
        }
        try folder.write("7 7\n8 9\n", "parts_lfw_funneled_superpixels_mat/Bo/Bo_0012.dat")
        try folder.write("Bo 12\n\n Ann_Li 0001 \r\n", "parts_train.txt")
        try folder.write("Ann_Li 1\n", "parts_validation.txt")
    }

    @Test func coloursListsAndSuperpixels() throws {
        let set = try #require(try folder.sets(split: "train").first)
        #expect(set.names == ["Bo_0012", "Ann_Li_0001"])
        let sample = try set.sample(at: 0)
        #expect(
            sample
                == Sample(
                    name: "Bo_0012", width: 2, height: 2, pixels: [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4],
                    labels: [2, 1, 0, 1]))
        #expect(try set.superpixels(at: 0) == [7, 7, 8, 9])
        #expect(try set.superpixels(at: 1) == nil)
        #expect(try folder.sets(split: "val").first?.names == ["Ann_Li_0001"])
        #expect(set.title == folder.path.split(separator: "/").last.map(String.init))
    }

    @Test func whatIsBrokenIsNamed() throws {
        #expect(
            folder.complaint { _ = try folder.sets(split: "test") }
                == "./parts_test.txt: cannot be opened: No such file or directory")
        #expect(
            folder.complaint { _ = try folder.sets(split: "dev") }
                == ".: has no split dev; it has train, val and test")
        try folder.ppm(red + [9, 9, 9], "parts_lfw_funneled_gt_images/Bo_0012.ppm")
        try folder.write("1 x", "parts_lfw_funneled_superpixels_mat/Bo/Bo_0012.dat")
        let set = try #require(try folder.sets(split: "train").first)
        #expect(
            folder.complaint { _ = try set.sample(at: 0) }
                == "./parts_lfw_funneled_gt_images/Bo_0012.ppm: column 1, row 0 is 9, 9, 9; red is hair, green "
                + "skin, blue background")
        #expect(
            folder.complaint { _ = try set.superpixels(at: 0) }
                == "./parts_lfw_funneled_superpixels_mat/Bo/Bo_0012.dat: \"x\" is no whole number")
        #expect(try set.sample(at: 1).labels == [2, 1, 0, 1], "the others are still read")
    }

    @Test(arguments: [
        ("A_B 3", "A_B_0003"), ("A 0012", "A_0012"), ("A 12345", "A_12345"), ("A_0001", "A_0001"),
    ])
    func lines(line: String, name: String) { #expect(lfwName(line) == name) }
}

@Suite struct SplitFolderTests {
    private let folder = DataFolder()

    @Test func severalSetsAndWhatTheirLabelsMean() throws {
        for set in ["figaro1k-hair", "celebamask-mini", "crowds"] {
            try folder.png([0, 2, 255, 1], "\(set)/masks/train/a.png")
            try folder.png([5, 6, 7, 8], "\(set)/images/train/a.jpg")
        }
        try folder.png([5, 6, 7, 8], "backgrounds/images/train/b.jpg")
        try folder.write("no set", "README.md")
        let sets = try folder.sets(split: "val")
        #expect(sets.map(\.title) == ["backgrounds", "celebamask-mini", "crowds", "figaro1k-hair"])
        #expect(
            try sets.map { try $0.sample(at: 0).labels } == [
                [0, 0, 0, 0], [0, 2, 255, 1], [0, 2, 255, 1], [Sample.not(2), 2, 255, 1],
            ])
        let joined = DataSet(joining: sets)
        #expect(joined.names == ["b", "a", "a", "a"])
        #expect(joined.title == "backgrounds + celebamask-mini + crowds + figaro1k-hair")
    }

    @Test(arguments: [
        ("celebamask-mini", 100), ("figaro1k-hair", 100), ("backgrounds", 60), ("crowds", 60),
    ])
    func theLastNamesAreValidation(set: String, count: Int) throws {
        try folder.png([0, 0, 0, 0], "\(set)/masks/train/x.png")
        for i in 0..<count + 2 { try folder.write("", "\(set)/images/train/\(1000 + i).jpg") }
        #expect(try folder.sets(set, split: "train")[0].names == ["1000", "1001"])
        #expect(try folder.sets(set + "/", split: "val")[0].names == (2..<count + 2).map { "\(1000 + $0)" })
    }

    @Test func foldersDivideASet() throws {
        for split in ["train", "val"] {
            try folder.png([0, 1, 2, 2], "some/masks/\(split)/\(split).png")
            try folder.png([0, 0, 0, 0], "some/images/\(split)/\(split).png")
        }
        #expect(try folder.sets("some", split: "val")[0].names == ["val"])
        #expect(try folder.sets("some", split: "train")[0].names == ["train"])
        #expect(
            folder.complaint { _ = try folder.sets(split: "test") }
                == "./some: has no split test: images/test is not there")
    }

    @Test func whatIsBrokenIsNamed() throws {
        try folder.png([0, 0, 0, 0], "a/images/train/x.png")
        #expect(
            folder.complaint { _ = try folder.sets("a", split: "train") }
                == "./a/masks/train: is missing; it holds a PNG of labels for each photo")
        try folder.png([0, 0], "a/masks/train/x.png")
        let set = try folder.sets("a", split: "train")[0]
        #expect(
            folder.complaint { _ = try set.sample(at: 0) }
                == "./a/masks/train/x.png: 2 x 1 labels, but ./a/images/train/x.png has 2 x 2 pixels; they must "
                + "be equal")
        try folder.write("", "empty/images/train/note.txt")
        try folder.write("", "empty/masks/train/note.txt")
        #expect(
            folder.complaint { _ = try folder.sets("empty", split: "train") }
                == "./empty: there is no photo in its split train")
    }
}

@Suite struct ListedFolderTests {
    private let folder = DataFolder()

    @Test(arguments: [
        ("JPEGImages", "SegmentationClass", "ImageSets/Segmentation/val.txt"),
        ("images", "labels", "val.txt"),
        ("images", "masks", "val.txt"),
    ])
    func namesInALine(images: String, masks: String, list: String) throws {
        for name in ["b", "a", "c"] {
            try folder.png([7, 7, 7, 7], "\(images)/\(name).png")
            try folder.png([0, 20, 255, 3], "\(masks)/\(name).png")
        }
        try folder.write("b\na\n", list)
        let set = try folder.sets(split: "val")[0]
        #expect(set.names == ["b", "a"])
        #expect(try set.sample(at: 1).labels == [0, 20, 255, 3])
        #expect(try folder.sets(split: "all")[0].names == ["a", "b", "c"])
        #expect(
            folder.complaint { _ = try folder.sets(split: "train") }
                == ".: has no split train: train.txt is not there; the split all needs none")
    }

    @Test func aNameWithoutAPhoto() throws {
        try folder.png([7, 7, 7, 7], "images/a.png")
        try folder.png([0, 0, 0, 0], "masks/a.png")
        try folder.write("gone\na\n", "val.txt")
        let set = try folder.sets(split: "val")[0]
        #expect(
            folder.complaint { _ = try set.sample(at: 0) }
                == "./images/gone.jpg: cannot be opened: No such file or directory")
        #expect(try set.sample(at: 1).name == "a")
    }
}

@Suite struct CelebAMaskHQTests {
    private let folder = DataFolder()

    private func part(_ name: String, _ shown: [Bool]) throws {
        try folder.png(shown.map { $0 ? 255 : 0 }, "CelebAMask-HQ-mask-anno/0/00010_\(name).png")
    }

    /// Photos have twice the sides: each pixel of the sample is a mean of four.
    @Test func partsLieOverEachOther() throws {
        try folder.png(
            [10, 20, 0, 0, 30, 41, 0, 2, 4, 4, 8, 8, 4, 4, 8, 8], width: 4, "CelebA-HQ-img/10.jpg")
        try folder.png([0, 0, 0, 0], "CelebA-HQ-img/9.jpg")
        try part("skin", [true, true, true, false])
        try part("hair", [true, true, false, false])
        try part("hat", [false, true, false, false])
        let set = try folder.sets(split: "all")[0]
        #expect(set.names == ["9", "10"])
        let sample = try set.sample(at: 1)
        #expect(sample.labels == [2, 0, 1, 0])
        #expect(stride(from: 0, to: 12, by: 3).map { sample.pixels[$0] } == [25, 1, 4, 8])
        #expect(
            folder.complaint { _ = try set.sample(at: 0) }
                == "./CelebAMask-HQ-mask-anno/0/00009_skin.png: cannot be opened: No such file or directory")
    }

    /// The table of the data's README: what each part becomes.
    @Test func whatPartsBecome() {
        let face = CelebAMaskHQ.parts.filter { $0.label == 1 }.map(\.name)
        #expect(
            Set(face) == [
                "skin", "nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear", "mouth",
                "u_lip", "l_lip", "neck",
            ])
        #expect(CelebAMaskHQ.parts.filter { $0.label == 2 }.map(\.name) == ["hair"])
        #expect(
            CelebAMaskHQ.parts.filter { $0.label == 0 }.map(\.name) == ["hat", "ear_r", "neck_l", "cloth"])
    }
}

@Suite struct DataSetOpeningTests {
    @Test func whatIsLookedFor() throws {
        let folder = DataFolder()
        try folder.write("", "nothing/here.txt")
        let complaint = try #require(folder.complaint { _ = try folder.sets(split: "val") })
        #expect(
            complaint.hasPrefix(
                ".: neither it nor a folder in it is a data set; looked for lfw_funneled and "))
        for sign in ["CelebA-HQ-img", "images/train", "JPEGImages", "SPLIT.txt"] {
            #expect(complaint.contains(sign))
        }
        #expect(
            folder.complaint { _ = try folder.sets("gone", split: "val") }
                == "./gone: is no folder; name the one of a data set")
    }
}
