// faceseg train and surgery: what they write and print, Ctrl-C, and command lines that they refuse.
import Foundation
import Media
import Testing

@Suite struct TrainTests {
    /// Photos of one colour left and another right, with masks that say so.
    private func halves(_ folder: Folder) throws {
        for name in ["data", "data/images", "data/masks"] { try folder.makeFolder(name) }
        for split in ["train", "val"] {
            for kind in ["images", "masks"] { try folder.makeFolder("data/\(kind)/\(split)") }
            for i in 0..<3 {
                var pixels: [UInt8] = [], labels: [UInt8] = []
                for pixel in 0..<32 * 32 {
                    let isRight = pixel % 32 >= 12 + 3 * i
                    pixels += isRight ? [200, 150, 120] : [40, UInt8(60 + i), 90]
                    labels.append(isRight ? 1 : 0)
                }
                let photo = try encodePNG(width: 32, height: 32, channels: 3, pixels: pixels)
                let mask = try encodePNG(width: 32, height: 32, channels: 1, pixels: labels)
                try folder.write(photo, "data/images/\(split)/\(i).png")
                try folder.write(mask, "data/masks/\(split)/\(i).png")
            }
        }
    }

    @Test func recipe() throws {
        let folder = Folder()
        try halves(folder)
        let start =
            "$0 train --recipe facefcn --data data --narrow 32 --size 64 -o run --validate 2 --rate 1e-8"
        let result = try Program.shell(start + " --iterations 2", in: folder)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("iteration 2: validation loss"))
        let written = try folder.names("run")
        for name in [
            "train.prototxt", "val.prototxt", "deploy.prototxt", "solver.prototxt", "log.csv", "training.svg",
            "examples.png", "facefcn_iter_2.caffemodel", "facefcn_iter_2.solverstate",
            "facefcn_best.caffemodel",
        ] {
            #expect(written.contains(name), "\(name)")
        }
        let more = try Program.shell(start + " --iterations 4 --resume", in: folder)
        #expect(more.code == 0 && more.errors.contains("goes on after iteration 2"), "\(more.errors)")
        let sheet = try Program.shell(start + " --preview 4", in: folder)
        #expect(sheet.output == "run/preview.png\n", "\(sheet.errors)")
        // What was trained is a network like any other.
        let used = try Program.run(
            "evaluate", "--data", "data", "--model", "run/facefcn_iter_4.caffemodel", "--prototxt",
            "run/deploy.prototxt", "--json", in: folder)
        #expect(used.code == 0 && used.output.contains("pixel_accuracy"), "\(used.errors)")
    }

    @Test func lightRecipe() throws {
        let folder = Folder()
        try halves(folder)
        let result = try Program.shell(
            "$0 train --recipe light --data data --size 32 --batch 2 -o run --validate 2 --iterations 2 --photos 1",
            in: folder)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output.contains("iteration 2: validation loss"))
        let written = try folder.names("run")
        #expect(
            written.contains("light_iter_2.average.caffemodel") && written.contains("light_best.caffemodel"))
        let used = try Program.run(
            "info", "run/light_best.caffemodel", "--prototxt", "run/deploy.prototxt", in: folder)
        #expect(used.code == 0 && used.output.contains("m0_scale"), "\(used.errors)")
    }

    /// The first signal ends the iteration and writes a snapshot.
    @Test func interrupted() throws {
        let folder = Folder()
        try halves(folder)
        let result = try Program.bash(
            "$0 train --recipe facefcn --data data --narrow 32 --size 64 -o run --rate 1e-8 --iterations 100000 & "
                + "until [ -s run/log.csv ] && [ $(wc -l < run/log.csv) -gt 1 ]; do sleep 0.1; done; "
                + "kill -INT $!; wait $!", in: folder)
        #expect(result.code == 0 && result.errors.contains("--resume goes on"), "\(result.errors)")
        #expect(try folder.names("run").contains { $0.hasSuffix(".solverstate") })
    }

    /// What there is no room for is told, and the last whole snapshot is what a later run goes on from.
    @Test func aFullDisk() throws {
        let folder = Folder()
        try halves(folder)
        let start =
            "$0 train --recipe facefcn --data data --narrow 32 --size 64 -o run --validate 2 --rate 1e-8 --resume"
        let whole = try Program.shell("set -e; \(start) --iterations 2", in: folder)
        #expect(whole.code == 0, "\(whole.errors)")
        let snapshot = ["caffemodel", "solverstate", "sha256"].map { "run/facefcn_iter_2." + $0 }
        let before = try snapshot.map { try folder.bytes($0) }
        // A limit on the size of files fails as a full disk does, and needs no rights.
        let full = try Program.shell(
            "trap '' XFSZ; ulimit -f 200; exec \(start) --iterations 4", in: folder)
        #expect(full.code == 1 && full.errors.contains("cannot be written: File too large"), "\(full.errors)")
        #expect(try snapshot.map { try folder.bytes($0) } == before)
        #expect(try !folder.names("run").contains { $0.contains("iter_4") || $0.contains("tmp") })
        let more = try Program.shell("\(start) --iterations 4", in: folder)
        #expect(more.code == 0 && more.errors.contains("goes on after iteration 2"), "\(more.errors)")
    }

    @Test func surgery() throws {
        let folder = Folder()
        try folder.write(
            """
            layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 256 dim: 256 } } }
            layer { name: "stem" type: "Convolution" bottom: "data" top: "stem"
              convolution_param { num_output: 20 kernel_size: 3 pad: 1 stride: 2 } }
            layer { name: "own" type: "Convolution" bottom: "stem" top: "own"
              convolution_param { num_output: 2 kernel_size: 1 } }
            """, "net.prototxt")
        try folder.copy(Fixture.package + "Sources/EmbeddedNetwork/standard.caffemodel", "builtin.caffemodel")
        let result = try Program.run(
            "surgery", "builtin.caffemodel", "net.prototxt", "-o", "out.caffemodel", in: folder)
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.output == "grown: stem\nnot in the file: own\n")
    }

    @Test(arguments: [
        ("train", "one of --solver and --recipe"), ("train --recipe facefcn", "--data"),
        ("train --solver x --narrow 2", "--narrow belongs to --recipe"),
        ("train --solver x --resume --snapshot y", "two beginnings"),
        ("train --recipe other --data d", "none of facefcn, light, small"),
        ("train --recipe light --data d --narrow 2", "--narrow belongs to --recipe facefcn"),
        ("train --recipe facefcn --data d --shares a=1", "--shares belongs to --recipe light"),
        ("train --recipe light --data d --shares a=1,b", "no NAME=NUMBER"), ("surgery a", ".prototxt"),
        ("surgery a b", "-o OUT"),
    ])
    func refused(words: String, part: String) throws {
        let result = try Program.shell("$0 " + words, in: Folder())
        #expect(result.code == 2 && result.errors.contains(part), "\(result.errors)")
    }

    @Test func missingFiles() throws {
        let result = try Program.run("train", "--solver", "none.prototxt", in: Folder())
        #expect(result.code == 1 && result.errors.contains("none.prototxt"))
    }
}
