// TrainingTarget: what training reads of strangers: a data layer's param_str, a solver's text, a net whose data layer is
// looked for, a solver's state. The first byte says which; the rest is it.
@testable import FaceSegKit
@testable import FaceSegTraining

func fuzzTraining(_ bytes: [UInt8]) throws {
    guard let kind = bytes.first else { return }
    let rest = Array(bytes.dropFirst())
    switch kind % 4 {
    case 0: try fuzzParameters(rest)
    case 1: try fuzzSolver(rest)
    case 2: try fuzzDataLayer(rest)
    default: try fuzzState(rest)
    }
}

private func fuzzParameters(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let parameters = try attempt({ () throws(FaceSegError) in try PythonParameters(text) }) else {
        return
    }
    for name in parameters.values.keys {
        let curriculum = try attempt { () throws(FaceSegError) in
            try parameters.rows(name).map { rows throws(FaceSegError) in try Curriculum(rows: rows) }
        }
        if case let curriculum?? = curriculum { try checkStages(curriculum) }
    }
}

/// What is drawn before an iteration is what all before it draw.
private func checkStages(_ curriculum: Curriculum) throws {
    var draws = 0
    for iteration in 0..<20 {
        try demand(curriculum.draws(before: iteration, passes: 3) == draws, "draws do not add up")
        draws += 3 * curriculum.stage(at: iteration).batch
    }
}

private func fuzzSolver(_ bytes: [UInt8]) throws {
    _ = try attempt { () throws(FaceSegError) in
        let message = try readMessage("SolverParameter", text: bytes, name: "fuzz.prototxt")
        let settings = try SolverSettings(message)
        var step = 0
        for iteration in [0, 1, 2, 1000, settings.mostIterations, Int(Int32.max)] {
            _ = settings.rate.rate(iteration, step: &step)
        }
    }
}

private func fuzzDataLayer(_ bytes: [UInt8]) throws {
    _ = try attempt { () throws(FaceSegError) in
        let net = try readNetParameter(text: bytes, name: "fuzz.prototxt")
        var state = CaffeState()
        state.phase = "TRAIN"
        _ = try DataRequest(of: net, state: state, replacing: true)
    }
}

/// A tiny solver goes on from it: it takes a step, or refuses and is as before.
private func fuzzState(_ bytes: [UInt8]) throws {
    guard let solver = try attempt({ () throws(FaceSegError) in try tinySolver() }) else {
        throw FuzzFailure(description: "the tiny solver is not made")
    }
    let file = FuzzFile(bytes)
    guard try attempt({ () throws(FaceSegError) in try solver.restore(path: file.path) }) != nil else {
        return try demand(solver.iteration == 0, "a state that is refused moved the iteration")
    }
    try demand(solver.iteration >= 0, "iteration \(solver.iteration)")
    _ = try attempt { () throws(FaceSegError) in
        _ = try solver.step { (_) throws(FaceSegError) in
            Solver.Batch(["x": (try Shape([1, 1, 1, 2]), [1, 2]), "t": (try Shape([1, 1, 1, 2]), [0, 1])])
        }
    }
}

private func tinySolver() throws(FaceSegError) -> Solver {
    let text = """
        layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 1 dim: 1 dim: 2 } } }
        layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 1 dim: 1 dim: 1 dim: 2 } } }
        layer { name: "c" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 1 kernel_size: 1 } }
        layer { name: "loss" type: "EuclideanLoss" bottom: "c" bottom: "t" top: "loss" }
        """
    var state = CaffeState()
    state.phase = "TRAIN"
    let net = try TrainingNet(
        readNetParameter(text: Array(text.utf8), name: "tiny"), state: state, shapes: [:])
    var settings = SolverSettings()
    (settings.kind, settings.rate.base, settings.mostIterations) = (.adam, 0.1, 10)
    return try Solver(net, settings, workers: Workers(threads: 1))
}
