// Mosaic: several samples side by side in one.
import FaceSegKit

/// The sample and others, each filling a cell of two rows, or of two columns.
package struct Mosaic: AugmentationStep {
    let width: Int, height: Int, others: SampleDraw
    /// Cells.
    package var count = 2...6

    package init(width: Int, height: Int, others: @escaping SampleDraw) {
        (self.width, self.height, self.others) = (width, height, others)
    }

    package func apply(to sample: inout Sample, random: inout SampleRandom) throws(FaceSegError) {
        let cells = cells(&random), own = random.integer(in: 0...cells.count - 1)
        var mosaic = Sample(name: sample.name, width: width, height: height)
        for (i, cell) in cells.enumerated() {
            mosaic.cover(cell, with: i == own ? sample : try others(&random), random: &random)
        }
        sample = mosaic
    }

    /// Two lines of as many cells, or one more in the first; two cells are also a line of two.
    private func cells(_ random: inout SampleRandom) -> [Area] {
        let count = random.integer(in: count), upright = random.chance(0.5)
        let (long, short) = upright ? (height, width) : (width, height)
        let lines = parts(of: short, into: 2)
        return zip(lines, [(count + 1) / 2, count / 2]).flatMap { line, count in
            parts(of: long, into: count).map {
                upright ? Area(columns: line, rows: $0) : Area(columns: $0, rows: line)
            }
        }
    }

    private func parts(of length: Int, into count: Int) -> [Range<Int>] {
        (0..<count).map { $0 * length / count..<($0 + 1) * length / count }
    }
}
