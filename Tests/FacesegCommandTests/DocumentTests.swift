// DocumentTests: docs/shell.md and the examples of --help, followed word by word.
import Foundation
import Media
import Testing

@testable import faceseg

struct DocumentTests {
    private let folder = Folder()

    /// The files that the examples speak of.
    init() throws {
        for name in ["holiday", "holiday/deep", "bin"] { try folder.makeFolder(name) }
        let pixels = noise(60, 80, channels: 3)
        let jpeg = try encodeJPEG(width: 60, height: 80, channels: 3, pixels: pixels)
        for name in ["photo.jpg", "holiday/a.jpg", "holiday/deep/b.jpg"] { try folder.write(jpeg, name) }
        let video = Y4M.bytes(Photo(width: 60, height: 80, channels: 3, pixels: pixels), frames: 3)
        for name in ["clip.mp4", "clip.y4m"] { try folder.write(video, name) }  // FFmpeg looks into files
        for name in ["data", "data/set", "data/set/images", "data/set/masks"] { try folder.makeFolder(name) }
        for name in ["data/set/images/val", "data/set/masks/val"] { try folder.makeFolder(name) }
        try folder.write(jpeg, "data/set/images/val/a.jpg")
        let labels = (0..<4800).map { UInt8($0 % 3) }
        try folder.write(
            try encodePNG(width: 60, height: 80, channels: 1, pixels: labels), "data/set/masks/val/a.png")
        for name in ["deploy", "their", "fcn8s", "old", "first"] {
            try folder.copy(Fixture.small + "light_unet.caffemodel", name + ".caffemodel")
        }
        for name in ["deploy", "train_val"] {
            try folder.copy(Fixture.small + "light_unet.prototxt", name + ".prototxt")
        }
        try writeTraining(jpeg, labels)
        for name in ["x.npy", "data.npy"] { try folder.copy(Fixture.small + "light_unet.input.npy", name) }
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("bin/faceseg"), withDestinationPath: Program.path)
    }

    /// A solver of two iterations, its net, a data set, and weights of a net that has no layer in common with it.
    private func writeTraining(_ photo: [UInt8], _ labels: [UInt8]) throws {
        let mask = try encodePNG(width: 60, height: 80, channels: 1, pixels: labels)
        for name in ["face", "sets"] { try folder.makeFolder(name) }
        for set in ["lfw", "sets/lfw-part-labels"] {
            for kind in ["", "/images", "/masks"] { try folder.makeFolder(set + kind) }
            for split in ["train", "val"] {
                for kind in ["images", "masks"] { try folder.makeFolder("\(set)/\(kind)/\(split)") }
                try folder.write(photo, "\(set)/images/\(split)/a.jpg")
                try folder.write(mask, "\(set)/masks/\(split)/a.png")
            }
        }
        let net = """
            layer { name: "data" type: "Python" top: "data" top: "label" python_param { module: "m" layer: "L"
              param_str: "{'lfw_dir': 'lfw', 'split': 'train'}" } }
            layer { name: "only" type: "Convolution" bottom: "data" top: "score"
              convolution_param { num_output: 3 kernel_size: 1 } }
            layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
            """
        for name in ["train.prototxt", "face/train.prototxt"] { try folder.write(net, name) }
        try folder.write(
            "train_net: \"train.prototxt\" base_lr: 1e-6 max_iter: 2 snapshot_prefix: \"snap\"",
            "solver.prototxt")
        for name in ["vgg16", "vgg16fc", "fcn8s-voc"] {
            try folder.copy(Fixture.small + "light_unet.caffemodel", name + ".caffemodel")
        }
    }

    /// Runs lines in one shell, in which a pipe fails where any of its programs does.
    private func follow(_ lines: [String]) throws {
        let script = (["set -euo pipefail", "PATH=$PWD/bin:$PATH"] + lines).joined(separator: "\n")
        let outcome = try Program.bash(script, in: folder)
        #expect(outcome.code == 0, "\(lines): \(outcome.errors)")
    }

    @Test func theGuide() throws {
        let guide = try String(contentsOfFile: Fixture.package + "docs/shell.md", encoding: .utf8)
        let parts = guide.components(separatedBy: "```")
        let blocks = parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element).filter {
            $0.hasPrefix("sh\n")
        }
        try #require(blocks.count == 5)
        for block in blocks { try follow(block.dropFirst(3).split(separator: "\n").map(String.init)) }
        #expect(try folder.photo("photo.faceseg.png").width == 60)
        #expect(try folder.photo("me.webp").channels == 4)
        #expect(try folder.names("masks") == ["a.alpha.png", "a.labels.png"])
        #expect(try folder.names("more") == ["a.faceseg.webp", "b.faceseg.webp"])
        #expect(try folder.array("score.npy").shape == [1, 3, 64, 96])
        #expect(try folder.photo("mask.png").width == 60)
        #expect(try folder.text("info.json").hasPrefix("{\"name\":"))
    }

    /// And docs/evaluate.md, which tells of every key.
    @Test func theGuideToScores() throws {
        let guide = try String(contentsOfFile: Fixture.package + "docs/evaluate.md", encoding: .utf8)
        let blocks = guide.components(separatedBy: "```sh\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        try #require(blocks.count == 2)
        for block in blocks { try follow(block.split(separator: "\n").map(String.init)) }
        func keys(_ value: Any) -> [String] {
            switch value {
            case let object as [String: Any]: object.keys + object.values.flatMap(keys)
            case let list as [Any]: list.flatMap(keys)
            default: []
            }
        }
        let scores = try JSONSerialization.jsonObject(with: Data(folder.bytes("scores.json")))
        for key in Set(keys(scores)) { #expect(guide.contains("`\(key)`"), "\(key)") }
    }

    /// Exit codes are those of the program.
    @Test func theTableOfExitCodes() throws {
        let guide = try String(contentsOfFile: Fixture.package + "docs/shell.md", encoding: .utf8)
        for (code, _) in ExitCode.meanings { #expect(guide.contains("| \(code) |")) }
    }

    /// And the table of formats.
    @Test func theTableOfFormats() throws {
        let guide = try String(contentsOfFile: Fixture.package + "docs/shell.md", encoding: .utf8)
        for output in Output.allCases {
            let row = try #require(
                guide.split(separator: "\n").first { $0.hasPrefix("| \(output.rawValue) |") })
            let cells = row.split(separator: "|").dropFirst().map { $0.contains { $0 != " " } }
            #expect(cells == FileFormat.allCases.map(output.formats.contains), "\(row)")
        }
    }

    /// But `live`, which wants a screen: Tests/video.
    @Test(arguments: Faceseg.commands.map(\.name).filter { $0 != "live" })
    func examplesOf(command: String) throws {
        let examples = try #require(Faceseg.commands.first { $0.name == command }).examples
        for example in examples {
            // Sizes and names of blobs are those of large networks.
            let line = example.line.replacing("--blob pool3", with: "--blob score")
                .replacing("500x375", with: "64x96").replacing("1,3,512,512", with: "1,3,64,96")
                .replacing(
                    "--narrow 4 --rate 3e-10", with: "--narrow 64 --size 64 --iterations 1 --photos 1")
            try follow(["faceseg \(command) " + line.replacing("| less", with: "| cat")])
        }
    }
}
