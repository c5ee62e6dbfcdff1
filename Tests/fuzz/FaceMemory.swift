// FaceMemory: what a host passes to the C face, in blocks of exactly the size that the header asks for, so that
// AddressSanitizer sees every byte too many. Sizes and strides are odd on purpose.
import CFaceSeg

/// Memory of exactly `count` bytes, `offset` bytes off an alignment of 16.
final class FaceBlock {
    private let memory: UnsafeMutableRawPointer
    let start: UnsafeMutableRawPointer
    let count: Int

    init(_ count: Int, offset: Int = 0, fill: UInt8 = 0) {
        memory = .allocate(byteCount: count + offset, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: fill, count: count + offset)
        (start, self.count) = (memory + offset, count)
    }

    deinit { memory.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
}

/// An options struct of an older, a newer or a careless caller.
struct FaceOptions<Options> {
    private let block: FaceBlock?

    init(_ options: Options, _ bytes: inout FuzzBytes) {
        guard !bytes.once(in: 8) else {
            block = nil
            return
        }
        let known = MemoryLayout<Options>.size, word = MemoryLayout<Int>.size
        let size =
            bytes.once(in: 4) ? bytes.integer() : bytes.once(in: 4) ? bytes.pick(word...known + 24) : known
        let isRead = (word...65_536).contains(size) && size % word == 0
        block = FaceBlock(isRead ? size : word, fill: bytes.once(in: 8) ? 1 : 0)
        withUnsafeBytes(of: options) { options in
            block!.start.copyMemory(from: options.baseAddress!, byteCount: min(block!.count, known))
        }
        block!.start.storeBytes(of: size, as: Int.self)
    }

    /// NULL now and then.
    var pointer: UnsafePointer<Options>? {
        block.map { UnsafePointer($0.start.assumingMemoryBound(to: Options.self)) }
    }
}

/// A picture of random sides.
struct FaceImage {
    private(set) var image = faceseg_image()
    private let blocks: [FaceBlock]
    static let mostBytes = 1 << 18

    init(_ bytes: inout FuzzBytes) {
        let sides = [bytes.pick(1...40), bytes.pick(1...40)].map { side in
            bytes.once(in: 40)
                ? bytes.pick([0, -1, 16_384, 16_385, 1000, Int(Int32.max), Int(Int32.min)]) : side
        }
        image.width = Int32(sides[0])
        image.height = Int32(sides[1])
        image.format =
            bytes.once(in: 24) ? Int32(truncatingIfNeeded: bytes.integer()) : Int32(bytes.pick(0...7))
        let kind = Int(image.format), pixel = (0..<8).contains(kind) ? [3, 3, 4, 4, 1, 1, 1, 1][kind] : 1
        if (5...7).contains(kind) { image.format += Int32(bytes.pick([0, 256, 512, 768])) }
        var planes = [PlaneBytes(sides[0], pixel, sides[1], &bytes)]
        image.height = Int32(planes[0].height)
        image.row_bytes.0 = planes[0].rowBytes
        if (5...7).contains(kind) {
            let half = [sides[0], planes[0].height].map { $0 / 2 + $0 % 2 }
            for _ in kind...(kind == 7 ? 8 : kind) {
                planes.append(PlaneBytes(half[0], kind == 7 ? 1 : 2, half[1], &bytes))
            }
            image.row_bytes.1 = planes[1].rowBytes
            image.row_bytes.2 = planes.last!.rowBytes
        }
        blocks = planes.map { plane in
            let block = FaceBlock(plane.size, offset: bytes.pick(0...3), fill: bytes.byte())
            for i in stride(from: 0, to: block.count, by: 3) {
                block.start.storeBytes(
                    of: UInt8(truncatingIfNeeded: i &* 31), toByteOffset: i, as: UInt8.self)
            }
            return block
        }
        let places = blocks.map { bytes.once(in: 40) ? nil : UnsafeRawPointer($0.start) } + [nil, nil]
        image.plane = (places[0], places[1], places[2])
    }

    /// Bytes of a plane: as many as are asked for, if it is one that is taken.
    private struct PlaneBytes {
        var rowBytes: Int, height: Int, size: Int

        init(_ width: Int, _ pixel: Int, _ height: Int, _ bytes: inout FuzzBytes) {
            let row = width * pixel, isTaken: Bool
            rowBytes = bytes.once(in: 16) ? bytes.integer() : row + (bytes.bool() ? bytes.pick(0...9) : 0)
            isTaken = (1...16_384).contains(width) && (1...16_384).contains(height) && rowBytes >= row
            (self.height, size) = (height, isTaken ? row : 1)
            guard isTaken, height > 1 else { return }
            // A huge stride is fine for one row only.
            if rowBytes > FaceImage.mostBytes / height { rowBytes = row }
            if row > FaceImage.mostBytes / height { self.height = FaceImage.mostBytes / row }
            size += (self.height - 1) * rowBytes
        }
    }
}

/// Where a result of `width` x `height` goes.
struct FacePlane {
    private(set) var plane = faceseg_plane()
    private let block: FaceBlock, row: Int, height: Int, isTaken: Bool
    private static let untouched: UInt8 = 0xA5

    /// - pixel: values a pixel. width 0: there is no result, so nothing may be written.
    init(width: Int, height: Int, pixel: Int, isFloat: Bool, _ bytes: inout FuzzBytes) {
        self.height = height
        plane.type = bytes.once(in: 24) ? Int32(truncatingIfNeeded: bytes.integer()) : isFloat ? 1 : 0
        let row = width * pixel * (plane.type == 1 ? 4 : 1)
        plane.row_bytes =
            bytes.once(in: 16) ? bytes.integer() : row + (bytes.bool() ? bytes.pick(0...3) * 4 : 0)
        isTaken = width > 0 && plane.row_bytes >= row
        if isTaken, height > 1, plane.row_bytes > 1 << 22 / height { plane.row_bytes = row }
        self.row = row
        // Floats are aligned; a misaligned plane is refused, so it need not be there.
        let offset = bytes.once(in: 8) ? bytes.pick(1...7) : 0
        block = FaceBlock(
            isTaken ? (height - 1) * plane.row_bytes + row : 1, offset: offset, fill: Self.untouched)
        plane.data = bytes.once(in: 40) ? nil : block.start
    }

    /// Each row's values.
    func rows() -> [UnsafeRawBufferPointer] {
        (0..<height).map {
            UnsafeRawBufferPointer(rebasing: block.bytes[$0 * plane.row_bytes..<$0 * plane.row_bytes + row])
        }
    }

    /// A few numbers again and again, of any kind where they are floats.
    func fill(_ bytes: inout FuzzBytes) {
        guard isTaken else { return }
        let isFloat = plane.type == FACESEG_F32
        let floats = isFloat ? (0..<bytes.pick(1...7)).map { _ in bytes.float() } : []
        let levels = isFloat ? [] : (0..<bytes.pick(1...7)).map { _ in bytes.byte() }
        var place = 0
        for row in rows() {
            let row = UnsafeMutableRawBufferPointer(mutating: row)
            for i in 0..<(isFloat ? row.count / 4 : row.count) {
                if isFloat {
                    row.storeBytes(of: floats[place % floats.count], toByteOffset: 4 * i, as: Float.self)
                } else {
                    row[i] = levels[place % levels.count]
                }
                place += 1 + i / 5 % 2
            }
        }
    }

    /// Whether all values are 0...1, which bytes are.
    var areShares: Bool {
        plane.type != FACESEG_F32
            || rows().allSatisfy { $0.bindMemory(to: Float.self).allSatisfy { (0...1).contains($0) } }
    }

    /// Whether the bytes between rows are as they were.
    var areGapsUntouched: Bool {
        (0..<(isTaken ? max(height - 1, 0) : 0)).allSatisfy { y in
            block.bytes[y * plane.row_bytes + row..<(y + 1) * plane.row_bytes].allSatisfy {
                $0 == Self.untouched
            }
        }
    }
}
