// AdamW, Muon, averages and rates that Caffe has not, against their papers' formulas in double precision.
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

/// One layer of 3 x 3 filters, whose loss is a half of the sum of squares of what it makes: gradients that are not small.
private struct Lesson {
    let solver: Solver
    private let numbers: [Float]

    init(_ settings: String, filters: Int = 5, threads: Int = 2) throws {
        let text = """
            layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 4 dim: 6 dim: 7 } } }
            layer { name: "target" type: "Input" top: "target" input_param { shape { dim: 1 dim: \(filters) dim: 4 dim: 5 } } }
            layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: \(filters)
              kernel_size: 3 weight_filler { type: "xavier" } bias_filler { type: "constant" value: 0.1 } } }
            layer { name: "loss" type: "EuclideanLoss" bottom: "c" bottom: "target" top: "loss" }
            """
        var state = CaffeState()
        state.phase = "TRAIN"
        let net = try TrainingNet(Fixtures.net(text: text), state: state, shapes: [:])
        let message = try readMessage("SolverParameter", text: Array(settings.utf8), name: "solver")
        solver = try Solver(net, SolverSettings(message), workers: Workers(threads: threads))
        var random = SplitMix(seed: 5)
        numbers = (0..<4 * 42).map { _ in random.normal() }
        target = (0..<filters * 20).map { _ in random.normal() }
    }

    private let target: [Float]

    /// - Returns: the gradients that the step was made of.
    func step() throws -> [[Double]] {
        let filters = target.count / 20
        _ = try solver.step { (_) throws(FaceSegError) in
            try Solver.Batch([
                "data": (Shape([1, 4, 6, 7]), numbers), "target": (Shape([1, filters, 4, 5]), target),
            ])
        }
        return solver.net.parameters.map { $0.gradients.map(Double.init) }
    }

    var weights: [[Double]] { solver.net.parameters.map { $0.numbers.map(Double.init) } }
}

@Suite struct ModernSolverTests {
    @Test func adamW() throws {
        let lesson = try Lesson(
            "type: \"AdamW\" base_lr: 0.01 momentum: 0.9 momentum2: 0.99 delta: 1e-8 weight_decay: 0.1 max_iter: 9"
        )
        var want = lesson.weights, first = want.map { $0.map { _ in 0.0 } }, second = first
        for t in 1...4 {
            let gradients = try lesson.step()
            for (p, g) in gradients.enumerated() {
                for i in g.indices {
                    first[p][i] = 0.9 * first[p][i] + 0.1 * g[i]
                    second[p][i] = 0.99 * second[p][i] + 0.01 * g[i] * g[i]
                    let m = first[p][i] / (1 - power(0.9, t)), v = second[p][i] / (1 - power(0.99, t))
                    want[p][i] -= 0.01 * (0.1 * want[p][i] + m / (v.squareRoot() + 1e-8))
                }
            }
        }
        for (got, want) in zip(lesson.weights, want) {
            #expect(zip(got, want).allSatisfy { abs($0 - $1) < 2e-6 })
        }
    }

    /// More columns than rows, and more rows than columns.
    @Test(arguments: [5, 50])
    func muon(filters: Int) throws {
        let settings =
            "type: \"Muon\" base_lr: 0.02 adam_lr: 0.001 momentum: 0.95 momentum2: 0.99 weight_decay: 0.01 max_iter: 9"
        let lesson = try Lesson(settings, filters: filters)
        var want = lesson.weights[0], history = want.map { _ in 0.0 }
        for _ in 0..<3 {
            let gradient = try lesson.step()[0]
            for i in want.indices { history[i] = 0.95 * history[i] + gradient[i] }
            let change = zip(gradient, history).map { $0 + 0.95 * $1 }
            let orthogonal = newtonSchulz(change, rows: filters, columns: 36)
            let scale = max(1, Double(filters) / 36).squareRoot()
            for i in want.indices { want[i] -= 0.02 * 0.01 * want[i] + 0.02 * scale * orthogonal[i] }
        }
        #expect(zip(lesson.weights[0], want).allSatisfy { abs($0 - $1) < 2e-5 })
        // The bias is AdamW's: its first steps are near its own rate.
        let moved = lesson.weights[1].map { abs($0 - 0.1) }
        #expect(moved.allSatisfy { $0 < 4e-3 } && moved.max()! > 1e-3)
        let alone = try Lesson(settings, filters: filters, threads: 1)
        for _ in 0..<3 { _ = try alone.step() }
        #expect(alone.weights == lesson.weights)
    }

    /// Five steps of x = a x + (b s + c s s) x, s = x x^T, as Jordan's post has them.
    private func newtonSchulz(_ change: [Double], rows: Int, columns: Int) -> [Double] {
        func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
            a.map { row in b[0].indices.map { j in row.indices.reduce(0) { $0 + row[$1] * b[$1][j] } } }
        }
        func turned(_ a: [[Double]]) -> [[Double]] { a[0].indices.map { j in a.map { $0[j] } } }
        let norm = change.reduce(0) { $0 + $1 * $1 }.squareRoot() + 1e-7
        var x = (0..<rows).map { r in (0..<columns).map { change[r * columns + $0] / norm } }
        if rows > columns { x = turned(x) }
        for _ in 0..<5 {
            let s = product(x, turned(x)), ss = product(s, s)
            let mixed = s.indices.map { i in s.indices.map { -4.7750 * s[i][$0] + 2.0315 * ss[i][$0] } }
            let added = product(mixed, x)
            x = x.indices.map { i in x[i].indices.map { 3.4445 * x[i][$0] + added[i][$0] } }
        }
        if rows > columns { x = turned(x) }
        return x.flatMap { $0 }
    }

    @Test func averages() throws {
        let lesson = try Lesson("base_lr: 0.001 momentum: 0.9 weight_average: 0.8 max_iter: 9")
        var want = lesson.weights
        for t in 0..<6 {
            _ = try lesson.step()
            let kept = t == 0 ? 0 : min(0.8, Double(1 + t) / Double(10 + t))
            for (p, weights) in lesson.weights.enumerated() {
                for i in weights.indices { want[p][i] = kept * want[p][i] + (1 - kept) * weights[i] }
            }
        }
        let raw = lesson.weights
        try lesson.solver.withAverages { () throws(FaceSegError) in
            for (got, want) in zip(lesson.weights, want) {
                #expect(zip(got, want).allSatisfy { abs($0 - $1) < 1e-6 })
            }
        }
        #expect(lesson.weights == raw)
    }

    @Test func rates() {
        var policy = RatePolicy(), step = 0
        (policy.kind, policy.base, policy.mostIterations) = (.cosine, 2, 100)
        #expect(policy.rate(0, step: &step) == 2 && abs(policy.rate(50, step: &step) - 1) < 1e-6)
        #expect(abs(policy.rate(100, step: &step)) < 1e-6)
        policy.warmUp = 10
        #expect(abs(policy.rate(4, step: &step) - 2 * 0.5 * (1 + 0.9921147) / 2) < 1e-5)
        policy.kind = .onecycle
        #expect(abs(policy.rate(15, step: &step) - 1) < 1e-6 && abs(policy.rate(65, step: &step) - 1) < 1e-5)
    }
}

private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { p, _ in p * base }
}
