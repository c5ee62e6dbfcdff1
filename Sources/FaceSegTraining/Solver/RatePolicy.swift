// RatePolicy: the learning rate of an iteration. Source: Caffe `sgd_solver.cpp`; `cosine` and `onecycle` are of ours.
import FaceSegKit

#if canImport(Glibc)
    import Glibc
#endif

/// How the rate moves with the iterations that are done.
package struct RatePolicy: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case fixed, step, exp, inv, multistep, poly, sigmoid
        /// base (1 + cos(pi t)) / 2, and base (t / 0.3 up, cosine down from there), t = iter / max_iter.
        case cosine, onecycle
    }

    package var kind = Kind.fixed
    package var base: Float = 0.01, gamma: Float = 0, power: Float = 0
    package var stepSize = 1, steps: [Int] = [], mostIterations = 1
    /// Iterations at the beginning in which the rate rises from 0, of ours.
    package var warmUp = 0

    package init() {}

    init(_ message: Message) throws(FaceSegError) {
        let name = message.string("lr_policy") ?? "fixed"
        guard let kind = Kind(rawValue: name) else {
            let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw message.failure("lr_policy \"\(name)\" is none of \(names)")
        }
        self.kind = kind
        base = message.float("base_lr") ?? 0
        gamma = message.float("gamma") ?? 0
        power = message.float("power") ?? 0
        stepSize = message.int("stepsize") ?? 0
        steps = message.ints("stepvalue")
        mostIterations = message.int("max_iter") ?? 0
        warmUp = message.int("warmup_iter") ?? 0
        let needsMost = kind == .poly || kind == .cosine || kind == .onecycle
        guard kind != .step || stepSize > 0, !needsMost || mostIterations > 0 else {
            throw message.failure(
                "lr_policy \"\(name)\" needs \(needsMost ? "max_iter" : "stepsize") above 0")
        }
    }

    /// The rate after `done` updates.
    ///
    /// - step: the solver's `current_step`. `step` sets it; `multistep` moves it, by one step an iteration at most.
    package func rate(_ done: Int, step: inout Int) -> Float {
        let iteration = Float(done)
        switch kind {
        case .fixed: return warm(base, done)
        case .step:
            step = done / stepSize
            return warm(base * pow(gamma, Float(step)), done)
        case .multistep:
            if step < steps.count, done >= steps[step] { step += 1 }
            return warm(base * pow(gamma, Float(step)), done)
        case .exp: return warm(base * pow(gamma, iteration), done)
        case .inv: return warm(base * pow(1 + gamma * iteration, -power), done)
        case .poly: return warm(base * pow(max(1 - iteration / Float(mostIterations), 0), power), done)
        case .sigmoid: return warm(base / (1 + Glibc.exp(-gamma * (iteration - Float(stepSize)))), done)
        case .cosine: return warm(base * falling(iteration / Float(mostIterations)), done)
        case .onecycle:
            let t = iteration / Float(mostIterations), rise: Float = 0.3
            return base * (t < rise ? t / rise : falling((t - rise) / (1 - rise)))
        }
    }

    private func warm(_ rate: Float, _ done: Int) -> Float {
        done < warmUp ? rate * Float(done + 1) / Float(warmUp) : rate
    }

    /// From 1 to 0 as t goes from 0 to 1.
    private func falling(_ t: Float) -> Float { (1 + cos(.pi * min(t, 1))) / 2 }
}
