// Arrays and archives that NumPy wrote give the numbers that went in; what we write is what NumPy writes.

import Testing

@testable import Media

@Suite struct NumpyArrayTests {
    @Test(arguments: [
        ("float32.npy", [2, 3], [-1, -0.5, 0, 0.5, 1, 1.5]),
        ("float64.npy", [2, 3], [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ("int32.npy", [2, 3], [-3, -2, -1, 0, 1, 2]), ("int64.npy", [2, 3], (0..<6).map { Float($0 << 40) }),
        ("uint8.npy", [2, 3], [0, 51, 102, 153, 204, 255]), ("version2.npy", [2, 3], [0, 1, 2, 3, 4, 5]),
        ("version3.npy", [2, 3], [0, 1, 2, 3, 4, 5]), ("vector.npy", [1], [1.5]), ("scalar.npy", [], [7]),
        ("empty.npy", [0, 3], []), ("four_axes.npy", [1, 2, 3, 4], (0..<24).map { Float($0) }),
    ])
    func readsWhatNumPyWrote(name: String, shape: [Int], floats: [Float]) throws {
        #expect(try NumpyArray.read(path: Fixture.folder + name) == NumpyArray(shape: shape, floats: floats))
    }

    @Test(arguments: ["float32.npy", "vector.npy", "scalar.npy", "empty.npy", "four_axes.npy"])
    func writesWhatNumPyWrites(name: String) throws {
        let bytes = try Fixture.bytes(name)
        #expect(try NumpyArray.decode(bytes, name: name).encode() == bytes)
    }

    @Test func writesBytesAsNumPyDoes() throws {
        let file = NumpyArray.encodeUInt8(shape: [2, 3], values: [0, 51, 102, 153, 204, 255])
        #expect(try file == Fixture.bytes("uint8.npy"))
    }

    @Test func keepsEveryBit() throws {
        let floats: [Float] = [.nan, .infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        let array = try NumpyArray.decode(NumpyArray(shape: [5], floats: floats).encode(), name: "x")
        #expect(array.floats.map(\.bitPattern) == floats.map(\.bitPattern))
    }

    @Test(arguments: [
        ("fortran.npy", "fortran_order True and only C order is read"),
        ("big_endian.npy", "dtype \">f4\", big-endian, and"), ("complex.npy", "dtype \"<c8\" and <f4"),
        ("fields.npy", "a dtype of several fields"),
    ])
    func saysWhatIsNotRead(name: String, reason: String) throws {
        let bytes = try Fixture.bytes(name)
        let error = failure { () throws(MediaError) in try NumpyArray.decode(bytes, name: name) }
        #expect(error?.reason.hasPrefix("the .npy header has " + reason) == true, "\(error?.reason ?? "")")
    }
}

@Suite struct NumpyHostileTests {
    static func file(_ header: String, version: [UInt8] = [1, 0], data: [UInt8] = []) -> [UInt8] {
        let length = header.utf8.count
        let size = [UInt8(length & 255), UInt8(length >> 8)] + (version[0] == 1 ? [] : [0, 0])
        return [0x93] + Array("NUMPY".utf8) + version + size + Array(header.utf8) + data
    }

    @Test(arguments: [
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
            "0 bytes of numbers, but shape [3] needs 12"
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
            "shape [4611686018427387904, 4] is more than memory can hold"
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
            "the .npy header has a side that is not a number from 0 to 9223372036854775807 (at byte 51 of the header)"
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            "the .npy header has a side that is not a number from 0 to 9223372036854775807 (at byte 51 of the header)"
        ),
        (
            "{'descr': '<f4'}",
            "the .npy header has not all of descr, fortran_order and shape (at byte 16 of the header)"
        ),
        (
            "{'descr': '<f4', 'descr': '<f4'}",
            "the .npy header has \"descr\" twice (at byte 31 of the header)"
        ),
        (
            "{'other': 1}",
            "the .npy header has the key \"other\", which .npy does not have (at byte 9 of the header)"
        ),
        ("{'descr", "the .npy header has an open string (at byte 2 of the header)"),
        ("", "the .npy header has no \"{\" where one belongs (at byte 0 of the header)"),
        (String(repeating: " ", count: 10_001), "a .npy header of 10001 bytes; 10000 at most are read"),
        (
            "{'shape': (" + String(repeating: "1,", count: 65) + ")}",
            "the .npy header has more than 64 axes (at byte 140 of the header)"
        ),
    ])
    func saysWhatIsWrong(header: String, reason: String) {
        let error = failure { () throws(MediaError) in try NumpyArray.decode(Self.file(header), name: "x.npy")
        }
        #expect(error == MediaError(path: "x.npy", reason: reason))
    }

    @Test func oldAndOddForms() throws {
        let header = "{ \"shape\":(1L,2 ,) ,'fortran_order':False,'descr':'|u1'}"
        let array = try NumpyArray.decode(Self.file(header, data: [8, 9]), name: "x")
        #expect(array == NumpyArray(shape: [1, 2], floats: [8, 9]))
        let error = failure { () throws(MediaError) in
            try NumpyArray.decode(Self.file(header, version: [4, 0]), name: "x")
        }
        #expect(error?.reason == ".npy version 4.0; 1.0, 2.0 and 3.0 are read")
    }

    static let arrays = ["float32.npy", "int64.npy", "version2.npy", "scalar.npy"]

    @Test(arguments: arrays)
    func everyOtherLengthFails(name: String) throws {
        let bytes = try Fixture.bytes(name)
        for length in 0..<bytes.count {
            #expect(throws: MediaError.self, "\(length) bytes") {
                try NumpyArray.decode(Array(bytes[..<length]), name: name)
            }
        }
        #expect(throws: MediaError.self) { try NumpyArray.decode(bytes + [0], name: name) }
    }

    @Test(arguments: arrays)
    func changedBytesNeverTrap(name: String) throws {
        let bytes = try Fixture.bytes(name)
        for place in bytes.indices {
            for byte in [0, 0x27, 0x28, 0x30, 0x39, 0x7B, 0x7F, 0xFF] as [UInt8] {
                var changed = bytes
                changed[place] = byte
                _ = try? NumpyArray.decode(changed, name: name)
            }
        }
    }
}

@Suite struct NumpyArchiveTests {
    @Test(arguments: ["stored.npz", "wide.npz"])
    func readsWhatNumPyWrote(name: String) throws {
        let arrays = try NumpyArchive.read(path: Fixture.folder + name)
        #expect(
            arrays == [
                "first": NumpyArray(shape: [2, 3], floats: [0, 1, 2, 3, 4, 5]),
                "second": NumpyArray(shape: [3], floats: [1, 2, 255]),
            ])
    }

    @Test(arguments: [
        ("compressed.npz", "first.npy: is compressed; save with numpy.savez, not savez_compressed"),
        ("damaged.npz", "first.npy: the checksum is wrong; copy the file again"),
        ("other.npz", "notes.txt: not a .npy file; an .npz holds nothing else"),
        ("cut.npz", "the .npz file is cut off; copy the file again"),
        ("float32.npy", "not an .npz file; numpy.savez writes them"),
    ])
    func saysWhatIsWrong(name: String, message: String) throws {
        let bytes = try Fixture.bytes(name)
        let error = failure { () throws(MediaError) in try NumpyArchive.decode(bytes, name: name) }
        #expect(error?.description == "\(name): \(message)")
    }

    @Test func commentsAndEncryption() throws {
        var bytes = try Fixture.bytes("stored.npz")
        let plain = try NumpyArchive.decode(bytes, name: "x")
        let comment = Array("a comment".utf8)
        let commented = bytes[..<(bytes.count - 2)] + [UInt8(comment.count), 0] + comment
        #expect(try NumpyArchive.decode(Array(commented), name: "x") == plain)
        let entry = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
        bytes[entry + 8] |= 1
        let error = failure { () throws(MediaError) in try NumpyArchive.decode(bytes, name: "x") }
        #expect(error?.description == "x: first.npy: is encrypted; save it without")
    }

    @Test func namesOfTheSameBytesAreNotReadAgainAndAgain() throws {
        let bytes = try Fixture.bytes("overlapping.npz")
        let error = failure { () throws(MediaError) in try NumpyArchive.decode(bytes, name: "x") }
        #expect(error?.reason == "overlaps another array")
    }

    @Test(arguments: ["stored.npz", "wide.npz"])
    func everyShorterFileFails(name: String) throws {
        let bytes = try Fixture.bytes(name)
        for length in 0..<bytes.count {
            #expect(throws: MediaError.self, "\(length) bytes") {
                try NumpyArchive.decode(Array(bytes[..<length]), name: name)
            }
        }
    }

    @Test(arguments: ["stored.npz", "wide.npz"])
    func changedBytesNeverTrap(name: String) throws {
        let bytes = try Fixture.bytes(name)
        for place in bytes.indices {
            for byte in [0, 1, 0x7F, 0xFF] as [UInt8] {
                var changed = bytes
                changed[place] = byte
                _ = try? NumpyArchive.decode(changed, name: name)
            }
        }
    }

    /// Names, shapes and ends of the arrays, as NumPy shows them.
    static let blobs: [(net: String, arrays: Int, numbers: Int, name: String, shape: [Int], ends: [Float])] =
        [
            ("fcn8s_face", 29, 792_575, "upscore8", [1, 3, 152, 120], [0.00018914236, 4.8008194e-05]),
            ("light_unet", 21, 264_192, "upc", [1, 3, 64, 96], [-0.21794784, -0.12663326]),
            ("ops_merge", 36, 80_546, "mvn", [2, 3, 19, 23], [-1.6494999, -0.74024475]),
        ]

    @Test(
        .enabled(if: Fixture.hasShared, "set FACESEG_FIXTURES to the folder of Caffe's arrays"),
        arguments: blobs)
    func readsCaffesBlobs(
        net: String, arrays: Int, numbers: Int, name: String, shape: [Int], ends: [Float]
    ) throws {
        let blobs = try NumpyArchive.read(path: Fixture.shared + "/inference/\(net).blobs.npz")
        #expect(blobs.count == arrays)
        #expect(blobs.values.reduce(0) { $0 + $1.floats.count } == numbers)
        let blob = try #require(blobs[name])
        #expect(blob.shape == shape)
        #expect([blob.floats.first, blob.floats.last] == ends)
    }

    @Test(.enabled(if: Fixture.hasShared, "set FACESEG_FIXTURES to the folder of Caffe's arrays"))
    func readsCaffesScores() throws {
        let score = try NumpyArray.read(path: Fixture.shared + "/inference/fcn8s_face.score.npy")
        #expect(score.shape == [1, 3, 64, 48])
        #expect([score.floats.first, score.floats.last] == [-4.511265, 6.8342037])
    }
}
