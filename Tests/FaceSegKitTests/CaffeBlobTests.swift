// Blobs: shapes old and new, numbers in every encoding, any range of them, and files that lie about both.
import Glibc
import Testing

@testable import FaceSegKit

@Suite("Caffe blobs")
struct CaffeBlobTests {
    typealias W = CaffeWire

    static let values = (0..<23).map { Float($0) * 0.5 - 3 }

    /// The same numbers, laid out differently.
    static let encodings: [(String, [UInt8])] = [
        ("packed", W.sized(5, W.bits(values))),
        ("unpacked", values.flatMap { W.float(5, $0) }),
        ("in two lengths", W.sized(5, W.bits(Array(values[..<9]))) + W.sized(5, W.bits(Array(values[9...])))),
        (
            "mixed",
            W.float(5, values[0]) + W.sized(5, W.bits(Array(values[1..<4])))
                + values[4...].flatMap { W.float(5, $0) }
        ),
        ("with strangers between", values.flatMap { W.float(5, $0) + W.varint(15, 1) }),
        ("with diffs between", values.flatMap { W.float(5, $0) + W.float(6, 99) }),
        (
            "with a packed diff",
            W.sized(6, W.bits([Float](repeating: 9, count: 40))) + W.sized(5, W.bits(values))
        ),
        ("packed doubles", W.sized(8, W.bits(values.map(Double.init)))),
        ("unpacked doubles", values.flatMap { W.double(8, Double($0)) }),
        (
            "doubles before floats",
            W.sized(5, W.bits([Float(7)])) + W.sized(8, W.bits(values.map(Double.init)))
        ),
        ("double diffs", W.double(9, 5) + W.sized(9, W.bits([Double(9)])) + W.sized(5, W.bits(values))),
    ]

    @Test(arguments: encodings)
    func everyRange(name: String, bytes: [UInt8]) throws {
        let file = W.net(blob: bytes + W.shape([23]))
        let source = MemoryByteSource(name: "net", bytes: file)
        let blob = try CaffeNet.blob(file)
        #expect(blob.shape == [23] && blob.count == 23 && !blob.isLegacyShape)
        for low in 0...23 {
            for high in low...23 {
                let expected = Array(Self.values[low..<high])
                #expect(try CaffeNet.numbers(blob, low..<high, in: source) == expected)
            }
        }
    }

    @Test func runs() throws {
        func list(_ name: String) throws -> [BlobSegment] {
            let bytes = Self.encodings.first { $0.0 == name }!.1
            return try CaffeNet.blob(W.net(blob: bytes + W.shape([23]))).segments.list
        }
        #expect(try list("packed").map(\.byteStride) == [4])
        #expect(try list("unpacked").map(\.byteStride) == [5])
        #expect(try list("unpacked doubles").map(\.byteStride) == [9])
        #expect(try list("mixed").map(\.count) == [1, 3, 19])
        #expect(try list("with strangers between").count == 23)
    }

    /// More than one buffer of 64 KB, and longer than the window of the reader.
    @Test(arguments: [5, 8] as [UInt64])
    func longUnpacked(field: UInt64) throws {
        let values = (0..<40_000).map { Float($0) }
        let bytes = values.flatMap { field == 5 ? W.float(5, $0) : W.double(8, Double($0)) }
        let file = W.net(blob: W.shape([200, 200]) + bytes)
        let blob = try CaffeNet.blob(file)
        #expect(blob.segments.list.count == 1)
        #expect(try CaffeNet.numbers(blob, in: MemoryByteSource(name: "net", bytes: file)) == values)
        #expect(
            try CaffeNet.numbers(blob, 13_000..<39_999, in: MemoryByteSource(name: "net", bytes: file))
                == Array(values[13_000..<39_999]))
    }

    @Test func shapes() throws {
        let one = W.float(5, 1)
        func shape(_ bytes: [UInt8]) throws -> [Int] { try CaffeNet.blob(W.net(blob: bytes)).shape }
        #expect(try shape(one) == [])
        #expect(
            try shape(W.varint(1, 1) + W.varint(2, 1) + W.varint(3, 1) + W.varint(4, 1) + one) == [
                1, 1, 1, 1,
            ])
        #expect(try shape(W.shape([3, 0])) == [3, 0])
        #expect(try shape(W.varint(1, 5)) == [5, 0, 0, 0])
        // Caffe looks at the old sides first.
        #expect(try shape(W.varint(4, 3) + W.shape([7])) == [0, 0, 0, 3])
        // Unpacked, and in two messages that merge.
        #expect(try shape(W.sized(7, W.varint(1, 1)) + W.sized(7, W.varint(1, 1)) + one) == [1, 1])
    }

    /// A blob, and a word of what is wrong with it.
    static let broken: [([UInt8], String)] = [
        (
            W.shape([2, 3]) + W.sized(5, W.bits([Float(1)])),
            "layer \"conv\", blob 0: 1 numbers, but the shape 2 x 3 holds 6"
        ),
        (W.shape([2]), "0 numbers"),
        ([], "0 numbers, but the shape () holds 1"),
        (W.shape([1 << 60]), "more than 2^36"),
        (W.shape([1 << 30, 1 << 30, 1 << 30]), "more than 2^36"),
        (W.shape([1 << 20, 1 << 20]), "more than 2^36"),
        (W.shape([0, 1 << 40, 1 << 40]), "more than 2^36"),
        (W.shape([UInt64.max]), "negative"),
        (W.varint(1, UInt64.max), "negative"),
        (W.shape([UInt64](repeating: 1, count: 33)) + W.float(5, 1), "33 axes"),
        (W.shape([4]) + W.sized(12, [1, 2, 3, 4, 5, 6, 7, 8]), "16-bit floats"),
    ]

    @Test(arguments: broken)
    func isRefused(blob: [UInt8], word: String) throws {
        let error = try #require(throws: FaceSegError.self) { try CaffeNet.read(W.net(blob: blob)) }
        guard case .file("net", 10, let reason) = error else { throw error }
        #expect(reason.contains(word))
    }

    /// The name may stand behind the blobs.
    @Test func errorNamesTheLayer() throws {
        let blob = W.sized(7, W.shape([2]))
        let error = try #require(throws: FaceSegError.self) {
            try CaffeNet.read(W.sized(100, W.sized(7, W.float(5, 1)) + blob + W.sized(1, "late")))
        }
        #expect("\(error)".contains("layer \"late\", blob 1"))
    }

    /// Half a gigabyte that nobody reads.
    @Test func opensWithoutReadingTheNumbers() throws {
        let count = 131_072_000
        var head = W.sized(1, "fc6") + [7 << 3 | 2] + W.number(UInt64(count * 4 + 6 + 8))
        head += W.sized(7, W.sized(1, W.number(UInt64(count)))) + [5 << 3 | 2] + W.number(UInt64(count * 4))
        let path = "/tmp/faceseg-sparse-\(getpid()).caffemodel"
        let length = UInt64(head.count + count * 4)
        try AtomicFile.write(W.number(100 << 3 | 2) + W.number(length) + head, to: path)
        defer { unlink(path) }
        let size = W.number(100 << 3 | 2).count + W.number(length).count + Int(length)
        #expect(truncate(path, size) == 0)

        let source = CaffeCountingSource(try FileByteSource(path: path))
        let net = try readNetParameter(from: source)
        #expect(source.bytesRead < 1 << 20)
        let blob = net.messages("layer")[0].blobs("blobs")[0]
        #expect(blob.shape == [count])
        #expect(try CaffeNet.numbers(blob, count - 3..<count, in: source) == [0, 0, 0])
    }

    @Test func fileThatChanges() throws {
        let path = "/tmp/faceseg-change-\(getpid()).caffemodel"
        defer { unlink(path) }
        try AtomicFile.write(
            W.net(blob: W.shape([100]) + W.sized(5, [UInt8](repeating: 0, count: 400))), to: path)
        let source = try FileByteSource(path: path)
        let blob = try readNetParameter(from: source).messages("layer")[0].blobs("blobs")[0]
        try source.checkUnchanged()
        #expect(truncate(path, 100) == 0)
        let error = try #require(throws: FaceSegError.self) { try CaffeNet.numbers(blob, in: source) }
        #expect("\(error)".contains("became shorter"))
        #expect(throws: FaceSegError.self) { try source.checkUnchanged() }
    }

    @Test func filesThatAreNone() throws {
        for path in ["/tmp", "/dev/null", "/nowhere/at/all", ""] {
            #expect(throws: FaceSegError.self) { try FileByteSource(path: path) }
        }
    }

    @Test func borrowedBytes() throws {
        let bytes = W.net(blob: W.shape([2]) + W.sized(5, W.bits([Float(1), 2])))
        try bytes.withUnsafeBytes { bytes in
            let source = StaticByteSource(name: "built in", bytes: bytes)
            let blob = try readNetParameter(from: source).messages("layer")[0].blobs("blobs")[0]
            #expect(try CaffeNet.numbers(blob, in: source) == [1, 2])
        }
    }
}
