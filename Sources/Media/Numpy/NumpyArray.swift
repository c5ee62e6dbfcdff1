// NumpyArray: .npy files in and out, for `--input x.npy` and the like. Archives are NumpyArchive's.

/// An array of floats with a shape.
///
/// - Layout: C order, the last axis fastest; no axes are one number.
public struct NumpyArray: Equatable, Sendable {
    public let shape: [Int]
    /// As many numbers as the product of `shape`.
    public var floats: [Float]

    /// - Precondition: `floats` holds as many numbers as `shape` says.
    public init(shape: [Int], floats: [Float]) {
        precondition(floats.count == shape.reduce(1, *), "numbers and shape disagree")
        self.shape = shape
        self.floats = floats
    }

    /// A .npy file of version 1.0, 2.0 or 3.0: `<f4`, `<f8`, `<i4`, `<i8` or `|u1` in C order, made floats.
    ///
    /// - Throws: ``MediaError`` when the file cannot be read, has another dtype or order, or is not as long
    ///   as its shape says.
    public static func read(path: String) throws(MediaError) -> NumpyArray {
        try decode(readFile(path), name: path)
    }

    /// The same from bytes; `name` stands in messages.
    public static func decode(_ bytes: [UInt8], name: String) throws(MediaError) -> NumpyArray {
        try decode(ByteView(bytes), name: name)
    }

    static func decode(_ file: ByteView, name: String) throws(MediaError) -> NumpyArray {
        let header = try NumpyHeader(file, name: name)
        let length = file.count - header.dataOffset
        guard let expected = bytes(header), let data = file.part(header.dataOffset, length) else {
            throw MediaError(path: name, reason: "shape \(header.shape) is more than memory can hold")
        }
        guard length == expected else {
            throw MediaError(
                path: name, reason: "\(length) bytes of numbers, but shape \(header.shape) needs \(expected)")
        }
        return NumpyArray(shape: header.shape, floats: header.kind.floats(data))
    }

    /// What the shape asks for; nil when that is no number.
    private static func bytes(_ header: NumpyHeader) -> Int? {
        var bytes = header.kind.size
        for side in header.shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
            if overflow { return nil }
            bytes = product
        }
        return bytes
    }
}

extension NumpyArray {
    /// A .npy file of version 1.0, `<f4`.
    ///
    /// - Precondition: `floats` still holds as many numbers as `shape` says.
    public func encode() -> [UInt8] {
        precondition(floats.count == shape.reduce(1, *), "numbers and shape disagree")
        var file = Self.header(.float32, shape)
        file.reserveCapacity(file.count + 4 * floats.count)
        for number in floats {
            withUnsafeBytes(of: number.bitPattern.littleEndian) { file.append(contentsOf: $0) }
        }
        return file
    }

    /// A .npy file of version 1.0, `|u1`: labels and pixels.
    ///
    /// - Precondition: `values` holds as many numbers as `shape` says.
    public static func encodeUInt8(shape: [Int], values: [UInt8]) -> [UInt8] {
        precondition(values.count == shape.reduce(1, *), "numbers and shape disagree")
        return header(.uint8, shape) + values
    }

    /// What stands before the numbers of a `<f4` file of this shape, for those who write them piece by piece.
    public static func floatHeader(shape: [Int]) -> [UInt8] { header(.float32, shape) }

    /// Filled up with spaces so that the numbers begin at a multiple of 64, as NumPy does.
    private static func header(_ kind: NumpyKind, _ shape: [Int]) -> [UInt8] {
        let sides = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        let text = "{'descr': '\(kind.rawValue)', 'fortran_order': False, 'shape': (\(sides)), }"
        let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
        let spaces = String(repeating: " ", count: length - text.utf8.count - 1)
        let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
        return start + Array((text + spaces + "\n").utf8)
    }
}

extension NumpyKind {
    /// Every whole number's bytes, as floats; large integers and doubles are rounded.
    fileprivate func floats(_ data: ByteView) -> [Float] {
        data.bytes.withUnsafeBytes { raw in
            switch self {
            case .float32: convert(raw, UInt32.self) { Float(bitPattern: $0) }
            case .float64: convert(raw, UInt64.self) { Float(Double(bitPattern: $0)) }
            case .int32: convert(raw, Int32.self) { Float($0) }
            case .int64: convert(raw, Int64.self) { Float($0) }
            case .uint8: convert(raw, UInt8.self) { Float($0) }
            }
        }
    }

    private func convert<Number: FixedWidthInteger & BitwiseCopyable>(
        _ raw: UnsafeRawBufferPointer, _: Number.Type, _ float: (Number) -> Float
    ) -> [Float] {
        let count = raw.count / size
        return [Float](unsafeUninitializedCapacity: count) { floats, filled in
            for i in 0..<count {
                floats[i] = float(
                    Number(littleEndian: raw.loadUnaligned(fromByteOffset: i * size, as: Number.self)))
            }
            filled = count
        }
    }
}
