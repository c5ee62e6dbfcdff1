// The random numbers of a sample: published values, and the shapes of the distributions.
import Glibc
import Testing

@testable import FaceSegTraining

@Suite struct SampleRandomTests {
    @Test func publishedNumbersOfSplitMix() {
        var random = SampleRandom(state: 1_234_567)
        let published: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(published.allSatisfy { random.next() == $0 })
    }

    @Test func everyPartOfTheSeedMatters() {
        let parts = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 1, 0), (1, 0, 1)]
        let first = parts.map { seed, draw, sample in
            var random = SampleRandom(seed: UInt64(seed), draw: draw, sample: sample)
            return random.next()
        }
        #expect(Set(first).count == parts.count)
    }

    @Test func normalNumbers() {
        var random = SampleRandom(seed: 1)
        let numbers = (0..<20_000).map { _ in random.normal() }
        let (mean, deviation) = moments(numbers)
        #expect(abs(mean) < 4 / 141 && abs(deviation - 1) < 4 / 200)
        let within = numbers.count { abs($0) < 1 }
        #expect(abs(Double(within) / 20_000 - 0.6827) < 4 * 0.0033)
    }

    /// Frequencies beside e^-rate rate^k / k!, 4.5 deviations of a frequency apart at most.
    @Test(arguments: [0.5, 3, 40])
    func poissonNumbers(rate: Double) {
        var random = SampleRandom(seed: 2), table = PoissonTable { _ in Float(rate) }
        let counts = (0..<20_000).map { _ in table.count(7, random: &random) }
        for k in 0..<60 {
            let share = exp(Double(k) * log(rate) - rate - lgamma(Double(k + 1)))
            let seen = Double(counts.count { $0 == k }) / 20_000
            let deviation = (share * (1 - share) / 20_000).squareRoot()
            #expect(abs(seen - share) <= 4.5 * deviation + 1e-4, "\(k)")
        }
    }

    @Test func noLightNoPhotons() {
        var random = SampleRandom(seed: 3), table = PoissonTable { _ in 0 }
        #expect((0..<100).allSatisfy { _ in table.count(0, random: &random) == 0 })
    }
}

/// Mean and deviation.
func moments(_ numbers: [Float]) -> (mean: Double, deviation: Double) {
    let count = Double(numbers.count)
    let mean = numbers.reduce(0) { $0 + Double($1) } / count
    let squares = numbers.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (mean, (squares / count).squareRoot())
}
