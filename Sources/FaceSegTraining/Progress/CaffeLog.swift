// CaffeLog: the lines that Caffe prints, so that its plotting scripts read them. Source: Caffe `solver.cpp`,
// `sgd_solver.cpp`; glog's prefix.
import FaceSegKit

#if canImport(Glibc)
    import Glibc
#endif

/// Makes Caffe's lines and gives them to who prints or keeps them.
package struct CaffeLog: TrainingObserver {
    private let settings: SolverSettings, put: (String) -> Void
    private var lastSeconds = 0.0, lastIteration: Int

    package init(_ settings: SolverSettings, iteration: Int, name: String, put: @escaping (String) -> Void) {
        (self.settings, self.put, lastIteration) = (settings, put, iteration)
        say("solver.cpp:289", "Solving \(name)")
        say("solver.cpp:290", "Learning Rate Policy: \(settings.rate.kind.rawValue)")
    }

    package mutating func see(_ event: TrainingEvent) {
        switch event {
        case .iteration(let report) where settings.display > 0 && report.iteration % settings.display == 0:
            show(report)
        case .validation(let report):
            say("solver.cpp:347", "Iteration \(report.iteration), Testing net (#0)")
            say(
                "solver.cpp:414",
                "    Test net output #0: loss = \(general(report.loss)) (* 1 = \(general(report.loss)) loss)")
        case .snapshot(let path):
            let model = path.replacingSuffix(".solverstate", with: ".caffemodel")
            say("solver.cpp:464", "Snapshotting to binary proto file \(model)")
            say("sgd_solver.cpp:284", "Snapshotting solver state to binary proto file \(path)")
        default: break
        }
    }

    private mutating func show(_ report: IterationReport) {
        let seconds = report.seconds - lastSeconds, done = report.iteration - lastIteration
        let speed = general(Double(done) / max(seconds, 1e-9))
        say(
            "solver.cpp:239",
            "Iteration \(report.iteration) (\(speed) iter/s, \(general(seconds))s/\(settings.display) iters), "
                + "loss = \(general(Double(report.loss)))")
        (lastSeconds, lastIteration) = (report.seconds, report.iteration)
        var number = 0
        for output in report.outputs {
            for value in output.values {
                let weighted =
                    output.lossWeight == 0
                    ? ""
                    : " (* \(general(Double(output.lossWeight))) = \(general(Double(output.lossWeight * value))) loss)"
                say(
                    "solver.cpp:258",
                    "    Train net output #\(number): \(output.name) = \(general(Double(value)))\(weighted)")
                number += 1
            }
        }
        say("sgd_solver.cpp:112", "Iteration \(report.iteration), lr = \(general(Double(report.rate)))")
    }

    /// `I1128 14:10:34.123456  4711 solver.cpp:239] ...`
    private func say(_ place: String, _ text: String) {
        var now = timespec(), parts = tm()
        clock_gettime(CLOCK_REALTIME, &now)
        localtime_r(&now.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let micro = String(now.tv_nsec / 1000), zeros = String(repeating: "0", count: 6 - micro.count)
        put(
            "I\(two(parts.tm_mon + 1))\(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min)):"
                + "\(two(parts.tm_sec)).\(zeros)\(micro) \(getpid()) \(place)] \(text)")
    }
}

extension String {
    func replacingSuffix(_ suffix: String, with other: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) + other : self
    }
}
