// fsk_unary against Caffe's formulas in double.
import Foundation
import Kernels
import Testing

private func run(
    _ kind: Int, _ x: [Float], a: Float = 0, b: Float = 0, c: Float = 0
) -> [Float] {
    sameEverywhere(x.count) { pool, y in
        x.withUnsafeBufferPointer {
            var u = fsk_unary(x: $0.baseAddress, y: y, count: x.count, kind: Int32(kind), a: a, b: b, c: c)
            fsk_unary_run(&u, pool)
        }
    }
}

/// A kind with its parameters, its formula, and the range where it is compared.
struct UnaryCase: Sendable, CustomTestStringConvertible {
    let testDescription: String, kind: Int
    var a: Float = 0, b: Float = 0, c: Float = 0
    var range: ClosedRange<Float> = -30...30
    let formula: @Sendable (Double) -> Double

    static let all = [
        UnaryCase(testDescription: "elu", kind: FSK_UNARY_ELU, a: 0.7) { $0 > 0 ? $0 : 0.7 * (exp($0) - 1) },
        UnaryCase(testDescription: "sigmoid", kind: FSK_UNARY_SIGMOID) { 0.5 * tanh(0.5 * $0) + 0.5 },
        UnaryCase(testDescription: "tanh", kind: FSK_UNARY_TANH) { tanh($0) },
        UnaryCase(testDescription: "abs", kind: FSK_UNARY_ABS) { abs($0) },
        UnaryCase(testDescription: "bnll", kind: FSK_UNARY_BNLL, range: -80...80) {
            $0 > 0 ? $0 + log(1 + exp(-$0)) : log(1 + exp($0))
        },
        UnaryCase(testDescription: "clip", kind: FSK_UNARY_CLIP, a: -1.5, b: 2) { max(-1.5, min($0, 2)) },
        UnaryCase(testDescription: "exp", kind: FSK_UNARY_EXP, a: 0.5, b: 3) { 3 * exp(0.5 * $0) },
        UnaryCase(testDescription: "log", kind: FSK_UNARY_LOG, a: 0.25, b: 2, c: 70) {
            0.25 * log(2 * $0 + 70)
        },
        UnaryCase(testDescription: "power", kind: FSK_UNARY_POWER, a: 1.75, b: 0.5, c: 16) {
            pow(0.5 * $0 + 16, 1.75)
        },
        UnaryCase(testDescription: "power 1", kind: FSK_UNARY_POWER, a: 1, b: 0.5, c: 16) { 0.5 * $0 + 16 },
        UnaryCase(testDescription: "power 2", kind: FSK_UNARY_POWER, a: 2, b: 0.5, c: 16) {
            (0.5 * $0 + 16) * (0.5 * $0 + 16)
        },
        UnaryCase(testDescription: "swish", kind: FSK_UNARY_SWISH, a: 1.25) {
            $0 * (0.5 * tanh(0.5 * 1.25 * $0) + 0.5)
        },
        UnaryCase(testDescription: "threshold", kind: FSK_UNARY_THRESHOLD, a: 0.5) { $0 > 0.5 ? 1 : 0 },
    ]
}

struct UnaryTests {
    @Test(arguments: UnaryCase.all, lengths)
    func asTheFormula(test: UnaryCase, n: Int) {
        var random = SplitMix(n, test.kind)
        let x = random.floats(n, in: test.range)
        let y = run(test.kind, x, a: test.a, b: test.b, c: test.c)
        expectClose(y, x.map { test.formula(Double($0)) }, relative: 1e-6, absolute: 1e-9)
    }

    @Test(arguments: [0, 0.1, 1, -0.5] as [Float], lengths + [severalSlices])
    func relu(slope: Float, n: Int) {
        var random = SplitMix(n, Int(slope * 10))
        let x = random.oddFloats(n)
        let below = { (v: Float) in slope == 0 ? 0 : Double(slope * v) }
        expectClose(run(FSK_UNARY_RELU, x, a: slope), x.map { $0 < 0 ? below($0) : Double($0) })
    }

    @Test func reluByHand() {
        let x: [Float] = [-.infinity, -2, -0.0, 0, 3, .infinity, .nan]
        #expect(bits(run(FSK_UNARY_RELU, x)) == bits([0, 0, -0.0, 0, 3, .infinity, .nan]))
        let leaky: [Float] = [-.infinity, -0.5, -0.0, 0, 3, .infinity, .nan]
        #expect(bits(run(FSK_UNARY_RELU, x, a: 0.25)) == bits(leaky))
    }

    @Test func inPlace() {
        var random = SplitMix(1)
        let x = random.oddFloats(severalSlices)
        let y = sameEverywhere(x.count, over: x) { pool, y in
            var u = fsk_unary(x: y, y: y, count: x.count, kind: Int32(FSK_UNARY_RELU), a: 0.1, b: 0, c: 0)
            fsk_unary_run(&u, pool)
        }
        #expect(bits(y) == bits(run(FSK_UNARY_RELU, x, a: 0.1)))
    }

    @Test func whatIsNoNumber() {
        #expect(run(FSK_UNARY_CLIP, [.nan], a: -1, b: 2) == [-1])
        #expect(run(FSK_UNARY_CLIP, [5], a: 3, b: 2) == [3])
        #expect(run(FSK_UNARY_THRESHOLD, [.nan, .infinity], a: 0) == [0, 1])
        #expect(bits(run(FSK_UNARY_ELU, [.nan, -.infinity], a: 2)) == bits([.nan, -2]))
        #expect(run(FSK_UNARY_BNLL, [-.infinity, .infinity, 500]) == [0, .infinity, 500])
        #expect(run(FSK_UNARY_SIGMOID, [-.infinity, 0, .infinity]) == [0, 0.5, 1])
    }

    /// Caffe does not read x where the power or the scale is 0.
    @Test func powersThatIgnoreTheirInput() {
        #expect(run(FSK_UNARY_POWER, [.nan, 2], a: 0, b: 3, c: 4) == [1, 1])
        #expect(run(FSK_UNARY_POWER, [.nan, 2], a: 0.5, b: 0, c: 4) == [2, 2])
        #expect(run(FSK_UNARY_POWER, [-0.0, 2], a: -1, b: 1, c: 0) == [-.infinity, 0.5])
    }

    /// In float the tail of the sigmoid would be 0.
    @Test func smallSigmoids() {
        expectClose(run(FSK_UNARY_SIGMOID, [-20, -30]), [exp(-20.0), exp(-30.0)], relative: 1e-3)
    }
}
