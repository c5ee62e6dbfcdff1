// Whole runs of Caffe's solvers, step for step: losses, rates, gradients, changes of the weights, snapshots.
import Foundation
import Media
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

/// A recorded run: net, settings, batches.
private struct Trace {
    let name: String
    let solver: Solver
    private let data: NumpyArray, label: NumpyArray
    let first: Int

    /// - settings: text of a solver; nil: the trace's own.
    init(_ name: String, settings text: String? = nil, from weights: String? = nil) throws {
        self.name = name
        let bytes = try text.map { Array($0.utf8) } ?? Fixtures.bytes("\(name).solver.prototxt")
        let settings = try SolverSettings(readMessage("SolverParameter", text: bytes, name: name))
        let batches = try Fixtures.arrays("\(name).batches.npz")
        (data, label) = (batches["data"]!, batches["label"]!)
        var state = CaffeState()
        state.phase = "TRAIN"
        let shapes = try ["data": Shape(Array(data.shape[1...])), "label": Shape(Array(label.shape[1...]))]
        let net = try TrainingNet(Fixtures.net("\(name).train.prototxt"), state: state, shapes: shapes)
        try net.copyWeights(path: "\(Fixtures.folder)/\(weights ?? "\(name).init.caffemodel")")
        solver = try Solver(net, settings, workers: Workers(threads: 2))
        first = 0
    }

    func batch(_ index: Int) throws -> Solver.Batch {
        let count = data.shape[0], at = index % count
        func part(_ array: NumpyArray) throws -> (shape: Shape, numbers: [Float]) {
            let size = array.floats.count / count
            return (
                try Shape(Array(array.shape[1...])), Array(array.floats[at * size..<(at + 1) * size])
            )
        }
        return try Solver.Batch(["data": part(data), "label": part(label)])
    }

    /// - Returns: the loss of the iteration's last pass, the mean of all, the rate.
    func step(batchesBefore: Int) throws -> (last: Double, mean: Double, rate: Float) {
        let size = solver.settings.iterationSize
        let done = try solver.step { pass throws(FaceSegError) in
            do { return try batch(batchesBefore + pass) } catch { throw .argument("\(error)") }
        }
        #expect(size >= 1)
        return (Double(solver.plan!.blob(named: "loss")!.numbers[0]), Double(done.loss), done.rate)
    }

    /// Error of the change of each blob since the beginning, by `layer.blob`.
    func changes(against file: String, since beginning: [[Float]]) throws -> [Double] {
        let net = try TrainingNet(
            solver.net.message, state: trainState,
            shapes: ["data": Shape(Array(data.shape[1...])), "label": Shape(Array(label.shape[1...]))])
        try net.copyWeights(path: "\(Fixtures.folder)/\(file)")
        return zip(zip(solver.net.parameters, net.parameters), beginning).map { pair, before in
            let got = zip(pair.0.numbers, before).map { $0 - $1 }
            let want = zip(pair.1.numbers, before).map { $0 - $1 }
            return difference(got, want)
        }
    }

    var weights: [[Float]] { solver.net.parameters.map { Array($0.numbers) } }
}

private var trainState: CaffeState {
    var state = CaffeState()
    state.phase = "TRAIN"
    return state
}

@Suite(.enabled(if: Fixtures.areThere, "no fixtures: set FACESEG_FIXTURES"))
struct SolverTraceTests {
    @Test(arguments: ["fcn8s_sgd", "fcn8s_itersize", "light_adam"])
    func run(name: String) throws {
        let json = try Fixtures.json("\(name).trace.json"), trace = try Trace(name)
        let losses = json["loss_last_batch_of_iteration"] as! [Double], rates = json["lr"] as! [Double]
        let logged = json["loss_logged"] as! [Double]
        let beginning = trace.weights, size = trace.solver.settings.iterationSize
        for (i, wanted) in losses.enumerated() {
            let done = try trace.step(batchesBefore: i * size)
            #expect(abs(done.last / wanted - 1) < 1e-4, "iteration \(i)")
            #expect(abs(done.mean / logged[i] - 1) < 1e-4, "iteration \(i)")
            #expect(abs(Double(done.rate) / rates[i] - 1) < 1e-5, "iteration \(i)")
            if i == 0 { try checkFirst(trace) }
        }
        let errors = try trace.changes(against: "\(name).iter\(losses.count).caffemodel", since: beginning)
        #expect(errors.max()! < 0.01, "changes of the weights")
        print("\(name): changes of weights after \(losses.count) iterations within \(errors.max()!)")
    }

    /// Gradients of iteration 1, and blobs.
    private func checkFirst(_ trace: Trace) throws {
        let gradients = try Fixtures.arrays("\(trace.name).grad1.npz")
        for parameter in trace.solver.net.parameters where parameter.gradient != nil {
            let key = "\(parameter.layer).\(parameter.index)"
            guard let wanted = gradients[key] else { continue }
            #expect(difference(parameter.gradients, wanted.floats) < 1e-3, "gradient of \(key)")
        }
        #expect(gradients.count > 4)
        guard let blobs = try? Fixtures.arrays("\(trace.name).blobs1.npz") else { return }
        for (key, wanted) in blobs where key.hasSuffix(".data") {
            let blob = trace.solver.plan!.blob(named: String(key.dropLast(5)))
            if let blob { #expect(difference(blob.numbers, wanted.floats) < 1e-4, "\(key)") }
        }
    }

    @Test(arguments: ["fcn8s_sgd", "light_adam"])
    func resume(name: String) throws {
        let resume = try Fixtures.json("\(name).trace.json")["resume"] as! [String: Any]
        let losses = resume["loss_last_batch_of_iteration"] as! [Double]
        let trace = try Trace(name)
        try trace.solver.restore(path: "\(Fixtures.folder)/\(resume["solverstate"] as! String)")
        #expect(trace.solver.iteration == 10)
        let beginning = trace.weights, first = resume["first_batch"] as! Int
        for (i, wanted) in losses.enumerated() {
            let done = try trace.step(batchesBefore: first + i)
            #expect(abs(done.last / wanted - 1) < 1e-4, "iteration \(10 + i)")
        }
        let errors = try trace.changes(against: resume["ends_in"] as! String, since: beginning)
        #expect(errors.max()! < 0.01)
    }

    /// What we write, Caffe's reader here takes; and a run goes on from it to the same bits.
    @Test func ownSnapshot() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/faceseg-snapshot-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let whole = try Trace("light_adam"), halves = try Trace("light_adam")
        for i in 0..<6 { _ = try whole.step(batchesBefore: i) }
        for i in 0..<3 { _ = try halves.step(batchesBefore: i) }
        let state = try halves.solver.snapshot(prefix: folder + "/light")
        let other = try Trace("light_adam")
        try other.solver.restore(path: state)
        for i in 3..<6 { _ = try other.step(batchesBefore: i) }
        let same = zip(whole.weights, other.weights).allSatisfy {
            $0.map(\.bitPattern) == $1.map(\.bitPattern)
        }
        #expect(same)
    }

    @Test func settings() throws {
        let json = try Fixtures.json("solvers.trace.json")
        let cases = json["cases"] as! [String: [String: Any]]
        let weights = try Fixtures.arrays("solvers.weights12.npz")
        let history = try Fixtures.arrays("solvers.history12.npz")
        for (name, wanted) in cases.sorted(by: { $0.key < $1.key }) {
            let trace = try Trace("solvers", settings: wanted["solver"] as? String)
            let beginning = trace.weights, size = trace.solver.settings.iterationSize
            let losses = wanted["loss_last_batch"] as! [Double], rates = wanted["lr"] as! [Double]
            for (i, loss) in losses.enumerated() {
                let done = try trace.step(batchesBefore: i * size)
                #expect(abs(done.last / loss - 1) < 1e-4, "\(name), iteration \(i)")
                #expect(abs(Double(done.rate) / rates[i] - 1) < 1e-5, "\(name), iteration \(i)")
            }
            #expect(trace.solver.currentStep == wanted["current_step"] as! Int, "\(name)")
            for (parameter, before) in zip(trace.solver.net.parameters, beginning)
            where parameter.gradient != nil {
                let after = weights["\(name)/\(parameter.layer).\(parameter.index)"]!
                let got = zip(parameter.numbers, before).map { $0 - $1 }
                let want = zip(after.floats, before).map { $0 - $1 }
                #expect(difference(got, want) < 0.01, "\(name), \(parameter.layer).\(parameter.index)")
            }
            #expect(trace.solver.history.count == wanted["history_blobs"] as! Int, "\(name)")
            for (i, buffer) in trace.solver.history.enumerated() {
                let got = UnsafeMutableBufferPointer(start: buffer.start, count: buffer.count)
                #expect(difference(got, history["\(name)/\(i)"]!.floats) < 0.01, "\(name), history \(i)")
            }
        }
    }
}
