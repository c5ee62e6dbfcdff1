// CorruptionResolution: JPEG and large pixels, the damages by saving room.
import Media

/// Encoded and decoded again.
func throughJPEG(
    _ pixels: [UInt8], _ width: Int, _ height: Int, quality: Int
) throws(MediaError) -> [UInt8] {
    let file = try encodeJPEG(width: width, height: height, channels: 3, pixels: pixels, quality: quality)
    return try Photo.decode(file, name: "JPEG").pixels
}

/// Reduced to a share of the sides by means over boxes, and enlarged again by repetition.
func pixelated(_ pixels: [UInt8], _ width: Int, _ height: Int, share: Float) -> [UInt8] {
    let columns = max(Int(Float(width) * share), 1), rows = max(Int(Float(height) * share), 1)
    let across = boxes(width, columns), down = boxes(height, rows)
    var means = [UInt8](repeating: 0, count: 3 * rows * columns)
    for row in 0..<rows {
        for column in 0..<columns {
            for channel in 0..<3 {
                means[3 * (row * columns + column) + channel] =
                    mean(pixels, width, channel, columns: across[column], rows: down[row])
            }
        }
    }
    return (0..<3 * height * width).map { i in
        let y = i / 3 / width * rows, x = i / 3 % width * columns
        // The small pixel in which the large one's centre lies.
        return means[3 * ((2 * y + rows) / (2 * height) * columns + (2 * x + columns) / (2 * width)) + i % 3]
    }
}

/// Of `length` pixels those whose centres lie in each of `count` equal parts, as by Pillow's box filter.
private func boxes(_ length: Int, _ count: Int) -> [Range<Int>] {
    // A centre on the edge of two parts belongs to the first.
    let edges = (0...count).map { (2 * $0 * length + count) / (2 * count) }
    return (0..<count).map { edges[$0]..<edges[$0 + 1] }
}

private func mean(
    _ pixels: [UInt8], _ width: Int, _ channel: Int, columns: Range<Int>, rows: Range<Int>
) -> UInt8 {
    var sum = 0
    for y in rows { for x in columns { sum += Int(pixels[3 * (y * width + x) + channel]) } }
    let count = rows.count * columns.count
    return UInt8((2 * sum + count) / (2 * count))
}
