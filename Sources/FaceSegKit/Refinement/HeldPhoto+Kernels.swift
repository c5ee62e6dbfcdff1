// HeldPhoto: the photo's own pixels where edges matter, held by their past frames as long as they stay what they were,
// so that a camera's noise does not move edges that follow them. The arithmetic is Kernels/steady.
import Kernels

final class HeldPhoto {
    /// How much of a new byte is taken, and the levels between which it is believed to be noise.
    private static let gain: Float = 0.1, near: Float = 15, far: Float = 30
    private static let tile = FSK_HELD_TILE

    private let layout: PixelLayout
    private let across: Int, down: Int
    private let held: Buffer, wanted: Buffer, has: Buffer, rows: Buffer
    /// Of each tile: the block of the maps in which its middle lies, or -1.
    private let blocks: [Int32]

    /// - block: of the maps, in which a pixel of the photo lies; nil: in none.
    init(
        _ layout: PixelLayout, workers: Workers, block: (_ x: Double, _ y: Double) -> Int?
    ) throws(FaceSegError) {
        self.layout = layout
        across = (layout.width + Self.tile - 1) / Self.tile
        down = (layout.height + Self.tile - 1) / Self.tile
        let (across, tile) = (across, Self.tile), half = Double(tile) / 2
        blocks = (0..<across * down).map { index in
            let x = Double(index % across * tile) + half, y = Double(index / across * tile) + half
            return Int32(block(x, y) ?? -1)
        }
        let rowBytes = layout.width * layout.format.bytes
        held = try Buffer(bytes: 2 * rowBytes * layout.height)
        wanted = try Buffer(bytes: across * down)
        has = try Buffer(bytes: across * down)
        rows = try Buffer(bytes: workers.threads * rowBytes)
    }

    /// Takes a frame.
    ///
    /// - isNew: it has no past.
    /// - blocks: of each block of the maps, whether edges matter there: 0 or 1.
    func update(
        _ photo: PixelView, isNew: Bool, blocks: UnsafePointer<UInt8>, _ workers: Workers
    ) {
        if isNew { has.bytes.update(repeating: 0, count: across * down) }
        for (tile, block) in self.blocks.enumerated() {
            wanted.bytes[tile] = block < 0 ? 0 : blocks[Int(block)]
        }
        var arguments = arguments(photo)
        workers.withPool { fsk_held_photo_run(&arguments, $0) }
    }

    /// A photo whose rows are all row `row` as it is held. Several threads, each a worker of its own.
    func row(_ row: Int, of photo: PixelView, worker: Int, _ cpu: UInt32) -> fsk_photo {
        let out = rows.bytes + worker * layout.width * layout.format.bytes
        var arguments = arguments(photo), borrowed = photo.borrowed
        fsk_held_row(&arguments, row, out, cpu)
        (borrowed.pixels, borrowed.row_bytes) = (UnsafePointer(out), 0)
        return borrowed
    }

    private func arguments(_ photo: PixelView) -> fsk_held_photo {
        fsk_held_photo(
            pixels: photo.pixels, row_bytes: photo.rowBytes, height: layout.height, width: layout.width,
            pixel_bytes: layout.format.bytes,
            held: held.numbers(of: Int16.self), wanted: wanted.bytes, has: has.bytes, least: Self.gain,
            near: Self.near, far: Self.far)
    }
}
