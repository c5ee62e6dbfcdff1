// StreamTests: `-` for standard input and standard output: the same bytes as with files, and nothing else between
// them.
import Foundation
import Media
import Testing

struct StreamTests {
    private let folder = Folder()

    private func shell(_ script: String) throws -> Outcome { try Program.shell(script, in: folder) }

    private func addPhoto(_ name: String) throws {
        let pixels = noise(24, 16, channels: 3)
        try folder.write(try encodePNG(width: 24, height: 16, channels: 3, pixels: pixels), name)
    }

    @Test(arguments: [
        ("labels", "png"), ("labels", "npy"), ("overlay", "png"), ("overlay", "jpg"), ("overlay", "webp"),
        ("overlay", "npy"), ("cutout", "png"), ("cutout", "webp"), ("cutout", "npy"), ("alpha", "png"),
        ("alpha", "jpg"), ("alpha", "webp"), ("alpha", "npy"), ("probabilities", "npy"),
    ])
    func everyOutputInEveryFormat(output: String, format: String) throws {
        try addPhoto("p.png")
        let options = "--output \(output) --format \(format)"
        let outcome = try shell(
            """
            set -e
            cat p.png | "$0" segment - -o - \(options) > piped
            "$0" segment - -o - \(options) < p.png > redirected
            "$0" segment p.png -o named.\(format) --output \(output)
            "$0" segment p.png -o named-without --output \(output) --format \(format)
            "$0" segment p.png \(options)
            mkdir out && "$0" segment - -o out \(options) < p.png
            """)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let bytes = try folder.bytes("named." + format)
        for name in [
            "piped", "redirected", "named-without", "p.faceseg." + format, "out/stdin.faceseg." + format,
        ] {
            let same = try folder.bytes(name) == bytes
            #expect(same, "\(name)")
        }
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(
            lines.allSatisfy { $0.hasPrefix("standard input: 24 x 16, ") && $0.hasSuffix("standard output") })
        #expect(outcome.lines.count == 4)
    }

    /// Never replaced, as a file of that name would be: it is the system's.
    @Test func namesOfOpenFiles() throws {
        try addPhoto("p.png")
        let outcome = try shell(
            """
            set -e
            mkdir dev && ln -s /proc/self/fd/1 dev/stdout && ln -s stdout dev/other
            "$0" segment p.png -o - > wanted
            "$0" segment p.png -o dev/stdout > a
            "$0" segment p.png -o dev/other | cat > b
            "$0" segment p.png -o /dev/fd/3 --format png 3> c > line
            "$0" segment p.png -o "$(pwd)/dev/stdout" --output overlay >> d
            for f in a b c d; do cmp wanted $f; done
            readlink dev/stdout dev/other
            """)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.lines == ["/proc/self/fd/1", "stdout"])
    }

    @Test func linkStays() throws {
        try addPhoto("p.png")
        let outcome = try shell(
            """
            mkdir real && echo old > real/a.png && ln -s real/a.png link.png && ln -s nothing.png lost.png
            "$0" segment p.png -o link.png > line && "$0" segment p.png -o other.png > line
            cmp real/a.png other.png && readlink link.png && ls real
            ! "$0" segment p.png -o lost.png && readlink lost.png
            """)
        #expect(outcome.code == 0)
        #expect(outcome.lines == ["real/a.png", "a.png", "nothing.png"])
        #expect(outcome.errors.hasSuffix("lost.png: cannot be written: it is a link that leads nowhere\n"))
    }

    /// The usual format of each output where nothing says one.
    @Test(arguments: [
        ("labels", "png"), ("overlay", "png"), ("cutout", "png"), ("alpha", "png"), ("probabilities", "npy"),
    ])
    func usualFormats(output: String, format: String) throws {
        try addPhoto("p.png")
        let outcome = try shell(
            """
            "$0" segment - -o - --output \(output) < p.png > piped
            "$0" segment p.png -o named.\(format) --output \(output)
            """)
        let same = try folder.bytes("piped") == folder.bytes("named." + format)
        #expect(same, "\(outcome.errors)")
    }

    @Test func arraysAreWhatTheyShouldBe() throws {
        try addPhoto("p.png")
        for output in ["labels", "overlay", "cutout", "alpha"] {
            let outcome = try shell(
                "\"$0\" segment p.png --output \(output) -o \(output).npy && "
                    + "\"$0\" segment p.png --output \(output) -o \(output).png")
            #expect(outcome.code == 0, "\(outcome.errors)")
        }
        let labels = try folder.array("labels.npy"), alpha = try folder.array("alpha.npy")
        #expect(labels.shape == [16, 24] && alpha.shape == [16, 24])
        let rounded = alpha.floats.map { UInt8(($0 * 255).rounded()) }
        let alphaPixels = try folder.photo("alpha.png").pixels
        #expect(zip(rounded, alphaPixels).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
        #expect(alpha.floats.allSatisfy { 0...1 ~= $0 })
        for (output, channels) in [("overlay", 3), ("cutout", 4)] {
            let array = try folder.array(output + ".npy")
            #expect(array.shape == [16, 24, channels])
            let same = try array.floats == folder.photo(output + ".png").pixels.map { Float($0) }
            #expect(same, "\(output)")
        }
        let text = String(decoding: try folder.bytes("labels.npy").prefix(64), as: UTF8.self)
        #expect(text.contains("'|u1'"))
    }

    @Test func linesGoToStandardErrorBesideAPicture() throws {
        try addPhoto("p.png")
        let json = try shell("\"$0\" segment p.png -o - --json > picture")
        #expect(json.output == "")
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(json.errors.utf8)) as? [String: Any], "\(json.errors)")
        #expect(object["photo"] as? String == "p.png")
        #expect((object["written"] as? [[String: String]])?.first?["path"] == "-")
        let input = try shell("\"$0\" segment - -o out.png --json < p.png").object()
        #expect(input["photo"] as? String == "-")
        #expect((input["written"] as? [[String: String]])?.first?["path"] == "out.png")
    }

    /// A file that is called so is named by its folder.
    @Test func aFileCalledDash() throws {
        try addPhoto("-")
        for word in ["./-", "'?'"] {
            #expect(try shell("\"$0\" segment \(word) -o . --format webp").code == 0)
            #expect(try folder.names() == ["-", "-.faceseg.webp"])
        }
        #expect(try shell("\"$0\" segment ./- -o ./-.png").code == 0)
        #expect(try folder.names() == ["-", "-.faceseg.webp", "-.png"])
        #expect(try shell("\"$0\" segment -o out -- - -x < ./-").errors.hasPrefix("faceseg: -x: "))
        #expect(try folder.names("out") == ["stdin.faceseg.png"])
    }

    @Test func aPhotoIsNotOverwrittenThroughStandardInput() throws {
        try addPhoto("p.png")
        let outcome = try shell("\"$0\" segment - -o p.png < p.png")
        #expect(outcome.code == 2)
        #expect(outcome.errors.hasPrefix("faceseg: p.png is itself a photo to segment; give another -o"))
    }

    @Test(arguments: [
        ("< /dev/null", "standard input: is empty"),
        ("< text", "standard input: not a JPEG, PNG or WebP picture; convert it to one"),
        ("< cut", "standard input: the PNG is cut off"),
        ("< .", "standard input: is a folder; name a file in it"),
        ("<&-", "standard input: cannot be read: Bad file descriptor"),
    ])
    func badInput(redirection: String, message: String) throws {
        try addPhoto("p.png")
        try folder.write("no picture", "text")
        try folder.write(Array(try folder.bytes("p.png").prefix(300)), "cut")
        let outcome = try shell("\"$0\" segment - -o - \(redirection) > out")
        #expect(outcome.code == 1)
        #expect(outcome.errors.hasPrefix("faceseg: \(message)"), "\(outcome.errors)")
        #expect(try folder.bytes("out") == [])
    }

    @Test(arguments: ["overlay", "probabilities"])
    func outputThatCannotBeWritten(output: String) throws {
        try folder.copy(Fixture.astronaut, "p.png")
        let full = try shell("\"$0\" segment p.png -o - --output \(output) > /dev/full")
        #expect(full.code == 1)
        #expect(full.errors == "faceseg: standard output: cannot be written: No space left on device\n")
        let deaf = try shell(
            "{ \"$0\" segment p.png -o - --output \(output); echo $? > code; } | head -c 9 > nine")
        #expect(try folder.text("code") == "1\n")
        #expect(deaf.errors == "faceseg: standard output: cannot be written: Broken pipe\n")
        #expect(try folder.names() == ["code", "nine", "p.png"])
    }

    @Test func forward() throws {
        let net = Fixture.small + "light_unet"
        for ending in ["caffemodel", "prototxt", "input.npy"] {
            try folder.copy(net + "." + ending, "net." + ending)
        }
        let outcome = try shell(
            """
            set -e
            "$0" forward net.caffemodel net.prototxt --input net.input.npy -o file.npy
            cat net.input.npy | "$0" forward net.caffemodel net.prototxt --input - --output - | cat > piped.npy
            "$0" forward - net.prototxt --input net.input.npy -o model.npy < net.caffemodel
            """)
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.lines.count == 2 && outcome.errors.hasPrefix("float32 1 x 3 x 64 x 96, "))
        for name in ["piped.npy", "model.npy"] {
            let same = try folder.bytes(name) == folder.bytes("file.npy")
            #expect(same, "\(name)")
        }
        let model = try shell("\"$0\" segment '\(Fixture.astronaut)' --model - -o o.png < net.caffemodel")
        #expect(model.code == 0, "\(model.errors)")
        let bad = try shell("echo hello | \"$0\" info -")
        #expect(bad.code == 1 && bad.errors.hasPrefix("faceseg: standard input: "), "\(bad.errors)")
    }

    @Test func export() throws {
        let outcome = try shell(
            "\"$0\" export --size 64x96 - > piped && \"$0\" export --size 64x96 named.onnx")
        #expect(outcome.code == 0)
        #expect(outcome.errors == "the built-in network -> standard output: data 1 x 3 x 64 x 96\n")
        #expect(outcome.output == "the built-in network -> named.onnx: data 1 x 3 x 64 x 96\n")
        let same = try folder.bytes("piped") == folder.bytes("named.onnx")
        #expect(same)
    }
}
