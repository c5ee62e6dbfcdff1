// CaffeSupport: what the tests of the Caffe formats share: where files lie, a sink and a source that can be
// looked into, and protobuf bytes put together by hand. No tests.
import Glibc

@testable import FaceSegKit

enum CaffeFiles {
    /// Small files next to the tests. Who made them: `Fixtures/caffe/README.md`.
    static let own = folder(of: #filePath, up: 1) + "/Fixtures/caffe/"
    /// Nets, weights and scores that Caffe itself wrote; too large for the package.
    static let shared =
        getenv("FACESEG_FIXTURES").map { String(cString: $0) } ?? folder(of: #filePath, up: 3)
        + "/../shared/fixtures"
    static let haveShared = access(shared + "/inference", R_OK) == 0

    static func bytes(_ path: String) throws -> [UInt8] {
        let file = try FileByteSource(path: path)
        var bytes = [UInt8](repeating: 0, count: file.count)
        try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
        return bytes
    }

    static func lines(_ name: String) -> [[String]] {
        let text = (try? bytes(own + name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    private static func folder(of path: String, up: Int) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast(up).joined(separator: "/")
    }
}

final class CaffeMemorySink: ByteSink {
    private(set) var bytes: [UInt8] = []
    func write(_ bytes: UnsafeRawBufferPointer) throws(FaceSegError) { self.bytes += bytes }
}

/// Counts what is read from another source.
final class CaffeCountingSource: ByteSource, @unchecked Sendable {
    let name: String, count: Int
    private let source: any ByteSource
    private(set) var bytesRead = 0

    init(_ source: any ByteSource) {
        self.source = source
        name = source.name
        count = source.count
    }

    func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FaceSegError) {
        bytesRead += destination.count
        try source.read(at: offset, into: destination)
    }
}

/// Short ways through the codecs.
enum CaffeNet {
    static func wire(_ net: Message, blobs: [[OutgoingBlob]] = []) throws -> [UInt8] {
        let sink = CaffeMemorySink()
        try writeNetParameter(net, blobs: blobs, to: sink)
        return sink.bytes
    }

    static func read(_ bytes: [UInt8]) throws -> Message {
        try readNetParameter(from: MemoryByteSource(name: "net", bytes: bytes))
    }

    static func read(_ text: String) throws -> Message {
        try readNetParameter(text: Array(text.utf8), name: "net")
    }

    /// The one blob of the one layer.
    static func blob(_ bytes: [UInt8]) throws -> BlobHeader {
        try read(bytes).messages("layer")[0].blobs("blobs")[0]
    }

    /// Numbers of a blob, all if no range is given.
    static func numbers(_ blob: BlobHeader, _ range: Range<Int>? = nil, in source: any ByteSource) throws
        -> [Float]
    {
        let range = range ?? 0..<blob.count
        var values = [Float](repeating: .nan, count: range.count)
        try values.withUnsafeMutableBufferPointer { try blob.read(range, into: $0, from: source) }
        return values
    }

    /// FNV-1a, 64 bits, over bytes or words, going on from `hash`.
    static func fnv(_ items: some Sequence<some BinaryInteger>, from hash: UInt64 = 0xcbf2_9ce4_8422_2325)
        -> UInt64
    {
        items.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// Protobuf's wire form by hand, so that the reader is not tested by our writer alone.
enum CaffeWire {
    static func number(_ value: UInt64) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + number(value >> 7)
    }
    static func varint(_ field: UInt64, _ value: UInt64) -> [UInt8] { number(field << 3) + number(value) }
    static func sized(_ field: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        number(field << 3 | 2) + number(UInt64(bytes.count)) + bytes
    }
    static func sized(_ field: UInt64, _ text: String) -> [UInt8] { sized(field, Array(text.utf8)) }
    static func float(_ field: UInt64, _ value: Float) -> [UInt8] { number(field << 3 | 5) + bits([value]) }
    static func double(_ field: UInt64, _ value: Double) -> [UInt8] { number(field << 3 | 1) + bits([value]) }
    static func bits<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
    static func shape(_ sides: [UInt64]) -> [UInt8] { sized(7, sized(1, sides.flatMap(number))) }
    /// A net of one layer `conv` with one blob.
    static func net(blob: [UInt8]) -> [UInt8] { sized(100, sized(1, "conv") + sized(7, blob)) }
}
