// Blur: a frame's background out of focus. It is made small, smoothed and enlarged again; pixels count by how much of
// them is background, so that heads leave no light around them.
import Media

struct Blur {
    private let width: Int, height: Int
    /// Pixels of the frame a pixel of the small picture, whose shorter side is 45 or so.
    private let block: Int
    private let columns: Int, rows: Int
    /// `[rows, columns]`: R, G, B times what is background, and that.
    private var small: [SIMD4<Float>], other: [SIMD4<Float>]

    private static let shorterSide = 45, passes = 2

    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        block = max(min(width, height) / Self.shorterSide, 1)
        (columns, rows) = ((width + block - 1) / block, (height + block - 1) / block)
        small = [SIMD4<Float>](repeating: .zero, count: columns * rows)
        other = small
    }

    /// `[height, width, 3]`
    mutating func run(_ frame: VideoFrame, _ alpha: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        reduce(frame, alpha)
        for _ in 0..<Self.passes {
            smooth(step: 1, count: columns, lines: rows, line: columns)
            smooth(step: columns, count: rows, lines: columns, line: 1)
        }
        for cell in small.indices { small[cell] /= small[cell].w }
        return enlarged()
    }

    /// Where all is head, a little counts too, so that there is a colour everywhere.
    private mutating func reduce(_ frame: VideoFrame, _ alpha: UnsafeBufferPointer<UInt8>) {
        small.withUnsafeMutableBufferPointer { small in
            small.update(repeating: .zero)
            for y in 0..<height {
                for column in 0..<columns {
                    var sum = SIMD4<Float>.zero
                    for i in y * width + column * block..<y * width + min((column + 1) * block, width) {
                        let pixel = frame.pixels + 3 * i
                        let color = SIMD4(Float(pixel[0]), Float(pixel[1]), Float(pixel[2]), 1)
                        sum += color * (Float(255 - Int(alpha[i])) + 0.01)
                    }
                    small[y / block * columns + column] += sum
                }
            }
        }
    }

    /// By 1, 4, 6, 4, 1 along lines; what lies outside counts nothing.
    private mutating func smooth(step: Int, count: Int, lines: Int, line: Int) {
        let weights: [Float] = [1, 4, 6, 4, 1]
        for start in 0..<lines {
            for i in 0..<count {
                var sum = SIMD4<Float>.zero
                for tap in max(i - 2, 0)...min(i + 2, count - 1) {
                    sum += weights[tap - i + 2] * small[start * line + tap * step]
                }
                other[start * line + i * step] = sum
            }
        }
        swap(&small, &other)
    }

    private func enlarged() -> [UInt8] {
        let across = (0..<width).map { place($0, columns) }
        return [UInt8](unsafeUninitializedCapacity: 3 * width * height) { result, filled in
            across.withUnsafeBufferPointer { across in
                for y in 0..<height {
                    let (top, down) = place(y, rows), bottom = min(top + 1, rows - 1)
                    let row = (0...columns).map { column in
                        let cell = min(column, columns - 1)
                        return small[top * columns + cell] * (1 - down) + small[bottom * columns + cell]
                            * down
                    }
                    row.withUnsafeBufferPointer { row in
                        for x in 0..<width {
                            let (left, right) = across[x]
                            let color = row[left] + right * (row[left + 1] - row[left]) + 0.5
                            let start = 3 * (y * width + x)
                            result[start] = UInt8(max(min(color.x, 255), 0))
                            result[start + 1] = UInt8(max(min(color.y, 255), 0))
                            result[start + 2] = UInt8(max(min(color.z, 255), 0))
                        }
                    }
                }
            }
            filled = 3 * width * height
        }
    }

    /// The small pixel at or before a pixel's centre, and how far behind that it is.
    private func place(_ pixel: Int, _ count: Int) -> (Int, Float) {
        let at = max((Float(pixel) + 0.5) / Float(block) - 0.5, 0), first = min(Int(at), count - 1)
        return (first, at - Float(first))
    }
}
