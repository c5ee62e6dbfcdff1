// PoissonTable: counts of photons for each of the 256 levels of a byte. Exact, by inverting the distribution.
import Glibc

/// Poisson numbers of 256 rates. Tables are made as levels occur.
struct PoissonTable {
    private let rate: (UInt8) -> Float
    /// Sums of the probabilities of 0, 1, 2 ... for each level.
    private var sums = [[Double]](repeating: [], count: 256)

    /// - rate: At least 0, of each level.
    init(rate: @escaping (UInt8) -> Float) { self.rate = rate }

    mutating func count(_ level: UInt8, random: inout SampleRandom) -> Int {
        if sums[Int(level)].isEmpty { sums[Int(level)] = Self.sums(rate: Double(rate(level))) }
        return sums[Int(level)].withUnsafeBufferPointer { sums in
            let place = Double(random.next() >> 11) * 0x1p-53
            var low = 0, high = sums.count - 1
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] > place { high = middle } else { low = middle + 1 }
            }
            return low
        }
    }

    /// Up to ten deviations past the mean, beyond which doubles see nothing.
    private static func sums(rate: Double) -> [Double] {
        var probability = exp(-rate), sum = 0.0
        return (0...Int(rate + 10 * rate.squareRoot()) + 20).map { count in
            defer { probability *= rate / Double(count + 1) }
            sum += probability
            return sum
        }
    }
}
