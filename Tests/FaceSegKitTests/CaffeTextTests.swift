// The text format: what it says, where it is wrong, and that it comes back as it was.
import Testing

@testable import FaceSegKit

@Suite("Caffe text format")
struct CaffeTextTests {
    /// A text, line and column of its mistake, and a word of the reason.
    static let broken: [(String, Int, Int, String)] = [
        ("name: \"a\"\nlayr { }", 2, 1, "NetParameter has no field layr"),
        ("layer {\n  convolution_param { knl: 3 }\n}", 2, 23, "ConvolutionParameter has no field knl"),
        ("layer { my_number: 3 }", 1, 9, "LayerParameter has no field my_number"),
        ("state { fork_param { } }", 1, 9, "NetState has no field fork_param"),
        ("faceseg_param { }", 1, 1, "no field faceseg_param"),
        ("name: \"a\" name: \"b\"", 1, 11, "name is there already"),
        ("layer { crop_param { } crop_param { } }", 1, 24, "crop_param is there already"),
        ("layer {\n name: \"x\"\n", 3, 1, "} is missing: { was opened at line 1, column 7"),
        ("layer <\n name: \"x\" }", 2, 12, "> is missing: < was opened at line 1, column 7"),
        ("}", 1, 1, "name of a field"),
        ("name \"a\"", 1, 6, "wants a colon"),
        ("name: a", 1, 7, "string was expected, not a"),
        ("name: \"a\nb\"", 1, 7, "does not end on its line"),
        ("name: \"a", 1, 7, "does not end"),
        ("name: \"a\\", 1, 7, "does not end"),
        ("name: \"\\q\"", 1, 7, "escape"),
        ("name: \"\\x\"", 1, 7, "escape"),
        ("name: \"\\ud800\"", 1, 7, "escape"),
        ("name: \"\\u12\"", 1, 7, "escape"),
        ("name: \"a\0\"", 1, 9, "NUL"),
        ("\0", 1, 1, "NUL"),
        ("input_dim: 2147483648", 1, 12, "out of range"),
        ("input_dim: -2147483649", 1, 12, "out of range"),
        ("input_dim: 99999999999999999999", 1, 12, "out of range"),
        ("input_dim: 08", 1, 12, "out of range or no number"),
        ("input_dim: 0x", 1, 12, "0x without digits"),
        ("input_dim: 1.0", 1, 12, "whole number was expected"),
        ("input_dim: 1x", 1, 12, "runs into"),
        ("input_dim: [1, 2", 1, 17, "comma or ]"),
        ("input_dim: [1, ]", 1, 16, "whole number"),
        ("name: [\"a\"]", 1, 7, "string was expected"),
        ("layer { convolution_param { num_output: -1 } }", 1, 41, "whole number"),
        ("layer { loss_weight: 0x10 }", 1, 22, "decimal number"),
        ("layer { loss_weight: 1e }", 1, 22, "exponent without digits"),
        ("layer { loss_weight: 1.2.3 }", 1, 22, "runs into"),
        ("layer { loss_weight: none }", 1, 22, "decimal number"),
        ("layer { phase: VALIDATE }", 1, 16, "unknown value VALIDATE; there are TRAIN, TEST"),
        ("layer { phase: 2 }", 1, 16, "unknown value 2"),
        ("layers { type: \"Convolution\" }", 1, 16, "unknown value"),
        ("force_backward: yes", 1, 17, "true or false"),
        ("force_backward: 2", 1, 17, "out of range"),
        ("layer { \u{E9}: 1 }", 1, 9, "does not belong"),
        ("# \u{E9}\u{1F600}\n\tname: 1", 2, 8, "string was expected"),
        ("name: \"\u{E9}\u{1F600}\" x: 1", 1, 12, "no field x"),
        ("name: \"a\" ;; input: \"b\"", 1, 12, "name of a field"),
        ("layer { fork_param { a: } }", 1, 25, "value was expected"),
        ("layer { fork_param { a 1 } }", 1, 24, "colon or {"),
        ("layer { fork_param { a: [1 2] } }", 1, 28, "comma or ]"),
        ("layer { fork_param { ", 1, 22, "} is missing"),
        ("layer { blobs { shape { dim: 2 } data: 1 } name: \"c\" }", 1, 9, "layer \"c\", blob 0: 1 numbers"),
    ]

    @Test(arguments: broken)
    func isRefused(text: String, line: Int, column: Int, word: String) throws {
        let error = try #require(throws: FaceSegError.self) { try CaffeNet.read(text) }
        guard case .text("net", line, column, let reason) = error else { throw error }
        #expect(reason.contains(word))
    }

    /// Each must be the same net as the first.
    @Test(arguments: [
        "layer { name: \"a\" top: \"b\" top: \"c\" }", "layer: { name: 'a', top: [\"b\", 'c'] };",
        "layer < name: \"a\"; top: \"b\" top: \"c\"; > ",
        "layer [ { top: \"b\" name: \"\" 'a' top: \"c\" } ]",
        "\u{FEFF}layer{name:\"a\"top:\"b\"#x\ntop:\"c\"}\r\n",
        "layer{name:\"\\141\"top:\"\\x62\"top:\"\\u0063\"}",
        "layer{my_param{a:1 b:[2,-3] c{d:inf} e< > f:[{ }] g:\"x\" 'y'} name:\"a\" top:[\"b\",\"c\"] }",
    ])
    func sameNet(text: String) throws {
        #expect(
            try prototxt(of: CaffeNet.read(text)) == "layer {\n  name: \"a\"\n  top: \"b\"\n  top: \"c\"\n}\n"
        )
    }

    @Test func empty() throws {
        #expect(try CaffeNet.read("").entries.isEmpty)
        #expect(try CaffeNet.read(" # only a comment").entries.isEmpty)
    }

    @Test func nestingToALimit() throws {
        func nest(_ depth: Int) -> String {
            "layer { f_param {" + String(repeating: "a {", count: depth - 2)
                + String(repeating: "}", count: depth)
        }
        #expect(throws: Never.self) { try CaffeNet.read(nest(100)) }
        #expect(throws: FaceSegError.self) { try CaffeNet.read(nest(101)) }
        #expect(throws: FaceSegError.self) { try CaffeNet.read(nest(200_000)) }
    }

    @Test func limits() throws {
        let layers = String(repeating: "layer{}", count: 100_000)
        #expect(try CaffeNet.read(layers).messages("layer").count == 100_000)
        #expect(throws: FaceSegError.self) { try CaffeNet.read(layers + "layer{}") }
        #expect(throws: FaceSegError.self) {
            try readNetParameter(text: [UInt8](repeating: 0x20, count: (64 << 20) + 1), name: "net")
        }
    }

    /// What is left is a net or an error at a place in the text.
    @Test func cutAnywhere() throws {
        let bytes = try CaffeFiles.bytes(CaffeFiles.own + "text_odd.prototxt")
        for end in 0..<bytes.count {
            do throws(FaceSegError) {
                _ = try readNetParameter(text: Array(bytes[..<end]), name: "net")
            } catch {
                guard case .text("net", 1...15, 1..., _) = error else { throw error }
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func spoiled(seed: UInt64) throws {
        var random = CaffeRandom(state: seed)
        let whole = try CaffeFiles.bytes(CaffeFiles.own + "text_odd.prototxt")
        for _ in 0..<100 {
            var bytes = whole
            for _ in 0...random.next() % 4 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if let net = try? readNetParameter(text: bytes, name: "net") {
                #expect(try CaffeNet.wire(CaffeNet.read(prototxt(of: net))) == CaffeNet.wire(net))
            }
        }
    }

    @Test func blobsInText() throws {
        let net = try CaffeNet.read(
            """
            layer { name: "a" blobs { shape { dim: [2, 1] } data: [0.5, -1] }
              blobs { num: 1 channels: 1 height: 1 width: 2 double_data: 3 double_data: 4 diff: 9 } }
            """)
        let source = MemoryByteSource(name: "none", bytes: [])
        let blobs = net.messages("layer")[0].blobs("blobs")
        #expect(blobs.map(\.shape) == [[2, 1], [1, 1, 1, 2]])
        #expect(blobs.map(\.isLegacyShape) == [false, true])
        #expect(try CaffeNet.numbers(blobs[0], in: source) == [0.5, -1])
        #expect(try CaffeNet.numbers(blobs[1], 1..<2, in: source) == [4])
    }

    @Test func placesForLaterErrors() throws {
        let net = try CaffeNet.read("name: \"n\"\n\n  layer { }")
        #expect(
            net.messages("layer")[0].failure("odd") == .text(path: "net", line: 3, column: 3, reason: "odd"))
    }

    @Test func stringsComeBack() throws {
        var net = Message("NetParameter")
        net.set("name", to: "q\"'\\\n\r\t\u{1}\u{7F}\u{E9}\u{1F600}?")
        let text = prototxt(of: net)
        #expect(text == "name: \"q\\\"\\'\\\\\\n\\r\\t\\001\\177\\303\\251\\360\\237\\230\\200?\"\n")
        #expect(try CaffeNet.read(text).string("name") == net.string("name"))
    }

    @Test func floatsComeBack() throws {
        let values: [Float] = [
            0, -0.0, 0.1, 1, 1e-5, 16_777_216, 3.402_823_5e38, .leastNonzeroMagnitude, .infinity, -.infinity,
        ]
        var layer = Message("LayerParameter")
        for value in values { layer.append("loss_weight", value) }
        var net = Message("NetParameter")
        net.append("layer", layer)
        let back = try CaffeNet.read(prototxt(of: net)).messages("layer")[0].floats("loss_weight")
        #expect(back.map(\.bitPattern) == values.map(\.bitPattern))
    }
}
