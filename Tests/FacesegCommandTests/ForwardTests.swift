// ForwardTests: `faceseg forward` gives Caffe's own scores. Nets are found by their files, never by a list of
// names.
import Foundation
import Media
import Testing

struct ForwardTests {
    private let folder = Folder()

    /// 2e-5 is what the fixtures ask of direct convolutions.
    private func check(_ net: String) throws {
        let outcome = try Program.run(
            "forward", net + ".caffemodel", net + ".prototxt", "--input", net + ".input.npy",
            "--output=score.npy",
            "--blob", "score", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let wanted = try NumpyArray.read(path: net + ".score.npy"), got = try folder.array("score.npy")
        #expect(got.shape == wanted.shape)
        #expect(relativeError(got.floats, wanted.floats) <= 2e-5)
        let sides = wanted.shape.map(String.init).joined(separator: " x ")
        #expect(outcome.output.hasPrefix("score.npy: float32 \(sides), "), "\(outcome.output)")
    }

    @Test(arguments: Fixture.nets(Fixture.small))
    func smallNet(_ net: String) throws { try check(net) }

    @Test(.enabled(if: Fixture.hasAll, "no fixtures at \(Fixture.all)"), arguments: Fixture.nets(Fixture.all))
    func net(_ net: String) throws { try check(net) }

    @Test func smallNetsAreThere() { #expect(Fixture.nets(Fixture.small).count >= 8) }

    /// Caffe's own tools ask for the prototxt first.
    @Test func prototxtFirst() throws {
        let net = Fixture.small + "ops_deconv"
        let outcome = try Program.run(
            "forward", net + ".prototxt", net + ".caffemodel", "--input", net + ".input.npy", "-o", "y.npy",
            "--threads",
            "1", in: folder)
        #expect(outcome.code == 0, "\(outcome.errors)")
        let wanted = try NumpyArray.read(path: net + ".score.npy")
        #expect(relativeError(try folder.array("y.npy").floats, wanted.floats) <= 2e-5)
    }

    @Test func severalInputsAndABlobOnTheWay() throws {
        try folder.write(
            """
            input: "a" input_shape { dim: 1 dim: 2 } input: "b" input_shape { dim: 1 dim: 2 }
            layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" eltwise_param { coeff: 1 coeff: -2 } }
            layer { name: "twice" type: "Power" bottom: "sum" top: "twice" power_param { scale: 2 shift: 1 } }
            """, "net.prototxt")
        try folder.write(NumpyArray(shape: [1, 2], floats: [1, 2]).encode(), "a.npy")
        try folder.write(NumpyArray(shape: [1, 2], floats: [10, 100]).encode(), "b.npy")
        for (blob, wanted): (String, [Float]) in [("sum", [-19, -198]), ("twice", [-37, -395])] {
            let outcome = try Program.run(
                "forward", "net.prototxt", "--input", "a.npy", "--input", "b.npy", "-o", "y.npy", "--blob",
                blob, in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try folder.array("y.npy") == NumpyArray(shape: [1, 2], floats: wanted))
        }
    }

    @Test(arguments: [
        (["--blob", "nowhere"], "no blob \"nowhere\" in the network; `faceseg info` lists them"),
        (["--input", "x.npy"], "2 inputs for a network that has 1"),
        (["--output", "no/y.npy"], "no/y.npy: cannot be created: No such file or directory"),
    ])
    func saysWhatIsWrong(extra: [String], message: String) throws {
        let net = Fixture.small + "ops_deconv"
        try folder.copy(net + ".input.npy", "x.npy")
        var words = ["forward", net + ".caffemodel", "--input", "x.npy"] + extra
        if !extra.contains("--output") { words += ["--output", "y.npy"] }
        let line = words.map { "'\($0)'" }.joined(separator: " ")
        let outcome = try Program.shell("\"$0\" \(line)", in: folder)
        #expect(outcome.code == 1)
        #expect(outcome.errors == "faceseg: \(message)\n")
        #expect(try folder.names() == ["x.npy"])
    }
}
