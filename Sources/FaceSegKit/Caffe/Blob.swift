// Blob: an array of weights as a file describes it, and where in the file its numbers lie. Opening a model
// makes these for all blobs without reading a number; `read` then fetches any range, straight into its place.
// Not a tensor: it holds no numbers (save those few that a prototxt may carry).

#if _endian(big)
    #error("packed floats are copied as they lie in the file, which is little-endian")
#endif

/// A run of numbers in the source, `byteStride` apart.
struct BlobSegment: Sendable, Equatable {
    /// Index in the blob of the first number.
    let first: Int
    /// Byte of the first number. Unpacked ones have a one-byte tag in front of each, which is stepped over.
    let offset: Int
    var count: Int
    /// 4 packed float, 5 unpacked float, 8 packed double, 9 unpacked double.
    let byteStride: Int

    var isDouble: Bool { byteStride >= 8 }
    var end: Int { first + count }
}

/// The numbers of one field, `data` or `double_data`, in the order of the file.
struct BlobSegments: Sendable, Equatable {
    private(set) var list: [BlobSegment] = []
    var count: Int { list.last?.end ?? 0 }

    /// Adds `count` numbers from byte `offset` on. Unpacked ones that follow at the same stride join the last
    /// run.
    mutating func append(offset: Int, count: Int, byteStride: Int) {
        guard count > 0 else { return }
        if let last = list.last, last.byteStride == byteStride, !byteStride.isMultiple(of: 4),
            last.offset + last.count * byteStride == offset
        {
            list[list.count - 1].count += count
        } else {
            list.append(BlobSegment(first: self.count, offset: offset, count: count, byteStride: byteStride))
        }
    }

    /// Position in `list` of the run with number `index`, which must be one of ours.
    func run(of index: Int) -> Int {
        var low = 0, high = list.count - 1
        while low < high {
            let middle = (low + high) / 2
            if list[middle].end > index { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Shape and whereabouts of one blob.
///
/// The readers check every blob of a layer (``checkBlobs(of:)``) before they hand the layer out, so a header
/// that one gets has `count` numbers in sides that are none below 0 and whose product is at most 2^36.
package struct BlobHeader: Sendable {
    static let largestCount = 1 << 36
    /// Caffe's own limit.
    static let mostAxes = 32

    package internal(set) var shape: [Int] = []
    /// The shape was given as num, channels, height, width: always four sides, with ones in front.
    var isLegacyShape = false
    /// Of `double_data` if there is any, else of `data`, as in Caffe.
    var segments = BlobSegments()
    /// A prototxt's numbers; `segments` is empty then.
    var inline: [Float]?
    /// NVIDIA's Caffe stores 16-bit floats in a field of its own.
    var hasRawData = false
    var place: MessagePlace?

    /// How many numbers there are. A shape without sides holds one.
    package var count: Int { inline?.count ?? segments.count }

    /// What is wrong with this blob, if anything.
    var problem: String? {
        guard shape.count <= Self.mostAxes else {
            return "\(shape.count) axes; Caffe has at most \(Self.mostAxes)"
        }
        guard shape.allSatisfy({ $0 >= 0 }) else { return "a side of \(text) is negative" }
        guard let product else { return "\(text) is more than 2^36 numbers" }
        if count == product { return nil }
        if hasRawData, count == 0 {
            return "its numbers are 16-bit floats of NVIDIA's Caffe, which are not read"
        }
        return "\(count) numbers, but the shape \(text) holds \(product)"
    }

    /// Numbers that the shape holds, unless there are too many; a side of 0 does not excuse the others, whose
    /// products are taken elsewhere.
    private var product: Int? {
        var product = 1
        for side in shape where side > 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: side)
            guard !overflow, next <= Self.largestCount else { return nil }
            product = next
        }
        return shape.contains(0) ? 0 : product
    }

    private var text: String { shape.isEmpty ? "()" : shape.map(String.init).joined(separator: " x ") }
}

/// Throws if a blob of the layer is not sound, naming layer and blob.
func checkBlobs(of layer: Message) throws(FaceSegError) {
    for entry in layer.entries {
        for (index, blob) in entry.blobs.enumerated() {
            guard let problem = blob.problem else { continue }
            let name =
                layer.type.field("name") == nil ? layer.type.name : "layer \"\(layer.string("name") ?? "")\""
            let reason = "\(name), blob \(index): \(problem)"
            throw blob.place?.failure(reason) ?? layer.failure(reason)
        }
    }
}

// Reading the numbers.
extension BlobHeader {
    /// Numbers `range` of the blob into the first places of `destination`; doubles are rounded to float.
    ///
    /// `range` must lie in `0..<count` and `destination` have room. Packed floats are read where they belong;
    /// others by way of 64 KB. Any number of threads may read at once.
    package func read(
        _ range: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>, from source: any ByteSource
    ) throws(FaceSegError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count && destination.count >= range.count)
        guard !range.isEmpty, let base = destination.baseAddress else { return }
        if let inline {
            for (index, value) in inline[range].enumerated() { base[index] = value }
            return
        }
        var done = range.lowerBound, run = segments.run(of: done)
        while done < range.upperBound {
            let segment = segments.list[run]
            let end = min(segment.end, range.upperBound)
            let part = UnsafeMutableBufferPointer(start: base + (done - range.lowerBound), count: end - done)
            try segment.read(from: done, into: part, from: source)
            done = end
            run += 1
        }
    }
}

extension BlobSegment {
    private static let bufferBytes = 65_536

    /// Numbers from `index` (of the blob) on, as many as `destination` takes.
    fileprivate func read(
        from index: Int, into destination: UnsafeMutableBufferPointer<Float>, from source: any ByteSource
    ) throws(FaceSegError) {
        let start = offset + (index - first) * byteStride
        if byteStride == 4 {
            return try source.read(at: start, into: UnsafeMutableRawBufferPointer(destination))
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferBytes, alignment: 8)
        defer { buffer.deallocate() }
        let size = isDouble ? 8 : 4, most = Self.bufferBytes / byteStride
        var done = 0
        while done < destination.count {
            let count = min(most, destination.count - done)
            // Without what follows the last number: it may be the end of the file.
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<((count - 1) * byteStride + size)])
            try source.read(at: start + done * byteStride, into: bytes)
            for i in 0..<count {
                destination[done + i] =
                    isDouble
                    ? Float(bytes.loadUnaligned(fromByteOffset: i * byteStride, as: Double.self))
                    : bytes.loadUnaligned(fromByteOffset: i * byteStride, as: Float.self)
            }
            done += count
        }
    }
}
