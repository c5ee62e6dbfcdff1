// Blur: a frame's background out of focus. It is made small, smoothed and enlarged again; pixels count by how much of
// them is background, so that heads leave no light around them.
import Media

struct Blur {
    private let width: Int, height: Int
    /// Pixels of the frame a pixel of the small picture, whose shorter side is 45 or so.
    private let block: Int
    private let columns: Int, rows: Int
    /// `[rows, columns, 4]`: R, G, B times what is background, and that.
    private var small: [Float], other: [Float]

    private static let shorterSide = 45, passes = 2

    init(width: Int, height: Int) {
        (self.width, self.height) = (width, height)
        block = max(min(width, height) / Self.shorterSide, 1)
        (columns, rows) = ((width + block - 1) / block, (height + block - 1) / block)
        small = [Float](repeating: 0, count: 4 * columns * rows)
        other = small
    }

    /// `[height, width, 3]`
    mutating func run(_ frame: VideoFrame, _ alpha: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        reduce(frame, alpha)
        for _ in 0..<Self.passes {
            smooth(step: 4, count: columns, lines: rows, line: 4 * columns)
            smooth(step: 4 * columns, count: rows, lines: columns, line: 4)
        }
        divide()
        return enlarged()
    }

    /// Where all is head, a little counts too, so that there is a colour everywhere.
    private mutating func reduce(_ frame: VideoFrame, _ alpha: UnsafeBufferPointer<UInt8>) {
        small.withUnsafeMutableBufferPointer { small in
            small.update(repeating: 0)
            for y in 0..<height {
                let row = y / block * columns
                for x in 0..<width {
                    let i = y * width + x, cell = 4 * (row + x / block)
                    let weight = Float(255 - Int(alpha[i])) + 0.01
                    for channel in 0..<3 {
                        small[cell + channel] += weight * Float(frame.pixels[3 * i + channel])
                    }
                    small[cell + 3] += weight
                }
            }
        }
    }

    /// By 1, 4, 6, 4, 1 along lines; what lies outside counts nothing.
    private mutating func smooth(step: Int, count: Int, lines: Int, line: Int) {
        let weights: [Float] = [1, 4, 6, 4, 1]
        small.withUnsafeBufferPointer { small in
            other.withUnsafeMutableBufferPointer { other in
                for start in 0..<lines {
                    for i in 0..<count {
                        for channel in 0..<4 {
                            var sum: Float = 0
                            for tap in max(i - 2, 0)...min(i + 2, count - 1) {
                                sum += weights[tap - i + 2] * small[start * line + tap * step + channel]
                            }
                            other[start * line + i * step + channel] = sum
                        }
                    }
                }
            }
        }
        swap(&small, &other)
    }

    private mutating func divide() {
        for cell in stride(from: 0, to: small.count, by: 4) {
            for channel in 0..<3 { small[cell + channel] /= small[cell + 3] }
        }
    }

    private func enlarged() -> [UInt8] {
        let across = (0..<width).map { place($0, columns) }
        return [UInt8](unsafeUninitializedCapacity: 3 * width * height) { result, count in
            small.withUnsafeBufferPointer { small in
                for y in 0..<height {
                    let (top, down) = place(y, rows)
                    let upper = 4 * columns * top, lower = 4 * columns * min(top + 1, rows - 1)
                    for x in 0..<width {
                        let (left, right) = across[x], next = min(left + 1, columns - 1)
                        for channel in 0..<3 {
                            let (a, b) = (4 * left + channel, 4 * next + channel)
                            let above = small[upper + a] * (1 - right) + small[upper + b] * right
                            let below = small[lower + a] * (1 - right) + small[lower + b] * right
                            result[3 * (y * width + x) + channel] = UInt8(
                                max(min(above * (1 - down) + below * down + 0.5, 255), 0))
                        }
                    }
                }
            }
            count = 3 * width * height
        }
    }

    /// The small pixel at or before a pixel's centre, and how far behind that it is.
    private func place(_ pixel: Int, _ count: Int) -> (Int, Float) {
        let at = max((Float(pixel) + 0.5) / Float(block) - 0.5, 0), first = min(Int(at), count - 1)
        return (first, at - Float(first))
    }
}
