// Files that others wrote are read as Google's protobuf reads them, and written back as Caffe wrote them.
import Testing

@testable import FaceSegKit

@Suite("Caffe's own files", .enabled(if: CaffeFiles.haveShared, "no shared fixtures: set FACESEG_FIXTURES"))
struct CaffeFixtureTests {
    @Test(arguments: CaffeFiles.lines("prototxts.txt"))
    func text(line: [String]) throws {
        let path = "\(CaffeFiles.shared)/\(line[0])"
        let net = try readNetParameter(text: CaffeFiles.bytes(path), name: path)
        #expect(net.messages("layer").count + net.messages("layers").count == Int(line[1]))
        let bytes = try CaffeNet.wire(net)
        #expect(bytes.count == Int(line[2]))
        #expect(String(CaffeNet.fnv(bytes), radix: 16) == line[3].trimmingZeros)
        // And once more through text.
        #expect(try CaffeNet.wire(CaffeNet.read(prototxt(of: net))) == bytes)
    }

    @Test(arguments: CaffeFiles.lines("caffemodels.txt"))
    func binary(line: [String]) throws {
        let source = try FileByteSource(path: "\(CaffeFiles.shared)/\(line[0])")
        let net = try readNetParameter(from: source)
        let layers = net.messages("layers") + net.messages("layer")
        let blobs = layers.flatMap { $0.blobs("blobs") }
        #expect(layers.count == Int(line[1]))
        #expect(blobs.count == Int(line[2]))
        #expect(blobs.reduce(0) { $0 + $1.count } == Int(line[3]))
        #expect(try String(hash(layers, source), radix: 16) == line[4].trimmingZeros)

        let copy = try CaffeNet.wire(
            net, blobs: layers.map { $0.blobs("blobs").map { OutgoingBlob($0, from: source) } })
        if line[5] == "canonical" { #expect(try copy == CaffeFiles.bytes(source.name)) }
        let again = MemoryByteSource(name: "copy", bytes: copy)
        let copied = try readNetParameter(from: again)
        #expect(try hash(copied.messages("layers") + copied.messages("layer"), again) == hash(layers, source))
        try source.checkUnchanged()
    }

    private func hash(_ layers: [Message], _ source: any ByteSource) throws -> UInt64 {
        var hash = CaffeNet.fnv([UInt8]())
        for layer in layers {
            hash = CaffeNet.fnv(Array(layer.string("name")!.utf8) + [0], from: hash)
            let type = layer.type.name == "LayerParameter" ? layer.string("type") : layer.enumeration("type")
            hash = CaffeNet.fnv(Array(type!.utf8) + [0], from: hash)
            for blob in layer.blobs("blobs") {
                hash = CaffeNet.fnv(
                    Array(blob.shape.map(String.init).joined(separator: "x").utf8) + [0], from: hash)
                hash = try CaffeNet.fnv(CaffeNet.numbers(blob, in: source).map(\.bitPattern), from: hash)
            }
        }
        return hash
    }
}

extension String {
    fileprivate var trimmingZeros: String { String(drop { $0 == "0" }) }
}

@Suite("Files of Google's protobuf")
struct CaffeGoogleTests {
    static let names = ["net", "layers1", "layers2", "layers3", "legacy"].map { "every_field_" + $0 }

    /// Numbers come from the binary, names from the text: they agree only if each field has the right number,
    /// kind and name.
    @Test(arguments: names + ["wire_odd", "text_odd"])
    func sameFromTextAndBinary(name: String) throws {
        let path = CaffeFiles.own + name
        var binary = try readNetParameter(from: FileByteSource(path: path + ".caffemodel"))
        binary.clear("faceseg_param")
        let text = try readNetParameter(text: CaffeFiles.bytes(path + ".prototxt"), name: name)
        #expect(prototxt(of: binary) == prototxt(of: text))
        #expect(try CaffeNet.wire(binary) == CaffeNet.wire(text))
    }

    @Test(arguments: names)
    func writtenAsGoogleDoes(name: String) throws {
        let path = CaffeFiles.own + name
        let net = try readNetParameter(from: FileByteSource(path: path + ".caffemodel"))
        #expect(try CaffeNet.wire(net) == CaffeFiles.bytes(path + ".caffemodel"))
        #expect(try Array(prototxt(of: net).utf8) == CaffeFiles.bytes(path + ".prototxt"))
    }

    /// Else a field that is missing from our tables would be missed on both sides.
    @Test func everyFieldIsThere() throws {
        var seen = Set<String>()
        func walk(_ message: Message) {
            for entry in message.entries {
                seen.insert("\(message.type.name).\(entry.field.name)")
                entry.messages.forEach(walk)
            }
        }
        for name in Self.names {
            walk(try readNetParameter(from: FileByteSource(path: "\(CaffeFiles.own)\(name).caffemodel")))
        }
        #expect(seen.count == 388)  // 391 in caffe.proto with ours, less the three fields called blobs
    }

    @Test func metadata() throws {
        let net = try readNetParameter(
            from: FileByteSource(path: CaffeFiles.own + "every_field_net.caffemodel"))
        let meta = try #require(net.message("faceseg_param"))
        #expect(meta.strings("class_name").count == 2)
        #expect(meta.floats("mean").count == 2)
        #expect(meta.has("multiple_of"))
        #expect(!prototxt(of: net).contains("faceseg"))
    }

    /// What C++ prints of the odd text shows each value; some are looked at by name too.
    @Test func oddText() throws {
        let net = try readNetParameter(
            text: CaffeFiles.bytes(CaffeFiles.own + "text_odd.prototxt"), name: "text_odd")
        #expect(net.string("name") == "aAA\u{E9}\u{1F600}\n?\"bc")
        #expect(net.ints("input_dim") == [1, 3, -16, -15])
        #expect(net.message("state")?.int("level") == -2_147_483_648)
        let layer = try #require(net.messages("layer").first)
        #expect(
            layer.floats("loss_weight").prefix(8) == [1, 0.5, -2000, .infinity, -.infinity, 1, 2, .infinity])
        #expect(layer.bools("propagate_down") == [true, true, true, true, false, false, false, false])
        #expect(layer.messages("param").map { $0.float("lr_mult") } == [2, nil, -1, nil])
        #expect(layer.message("convolution_param")?.int("num_output") == 4_294_967_295)
        #expect(layer.message("convolution_param")?.enumeration("engine") == "CUDNN")
    }
}
