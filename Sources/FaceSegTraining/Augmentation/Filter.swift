// Filter: a small window of weights laid over a picture. Loops over rows, which compilers make vectors of.

/// A picture to compute with.
struct FloatImage {
    let width: Int, height: Int
    /// `[height, width, 3]`, 0...255.
    var values: [Float]

    init(width: Int, height: Int, values: [Float]) {
        (self.width, self.height, self.values) = (width, height, values)
    }

    init(_ pixels: [UInt8], width: Int, height: Int) {
        self.init(width: width, height: height, values: pixels.map { Float($0) })
    }

    var bytes: [UInt8] { values.map(byte) }
}

/// Which of `count` places stands for one beside them.
typealias Edge = (_ place: Int, _ count: Int) -> Int

/// The outermost.
func nearest(_ place: Int, _ count: Int) -> Int { min(max(place, 0), count - 1) }

/// `c b | a b c | b a`.
func mirrored(_ place: Int, _ count: Int) -> Int {
    let period = max(2 * count - 2, 1)
    let within = ((place % period) + period) % period
    return min(within, period - within)
}

/// Odd sides; the centre is over the pixel that is made.
struct Filter {
    let width: Int, height: Int
    /// `[height, width]`.
    let weights: [Float]

    /// Correlation, as all filters here are symmetrical.
    func applied(to image: FloatImage, edge: Edge) -> FloatImage {
        let wide = widened(image, edge), rowLength = 3 * image.width, wideLength = rowLength + 3 * (width - 1)
        let values = [Float](unsafeUninitializedCapacity: rowLength * image.height) { sums, count in
            sums.initialize(repeating: 0)
            wide.withUnsafeBufferPointer { wide in
                for y in 0..<image.height {
                    let sum = sums.baseAddress! + y * rowLength
                    for (i, weight) in weights.enumerated() where weight != 0 {
                        let row = wide.baseAddress! + (y + i / width) * wideLength + 3 * (i % width)
                        for x in 0..<rowLength { sum[x] += weight * row[x] }
                    }
                }
            }
            count = sums.count
        }
        return FloatImage(width: image.width, height: image.height, values: values)
    }

    /// With the pixels around that the window reaches.
    private func widened(_ image: FloatImage, _ edge: Edge) -> [Float] {
        let reach = width / 2, rowLength = 3 * image.width
        let left = (0..<reach).map { 3 * edge($0 - reach, image.width) }
        let right = (0..<reach).map { 3 * edge($0 + image.width, image.width) }
        var wide: [Float] = []
        wide.reserveCapacity((rowLength + 6 * reach) * (image.height + height - 1))
        for y in 0..<image.height + height - 1 {
            let row = rowLength * edge(y - height / 2, image.height)
            for column in left { wide += image.values[row + column..<row + column + 3] }
            wide += image.values[row..<row + rowLength]
            for column in right { wide += image.values[row + column..<row + column + 3] }
        }
        return wide
    }
}
