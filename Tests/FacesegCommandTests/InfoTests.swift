// InfoTests: what `faceseg info` and `faceseg convert` say and write, against layers counted by hand.
import Foundation
import Media
import Testing

struct InfoTests {
    private let folder = Folder()
    /// On 1 x 3 x 6 x 8: weights and multiply-adds are worked out below.
    private let net = """
        name: "counted"
        input: "data" input_shape { dim: 1 dim: 3 dim: 6 dim: 8 }
        layer { name: "c" type: "Convolution" bottom: "data" top: "c"
          convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }
        layer { name: "r" type: "ReLU" bottom: "c" top: "c" }
        layer { name: "d" type: "Deconvolution" bottom: "c" top: "d"
          convolution_param { num_output: 2 kernel_size: 4 stride: 2 pad: 1 group: 2 bias_term: false } }
        layer { name: "i" type: "InnerProduct" bottom: "d" top: "score"
          inner_product_param { num_output: 5 axis: -1 } }
        """
    /// Name, output, weights, multiply-adds.
    private let counted: [(String, [Int], Int, Int)] = [
        ("c", [1, 4, 6, 8], 4 * 3 * 9 + 4, 4 * 6 * 8 * 27),
        ("r", [1, 4, 6, 8], 0, 0),
        ("d", [1, 2, 12, 16], 4 * 16, 4 * 6 * 8 * 16),
        ("i", [1, 2, 12, 5], 16 * 5 + 5, 2 * 12 * 16 * 5),
    ]

    @Test func layersAsCountedByHand() throws {
        try folder.write(net, "net.prototxt")
        let outcome = try Program.run("info", "net.prototxt", "--json", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let info = try outcome.object()
        #expect(info["name"] as? String == "counted")
        let layers = try #require(info["layers"] as? [[String: Any]])
        #expect(layers.count == counted.count)
        for (layer, counted) in zip(layers, counted) {
            #expect(layer["name"] as? String == counted.0)
            #expect(layer["shapes"] as? [[Int]] == [counted.1])
            #expect(layer["weights"] as? Int == counted.2)
            #expect(layer["multiply_adds"] as? Int == counted.3)
        }
        #expect(layers[1]["inputs"] as? [String] == ["c"] && layers[1]["outputs"] as? [String] == ["c"])
        #expect(info["weights"] as? Int == 112 + 64 + 85)
        #expect(info["multiply_adds"] as? Int == 5184 + 3072 + 1920)
        let memory = try #require(info["memory"] as? [String: Int])
        // At least the numbers themselves; exact sizes are tested in the library, where they can be looked at.
        #expect(try #require(memory["weights"]) >= 4 * (112 + 64 + 85))
        #expect(try #require(memory["scratch"]) >= 4 * (192 + 384))
        #expect((info["outputs"] as? [[String: Any]])?.first?["main"] as? Bool == true)
    }

    @Test func tableForPeople() throws {
        try folder.write(net, "net.prototxt")
        let outcome = try Program.run("info", "net.prototxt", in: folder)
        #expect(
            outcome.lines.contains("c      Convolution    1 x 4 x 6 x 8        112          5,184  data -> c")
        )
        #expect(outcome.lines.contains("total  4 layers                            261         10,176"))
        #expect(
            outcome.lines.last?.contains("kernels ") == true
                && outcome.lines.last?.contains("threads ") == true)
        #expect(outcome.lines.allSatisfy { $0.last != " " })
    }

    @Test(arguments: [("12x16", [1, 3, 12, 16]), ("2,3,6,8", [2, 3, 6, 8])])
    func otherSizes(size: String, shape: [Int]) throws {
        try folder.write(net, "net.prototxt")
        let info = try Program.run("info", "net.prototxt", "--json", "--size", size, in: folder).object()
        let input = (info["inputs"] as? [[String: Any]])?.first
        #expect(input?["shape"] as? [Int] == shape)
        #expect(input?["declared"] as? Bool == false)
        #expect(info["weights"] as? Int != nil)
    }

    @Test func memoryByThreads() throws {
        try folder.write(net, "net.prototxt")
        func memory(_ threads: String) throws -> [String: Int] {
            let info = try Program.run(
                "info", "net.prototxt", "--json", "--threads", threads, in: folder
            ).object()
            return try #require(info["memory"] as? [String: Int])
        }
        let one = try memory("1"), four = try memory("4")
        #expect(one["threads"] == 1 && four["threads"] == 4)
        #expect(one["weights"] == four["weights"])
        #expect(try #require(one["scratch"]) < #require(four["scratch"]))
        let text = try Program.run("info", "net.prototxt", "--threads", "1", in: folder).output
        let pattern =
            /memory +[0-9.]+ kB packed weights, [0-9.]+ [kM]B scratch with 1 thread; the least limit is [0-9.]+ [kM]B\n/
        #expect(try pattern.firstMatch(in: text) != nil, "\(text)")
    }

    @Test(arguments: ["info - --prototxt net.prototxt", "convert - -o out.prototxt"])
    func modelFromStandardInput(line: String) throws {
        try folder.copy(Fixture.small + "legacy_v1.caffemodel", "net.caffemodel")
        try folder.copy(Fixture.small + "legacy_v1.prototxt", "net.prototxt")
        let named = line.replacing(" - ", with: " net.caffemodel ").replacing(/-$/, with: "net.caffemodel")
        for way in ["\"$0\" \(line) < net.caffemodel", "cat net.caffemodel | \"$0\" \(line)"] {
            let piped = try Program.shell(way, in: folder)
            let filed = try Program.shell("\"$0\" \(named)", in: folder)
            #expect(piped.code == 0 && piped.errors == "", "\(piped.errors)")
            #expect(piped.output == filed.output.replacing("net.caffemodel ->", with: "- ->"))
        }
    }

    /// Names of many classes are not all listed.
    @Test func manyClasses() throws {
        try folder.write(
            """
            input: "data" input_shape { dim: 1 dim: 200 dim: 1 dim: 1 }
            layer { name: "r" type: "ReLU" bottom: "data" top: "r" }
            """, "many.prototxt")
        let text = try Program.run("info", "many.prototxt", in: folder).output
        #expect(text.contains("200 in all"))
    }

    /// Numbers that a file can make too large to count are the largest that can be.
    @Test func hugeLayers() throws {
        try folder.write(
            """
            input: "data" input_shape { dim: 1 dim: 8589934592 dim: 1 dim: 1 }
            layer { name: "c" type: "Convolution" bottom: "data" top: "c"
              convolution_param { num_output: 1000000 kernel_size: 100 pad: 50 } }
            """, "huge.prototxt")
        let outcome = try Program.run("info", "huge.prototxt", "--json", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(try outcome.object()["multiply_adds"] as? Int == .max)
        let text = try Program.run("info", "huge.prototxt", in: folder).output
        #expect(text.utf8.count < 4000)
    }

    @Test func builtIn() throws {
        let info = try Program.run("info", "--json", in: folder).object()
        #expect(info["classes"] as? [String] == ["background", "face", "hair"])
        #expect((info["license"] as? String ?? "") != "")
        let small = try Program.run("info", "--network", "small", "--json", in: folder).object()
        #expect(small["name"] as? String == "FaceHairSmall" && info["name"] as? String == "FaceHairLite")
        let runtime = try #require(info["runtime"] as? [String: Any])
        #expect(["avx512", "avx2", "neon", "scalar"].contains(runtime["cpu"] as? String))
        #expect((runtime["threads"] as? Int ?? 0) >= 1)
    }
}

struct ConvertTests {
    private let folder = Folder(), net = Fixture.small + "legacy_v1"

    @Test func metadataAndTheSameScores() throws {
        let outcome = try Program.run(
            "convert", net + ".caffemodel", "--prototxt", net + ".prototxt", "-o", "new.caffemodel", "--name",
            "N",
            "--version-text=2.1", "--license", "free", "--description", "says \"so\"", "--accuracy", "99 %",
            "--classes",
            "a,b", "--means", "-1,2.5,3", "--scale", "0.25", "--size", "96", "--reduce", "none", "--canvas",
            "square",
            "--canvas-color", "1,2,3", "--multiple-of", "32", "--exposure", "brightened", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let info = try Program.run("info", "new.caffemodel", "--json", in: folder).object()
        let texts = ["name", "version", "license", "description", "accuracy"].map { info[$0] as? String }
        #expect(texts == ["N", "2.1", "free", "says \"so\"", "99 %"])
        let preprocessing = try #require(info["preprocessing"] as? [String: Any])
        #expect(preprocessing["mean_bgr"] as? [Double] == [-1, 2.5, 3])
        #expect(preprocessing["scale"] as? Double == 0.25)
        #expect(preprocessing["working_size"] as? Int == 96)
        #expect(preprocessing["reduce_size"] is NSNull)
        #expect(preprocessing["canvas"] as? String == "square")
        #expect(preprocessing["canvas_color_bgr"] as? [Double] == [1, 2, 3])
        #expect(preprocessing["multiple_of"] as? Int == 32)
        #expect(preprocessing["exposure"] as? String == "brightened")
        try check("new.caffemodel")
    }

    @Test func layersAsText() throws {
        let outcome = try Program.run(
            "convert", net + ".caffemodel", "--prototxt", net + ".prototxt", "-o", "new.prototxt", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(try folder.text("new.prototxt").contains("layer {"))
        try check(net + ".caffemodel", "new.prototxt")
    }

    /// Standard output gets what a file gets, and a stream that ends early is an error.
    @Test(arguments: ["caffemodel", "prototxt"])
    func toStandardOutput(format: String) throws {
        #expect(
            try Program.run("convert", net + ".caffemodel", "-o", "file." + format, in: folder).code == 0)
        let outcome = try Program.shell(
            "\"$0\" convert '\(net).caffemodel' -o - --format \(format) > piped; "
                + "\"$0\" convert '\(net).caffemodel' -o odd --format \(format)", in: folder)
        #expect(outcome.output == "\(net).caffemodel -> odd\n" && outcome.errors == "")
        #expect(try folder.bytes("piped") == folder.bytes("file." + format))
        #expect(try folder.bytes("odd") == folder.bytes("piped"))
        let full = try Program.shell(
            "\"$0\" convert '\(net).caffemodel' -o - --format \(format) > /dev/full", in: folder)
        #expect(full.code == 1)
        #expect(full.errors == "faceseg: standard output: cannot be written: No space left on device\n")
    }

    /// The score that Caffe gave for the original files.
    private func check(_ files: String...) throws {
        let second = files.count > 1 ? files[1] : files[0]
        let words = files.count > 1 ? "'\(files[0])' '\(second)'" : "'\(files[0])'"
        let outcome = try Program.shell(
            "\"$0\" forward \(words) --input '\(net).input.npy' -o score.npy", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let wanted = try NumpyArray.read(path: net + ".score.npy")
        #expect(relativeError(try folder.array("score.npy").floats, wanted.floats) <= 2e-5)
    }

    /// Steps follow each other, so that together they take no longer than the run.
    @Test(arguments: ["exact", "fast"])
    func times(precision: String) throws {
        let outcome = try Program.run(
            "info", "--size", "64x64", "--json", "--time", "--runs", "1", "--precision", precision, in: folder
        )
        let plan = try #require(try outcome.object()["plan"] as? [String: Any])
        let steps = try #require(plan["steps"] as? [[String: Any]])
        let each = try steps.map { try #require($0["milliseconds"] as? Double) }
        let whole = try #require(plan["milliseconds"] as? Double)
        #expect(each.allSatisfy { $0 > 0 } && each.reduce(0, +) <= whole)
        let counts = try steps.map { try #require($0["multiply_adds"] as? Int) }
        let info = try Program.run("info", "--size", "64x64", "--json", in: folder).object()
        #expect(info["multiply_adds"] as? Int == counts.reduce(0, +))
        #expect(info["plan"] == nil)
    }

    @Test func timesForPeople() throws {
        let outcome = try Program.run("info", "--size", "64x64", "--time", "--runs", "3", in: folder)
        let head = try #require(outcome.lines.first { $0.hasPrefix("step ") })
        #expect(head.hasSuffix("ms  % of the run  GFLOP/s"))
        let total = try #require(outcome.lines.last { $0.hasPrefix("total ") })
        let numbers = total.split(separator: " ").suffix(3).map(String.init)
        #expect(numbers[1] == "100.0")
        // 2 for each multiply-add, by the milliseconds as shown.
        let all = try #require(
            try Program.run("info", "--size", "64x64", "--json", in: folder).object()["multiply_adds"] as? Int
        )
        let milliseconds = try #require(Double(numbers[0])), rate = try #require(Double(numbers[2]))
        #expect(abs(rate * milliseconds * 1e6 / Double(2 * all) - 1) < 0.02)
        let wrong = try Program.run("info", "--runs", "3", in: folder)
        #expect(wrong.code == 2 && wrong.errors.contains("--runs is about --time"))
    }

    /// The padding of 100 that no image reaches is not computed, and a 3 x 3 of many channels is transformed.
    @Test func plan() throws {
        try folder.write(
            """
            input: "data" input_shape { dim: 1 dim: 3 dim: 300 dim: 300 }
            layer { name: "c" type: "Convolution" bottom: "data" top: "c"
              convolution_param { num_output: 32 kernel_size: 3 pad: 100 } }
            layer { name: "r" type: "ReLU" bottom: "c" top: "c" }
            layer { name: "d" type: "Convolution" bottom: "c" top: "d"
              convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
            """, "net.prototxt")
        let outcome = try Program.run("info", "net.prototxt", "--plan", in: folder)
        let rows = outcome.lines.map {
            $0.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(outcome.code == 0, "\(outcome.errors)")
        // 302 x 302 pixels of 27 products for each of 32 filters.
        #expect(rows.contains(["c + r", "direct product", "302 x 302", "1 x 32 x 498 x 498", "78,800,256"]))
        // 76 x 76 tiles of 36 products for each of 32 x 32 pairs of channels.
        #expect(
            rows.contains(["d", "Winograd F(4x4, 3x3)", "304 x 304", "1 x 32 x 498 x 498", "212,926,464"]))
    }

    @Test func processorByName() throws {
        let program = "FACESEG_CPU=scalar $0 info"
        #expect(try Program.shell(program, in: folder).output.contains("kernels scalar"))
        let wrong = try Program.shell("FACESEG_CPU=mmx $0 info", in: folder)
        #expect(wrong.code == 1 && wrong.errors.contains("FACESEG_CPU is \"mmx\"; this processor has "))
    }
}
