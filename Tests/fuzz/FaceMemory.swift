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
    private let block: FaceBlock
    private static let mostBytes = 1 << 18

    init(_ bytes: inout FuzzBytes) {
        let sides = [bytes.pick(1...40), bytes.pick(1...40)].map { side in
            bytes.once(in: 40)
                ? bytes.pick([0, -1, 16_384, 16_385, 1000, Int(Int32.max), Int(Int32.min)]) : side
        }
        image.width = Int32(sides[0])
        image.height = Int32(sides[1])
        image.format =
            bytes.once(in: 24) ? Int32(truncatingIfNeeded: bytes.integer()) : Int32(bytes.pick(0...4))
        let pixel = [3, 3, 4, 4, 1],
            row = sides[0] * ((0..<5).contains(image.format) ? pixel[Int(image.format)] : 1)
        image.row_bytes.0 =
            bytes.once(in: 16) ? bytes.integer() : row + (bytes.bool() ? bytes.pick(0...9) : 0)
        let isTaken =
            (1...16_384).contains(sides[0]) && (1...16_384).contains(sides[1]) && image.row_bytes.0 >= row
        var size = isTaken ? row : 1
        if isTaken, sides[1] > 1 {
            // A huge stride is fine for one row only.
            if image.row_bytes.0 > Self.mostBytes / sides[1] { image.row_bytes.0 = row }
            if row > Self.mostBytes / sides[1] { image.height = Int32(Self.mostBytes / row) }
            size += (Int(image.height) - 1) * image.row_bytes.0
        }
        block = FaceBlock(size, offset: bytes.pick(0...3), fill: bytes.byte())
        for i in stride(from: 0, to: block.count, by: 3) {
            block.start.storeBytes(of: UInt8(truncatingIfNeeded: i &* 31), toByteOffset: i, as: UInt8.self)
        }
        image.plane.0 = bytes.once(in: 40) ? nil : UnsafeRawPointer(block.start)
    }
}

/// Where a result of `width` x `height` goes.
struct FacePlane {
    private(set) var plane = faceseg_plane()
    private let block: FaceBlock, row: Int, height: Int
    private static let untouched: UInt8 = 0xA5

    /// - pixel: values a pixel. width 0: there is no result, so nothing may be written.
    init(width: Int, height: Int, pixel: Int, isFloat: Bool, _ bytes: inout FuzzBytes) {
        self.height = height
        plane.type = bytes.once(in: 24) ? Int32(truncatingIfNeeded: bytes.integer()) : isFloat ? 1 : 0
        let row = width * pixel * (plane.type == 1 ? 4 : 1)
        plane.row_bytes =
            bytes.once(in: 16) ? bytes.integer() : row + (bytes.bool() ? bytes.pick(0...3) * 4 : 0)
        let isTaken = width > 0 && plane.row_bytes >= row
        if isTaken, height > 1, plane.row_bytes > 1 << 16 { plane.row_bytes = row }
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

    /// Whether the bytes between rows are as they were.
    var areGapsUntouched: Bool {
        (0..<max(height - 1, 0)).allSatisfy { y in
            block.bytes[y * plane.row_bytes + row..<(y + 1) * plane.row_bytes].allSatisfy {
                $0 == Self.untouched
            }
        }
    }
}
