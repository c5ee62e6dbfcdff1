// The binary form: protobuf's rules, and bytes that mean harm: never a trap, never more than a little memory.
import Testing

@testable import FaceSegKit

@Suite("Caffe wire format")
struct CaffeWireTests {
    typealias W = CaffeWire

    @Test func oddButLegal() throws {
        let net = try readNetParameter(from: FileByteSource(path: CaffeFiles.own + "wire_odd.caffemodel"))
        #expect(net.string("name") == "second")
        #expect(net.ints("input_dim") == [1, -3, 2_147_483_647, 5])
        #expect(net.message("state")?.strings("stage") == ["a", "b"])
        #expect(net.message("state")?.enumeration("phase") == "TRAIN")
        let layer = try #require(net.messages("layer").first)
        #expect(layer.string("type") == "Convolution")
        #expect(layer.message("convolution_param")?.ints("pad") == [1, 2, 3])
        #expect(layer.message("convolution_param")?.message("weight_filler")?.string("type") == "gaussian")
        #expect(layer.message("convolution_param")?.message("weight_filler")?.float("std") == 0.01)
        #expect(net.messages("layers").first?.enumeration("type") == "CONVOLUTION")
    }

    @Test func absentFields() throws {
        let net = Message("NetParameter")
        #expect(!net.has("name") && net.string("name") == nil && net.strings("input").isEmpty)
        #expect(net.message("state") == nil && net.messages("layer").isEmpty && net.bool("debug_info") == nil)
    }

    @Test func unknownEnumerationNumber() throws {
        let net = try CaffeNet.read(W.sized(2, W.varint(5, 77)))
        #expect(net.messages("layers")[0].enumeration("type") == "77")
        #expect(net.messages("layers")[0].int("type") == 77)
    }

    /// Caffe compares bytes; two names that differ must differ here.
    @Test func namesThatAreNotUTF8() throws {
        let net = try CaffeNet.read(
            W.sized(3, [0xC4, 0xE3]) + W.sized(3, [0xC4, 0xE4]) + W.sized(3, "h\u{E9}"))
        #expect(net.strings("input") == ["\u{C4}\u{E3}", "\u{C4}\u{E4}", "h\u{E9}"])
    }

    @Test func placesForLaterErrors() throws {
        let net = try CaffeNet.read(W.sized(1, "abc") + W.sized(100, W.sized(1, "x")))
        #expect(
            net.messages("layer")[0].failure("odd")
                == .file(path: "net", byte: 7, reason: "odd"))
    }

    /// Bytes, where the error is, and a word of it.
    static let broken: [(String, [UInt8], Int, String)] = [
        ("field 0", [0x00, 0x00], 0, "not a field"),
        ("tag beyond 32 bits", [0xFA, 0xFF, 0xFF, 0xFF, 0x7F, 0x00], 0, "not a field"),
        ("wire type 6", [0x0E], 0, "wire type 6"),
        ("length beyond the file", [0x0A, 0x05, 0x61], 1, "5 bytes are announced"),
        ("length beyond 63 bits", [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01], 1, "announced"),
        (
            "number of 11 bytes", [0x28] + [UInt8](repeating: 0xFF, count: 10) + [0x01], 1,
            "longer than 64 bits"
        ),
        ("number of 65 bits", [0x28] + [UInt8](repeating: 0xFF, count: 9) + [0x02], 1, "longer than 64 bits"),
        ("nested beyond its message", W.sized(100, [0x0A, 0x01]) + [0x61], 4, "announced"),
        ("number over the end of its message", W.sized(6, [0x10, 0x80]) + [0x01], 4, "end of its message"),
        ("packed floats of 5 bytes", W.net(blob: W.sized(5, [1, 2, 3, 4, 5])), 12, "5 bytes of numbers"),
        ("group end alone", [0x0C], 1, "did not begin"),
        ("group without an end", [0x9B, 0x01, 0x08, 0x01], 2, "no end"),
        ("group with another's end", [0x9B, 0x01, 0x84, 0x02], 4, "did not begin"),
    ]

    @Test(arguments: broken)
    func isRefused(name: String, bytes: [UInt8], byte: Int, word: String) throws {
        let error = try #require(throws: FaceSegError.self) { try CaffeNet.read(bytes) }
        guard case .file("net", byte, let reason) = error else { throw error }
        #expect(reason.contains(word))
    }

    /// What is left is a shorter net or an error, never a trap.
    @Test(arguments: ["every_field_net", "every_field_layers1", "every_field_legacy", "wire_odd"])
    func cutAnywhere(name: String) throws {
        let bytes = try CaffeFiles.bytes("\(CaffeFiles.own)\(name).caffemodel")
        var opened = 0
        for end in 0...bytes.count where (try? CaffeNet.read(Array(bytes[..<end]))) != nil { opened += 1 }
        // Only between two fields of the outermost message.
        #expect(opened >= 2 && opened < 40)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func spoiled(seed: UInt64) throws {
        var random = CaffeRandom(state: seed)
        let blob = W.shape([2, 3]) + W.sized(5, W.bits([Float](repeating: 1, count: 6)))
        let whole = W.net(blob: blob) + (try CaffeFiles.bytes(CaffeFiles.own + "wire_odd.caffemodel"))
        for _ in 0..<200 {
            var bytes = whole
            for _ in 0...random.next() % 4 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let source = MemoryByteSource(name: "spoiled", bytes: bytes)
            guard let net = try? readNetParameter(from: source) else { continue }
            for blob in net.messages("layer").flatMap({ $0.blobs("blobs") }) where blob.count > 0 {
                #expect(try CaffeNet.numbers(blob, in: source).count == blob.count)
            }
            _ = prototxt(of: net)
        }
    }

    @Test func groupsNestToALimit() throws {
        func groups(_ depth: Int) -> [UInt8] {
            [UInt8](repeatElement([0x9B, 0x01], count: depth).joined())
                + repeatElement([0x9C, 0x01], count: depth).joined()
        }
        #expect(throws: Never.self) { try CaffeNet.read(groups(100)) }
        #expect(throws: FaceSegError.self) { try CaffeNet.read(groups(101)) }
        #expect(throws: FaceSegError.self) { try CaffeNet.read(groups(100_000)) }
    }

    @Test func limits() throws {
        let layers = [UInt8](repeatElement([0x12, 0x00], count: 100_000).joined())
        #expect(try CaffeNet.read(layers).messages("layers").count == 100_000)
        #expect(throws: FaceSegError.self) { try CaffeNet.read(layers + [0x12, 0x00]) }
        let names = [UInt8](repeatElement([0x1A, 0x00], count: 1_000_001).joined())
        #expect(throws: FaceSegError.self) { try CaffeNet.read(names) }
        let text = [UInt8](repeating: 0x61, count: 16 << 20)
        #expect(throws: Never.self) { try CaffeNet.read(W.sized(1, text)) }
        #expect(throws: FaceSegError.self) { try CaffeNet.read(W.sized(1, text + [0x61])) }
    }
}

/// SplitMix64: the seed is the argument, so a failure replays.
struct CaffeRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
