// Writing: nets built by hand, blobs that come in pieces, and files that appear whole or not at all.
import Glibc
import Testing

@testable import FaceSegKit

@Suite("Caffe writing")
struct CaffeWriterTests {
    private var net: Message {
        var convolution = Message("ConvolutionParameter")
        convolution.set("num_output", to: 2)
        convolution.append("pad", 1)
        convolution.append("pad", 0)
        convolution.set("engine", enumeration: "CAFFE")
        convolution.set("bias_term", to: false)
        var layer = Message("LayerParameter")
        layer.set("type", to: "Convolution")
        layer.set("name", to: "c")
        layer.append("loss_weight", Float(0.5))
        layer.set("convolution_param", to: convolution)
        var meta = Message("FaceSegParameter")
        meta.set("working_size", to: -1)
        var net = Message("NetParameter")
        net.append("layer", layer)
        net.set("faceseg_param", to: meta)
        net.set("name", to: "old")
        net.set("name", to: "n")
        return net
    }

    /// Put together by hand from protobuf's rules.
    @Test func bytes() throws {
        let convolution: [UInt8] = [0x08, 2, 0x10, 0, 0x18, 1, 0x18, 0, 0x78, 1]
        let blob: [UInt8] = [0x2A, 8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0x3A, 4, 0x0A, 2, 1, 2]
        let layer: [UInt8] =
            [0x0A, 1, 0x63, 0x12, 11] + Array("Convolution".utf8) + [0x2D, 0, 0, 0, 0x3F, 0x3A, 16] + blob
            + [0xD2, 0x06, 10] + convolution
        let meta = [UInt8](repeating: 0xFF, count: 9)
        let expected: [UInt8] =
            [0x0A, 1, 0x6E, 0xA2, 0x06, UInt8(layer.count)] + layer + [0xCA, 0xDB, 0x0C, 11, 0x48] + meta + [
                1
            ]
        #expect(try CaffeNet.wire(net, blobs: [[OutgoingBlob(shape: [1, 2], values: [1, 2])]]) == expected)
    }

    @Test func emptyBlobs() throws {
        let bytes = try CaffeNet.wire(
            net, blobs: [[OutgoingBlob(shape: [], values: [3]), OutgoingBlob(shape: [0, 2], values: [])]])
        let blobs = try CaffeNet.read(bytes).messages("layer")[0].blobs("blobs")
        #expect(blobs.map(\.shape) == [[], [0, 2]])
        #expect(blobs.map(\.count) == [1, 0])
    }

    @Test func numbersComeInPieces() throws {
        var pieces: [Range<Int>] = []
        let blob = OutgoingBlob(shape: [3, 50_000]) { range, destination throws(FaceSegError) in
            pieces.append(range)
            for (place, index) in range.enumerated() { destination[place] = Float(index) }
        }
        let bytes = try CaffeNet.wire(net, blobs: [[blob]])
        #expect(pieces == [0..<65_536, 65_536..<131_072, 131_072..<150_000])
        let read = try CaffeNet.read(bytes).messages("layer")[0].blobs("blobs")[0]
        let values = try CaffeNet.numbers(read, in: MemoryByteSource(name: "net", bytes: bytes))
        #expect(values == (0..<150_000).map { Float($0) })
    }

    @Test func beyondTwoGigabytes() throws {
        let blob = OutgoingBlob(shape: [1 << 29]) { _, _ throws(FaceSegError) in
            Issue.record("nothing may be written")
        }
        #expect(throws: FaceSegError.self) { try CaffeNet.wire(net, blobs: [[blob]]) }
    }

    @Test func errorsOfTheSourcePass() throws {
        let blob = OutgoingBlob(shape: [1]) { _, _ throws(FaceSegError) in throw .cancelled }
        #expect(throws: FaceSegError.cancelled) { try CaffeNet.wire(net, blobs: [[blob]]) }
    }
}

@Suite("Atomic files")
struct CaffeAtomicFileTests {
    /// A folder of its own, removed afterwards.
    private func inFolder(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/faceseg-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            for name in names(folder) { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        try body(folder)
    }

    private func names(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    @Test func appearsAtTheEnd() throws {
        try inFolder { folder in
            let path = folder + "/a"
            let file = try AtomicFile(path: path)
            #expect(names(folder).count == 1 && names(folder)[0].hasPrefix("a.tmp-\(getpid())-"))
            for part in [[1, 2], [], [3]] as [[UInt8]] { try part.withUnsafeBytes { try file.write($0) } }
            try file.commit()
            #expect(names(folder) == ["a"])
            #expect(try CaffeFiles.bytes(path) == [1, 2, 3])
        }
    }

    @Test func replacesAndKeepsTheMode() throws {
        try inFolder { folder in
            let path = folder + "/a"
            try AtomicFile.write([1], to: path)
            #expect(chmod(path, 0o600) == 0)
            try AtomicFile.write([2], to: path)
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(try CaffeFiles.bytes(path) == [2])
        }
    }

    @Test func leavesNothingWhenDropped() throws {
        try inFolder { folder in
            let path = folder + "/a"
            try AtomicFile.write([1], to: path)
            do {
                let file = try AtomicFile(path: path)
                try [UInt8](repeating: 2, count: 100).withUnsafeBytes { try file.write($0) }
            }
            #expect(names(folder) == ["a"])
            #expect(try CaffeFiles.bytes(path) == [1])
        }
    }

    @Test func failsWithTheReason() throws {
        try inFolder { folder in
            let missing = try #require(throws: FaceSegError.self) { try AtomicFile(path: folder + "/no/a") }
            #expect("\(missing)".contains("No such file or directory"))
            #expect(throws: FaceSegError.self) { try AtomicFile(path: folder) }
            #expect(throws: FaceSegError.self) { try AtomicFile(path: "/dev/null") }
            #expect(throws: FaceSegError.self) {
                try AtomicFile(path: folder + "/" + String(repeating: "a", count: 255))
            }
            #expect(names(folder).isEmpty)
        }
    }

    /// The folder takes the name of the file while it is written.
    @Test func renameThatFails() throws {
        try inFolder { folder in
            let file = try AtomicFile(path: folder + "/a")
            #expect(mkdir(folder + "/a", 0o700) == 0)
            #expect(throws: FaceSegError.self) { try file.commit() }
            #expect(names(folder) == ["a"])
            rmdir(folder + "/a")
        }
    }
}
