// Solver: one iteration after the other on a net: passes, then a change of each weight. It knows no data sets, prints
// nothing and writes no file. Source: Caffe `solver.cpp`, `sgd_solver.cpp`.
import FaceSegKit
import Gradients
import Kernels

#if canImport(Glibc)
    import Glibc
#endif

/// Trains a net. One thread at a time.
package final class Solver {
    package let settings: SolverSettings
    package let net: TrainingNet
    package let clock = TrainingClock()
    /// Updates done, and the step that a rate policy has come to.
    package internal(set) var iteration = 0, currentStep = 0
    /// Of each parameter, in the net's order, and then of each again for solvers that keep two.
    let history: [Buffer]
    private let workers: Workers, precision: Precision
    private let muon: Muon?
    /// The average of each parameter, if there is one.
    let averages: [Buffer]
    private var plans: [[String: Shape]: TrainingPlan] = [:]
    private var losses: [Float] = []

    /// Fills the next batch into a net's inputs, which it may first ask to have other shapes.
    package typealias Feed = (_ pass: Int) throws(FaceSegError) -> Batch

    /// Numbers for a net's inputs.
    package struct Batch {
        /// Writes the numbers of one.
        package typealias Fill = (_ numbers: UnsafeMutableBufferPointer<Float>, _ workers: Workers) -> Void
        let blobs: [String: (shape: Shape, fill: Fill)]

        package init(filling blobs: [String: (shape: Shape, fill: Fill)]) { self.blobs = blobs }

        package init(_ blobs: [String: (shape: Shape, numbers: [Float])]) {
            self.init(
                filling: blobs.mapValues { blob in
                    (blob.shape, { numbers, _ in _ = numbers.update(fromContentsOf: blob.numbers) })
                })
        }
    }

    package init(
        _ net: TrainingNet, _ settings: SolverSettings, workers: Workers, precision: Precision = .exact
    ) throws(FaceSegError) {
        (self.net, self.settings, self.workers, self.precision) = (net, settings, workers, precision)
        var history: [Buffer] = []
        for _ in 0..<settings.kind.histories {
            for parameter in net.parameters { history.append(try zeros(parameter.count)) }
        }
        self.history = history
        muon = settings.kind == .muon ? try Muon(net.parameters, threads: workers.threads) : nil
        var averages: [Buffer] = []
        if settings.averaging != nil {
            for parameter in net.parameters { averages.append(try zeros(parameter.count)) }
        }
        self.averages = averages
    }

    /// One iteration.
    ///
    /// - feed: gives the batch of each pass, 0 ..< iter_size.
    /// - Returns: the mean loss of the passes.
    package func step(_ feed: Feed) throws(FaceSegError) -> (loss: Float, rate: Float) {
        for parameter in net.parameters { parameter.forgetGradient() }
        var loss: Float = 0
        for pass in 0..<settings.iterationSize {
            let plan = try self.plan(for: try feed(pass))
            loss += try plan.forward()
            try plan.backward()
        }
        loss /= Float(settings.iterationSize)
        let rate = settings.rate.rate(iteration, step: &currentStep)
        update(rate)
        average()
        iteration += 1
        losses.append(loss)
        if losses.count > settings.averageLoss { losses.removeFirst() }
        return (loss, rate)
    }

    /// Of the last `average_loss` iterations.
    package var smoothedLoss: Float { losses.isEmpty ? 0 : losses.reduce(0, +) / Float(losses.count) }

    /// A plan with the batch in its inputs. Plans of the last few shapes are kept.
    private func plan(for batch: Batch) throws(FaceSegError) -> TrainingPlan {
        let shapes = batch.blobs.mapValues(\.shape)
        if plans[shapes] == nil {
            plans.removeAll()
            plans[shapes] = try TrainingPlan(
                net, shapes: shapes, workers: workers, clock: clock, precision: precision)
        }
        let plan = plans[shapes]!
        for (name, given) in batch.blobs {
            if let blob = plan.feed(named: name) { given.fill(blob.numbers, workers) }
        }
        return plan
    }

    /// The plan of the last pass.
    package var plan: TrainingPlan? { plans.values.first }

    private func update(_ rate: Float) {
        let factor = clipping / Float(settings.iterationSize)
        // Frozen ones have a history too, of their decay, which never reaches them.
        for (index, parameter) in net.parameters.enumerated() {
            var arguments = arguments(parameter, index, rate: rate * parameter.rateFactor)
            arguments.factor = factor
            if arguments.kind == FSG_MUON, parameter.gradient == nil { continue }
            workers.withPool { fsg_update_run(&arguments, $0) }
            if arguments.kind == FSG_MUON {
                muon?.apply(
                    arguments.history2, to: parameter, rate: arguments.rate, decay: arguments.decay, workers)
            }
        }
    }

    /// A young average forgets sooner, or the beginning would stay in it.
    private func average() {
        guard let keeps = settings.averaging else { return }
        let kept = iteration == 0 ? 0 : min(keeps, Float(1 + iteration) / Float(10 + iteration))
        for (parameter, average) in zip(net.parameters, averages) {
            workers.withPool {
                fsg_combine_run(1 - kept, parameter.data.start, kept, average.start, parameter.count, $0)
            }
        }
    }

    /// Runs `body` with the averages in the weights' place, if there are any.
    package func withAverages<Result>(
        _ body: () throws(FaceSegError) -> Result
    ) throws(FaceSegError) -> Result {
        guard iteration > 0 else { return try body() }
        swapAverages()
        defer { swapAverages() }
        return try body()
    }

    func swapAverages() {
        for (parameter, average) in zip(net.parameters, averages) {
            for i in 0..<parameter.count { swap(&parameter.data.start[i], &average.start[i]) }
        }
    }

    /// What gradients are multiplied by so that the norm of all together keeps below the limit.
    private var clipping: Float {
        guard settings.clipGradients >= 0 else { return 1 }
        let squares = net.parameters.reduce(0.0) { sum, parameter in
            guard let gradient = parameter.gradient else { return sum }
            return sum + workers.withPool { fsg_sum_of_squares(gradient.start, parameter.count, $0) }
        }
        let norm = Float(squares.squareRoot())
        return norm > settings.clipGradients ? settings.clipGradients / norm : 1
    }

    private func arguments(_ parameter: Parameter, _ index: Int, rate: Float) -> fsg_update {
        var (second, rate, decay) = (settings.momentum2, rate, settings.weightDecay * parameter.decayFactor)
        let kind: Int
        switch settings.kind {
        case .sgd: kind = FSG_SGD
        case .nesterov: kind = FSG_NESTEROV
        case .adaGrad: kind = FSG_ADAGRAD
        case .rmsProp: (kind, second) = (FSG_RMSPROP, settings.rmsDecay)
        case .adaDelta: kind = FSG_ADADELTA
        case .adam:
            kind = FSG_ADAM
            rate *= correction
        case .muon where Muon.takes(parameter): (kind, decay) = (FSG_MUON, decay * rate)
        case .adamW, .muon:
            if settings.kind == .muon, let own = settings.adamRate { rate *= own / settings.rate.base }
            (kind, decay) = (FSG_ADAMW, decay * rate)
            rate *= correction
        }
        return fsg_update(
            weights: parameter.data.start, gradients: parameter.gradient.map { UnsafePointer($0.start) },
            history: history[index].start,
            history2: settings.kind.histories == 2 ? history[net.parameters.count + index].start : nil,
            count: parameter.count, kind: Int32(kind), factor: 1,
            decay: decay,
            decays_by_sign: settings.decaysBySign ? 1 : 0, rate: rate, momentum: settings.momentum,
            second: second, delta: settings.delta)
    }

    /// Adam's, of the bias towards zero of its first moments.
    private var correction: Float {
        let done = Double(iteration + 1)
        let first = 1 - pow(Double(settings.momentum), done),
            second = 1 - pow(Double(settings.momentum2), done)
        return Float(second.squareRoot() / first)
    }
}
