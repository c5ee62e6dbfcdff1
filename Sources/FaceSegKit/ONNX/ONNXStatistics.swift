// ONNXStatistics: layers that look at many numbers to make each of theirs, in ONNX's words.

extension ONNXLayer {
    /// Not MeanVarianceNormalization, whose epsilon is fixed.
    mutating func convert(_ mvn: MVN) {
        let axes: [(String, ONNXAttribute)] = [("axes", .ints(mvn.acrossChannels ? [1, 2, 3] : [2, 3]))]
        let mean = node("ReduceMean", inputs, axes)
        guard mvn.normalizesVariance else { return finish("Sub", [input, mean]) }
        let centred = node("Sub", [input, mean])
        let variance = node("ReduceMean", [node("Mul", [centred, centred])], axes)
        let deviation = node("Add", [node("Sqrt", [variance]), number(mvn.eps, "eps")])
        finish("Div", [centred, deviation])
    }

    mutating func convert(_ reduction: Reduction) throws(FaceSegError) {
        let sides = [given[0].outer(try at(reduction.axis)), -1]
        let rows = reshaped(input, sides)
        let flat: [(String, ONNXAttribute)] = [("axes", .ints([1]))]
        let sum =
            switch reduction.kind {
            // The axes of this one alone are an input.
            case .sum: node("ReduceSum", [rows, integers([1], "axes")])
            case .absoluteSum: node("ReduceL1", [rows], flat)
            case .squareSum: node("ReduceSumSquare", [rows], flat)
            case .mean: node("ReduceMean", [rows], flat)
            }
        let scaled = node("Mul", [sum, number(reduction.coefficient, "coefficient")])
        _ = reshaped(scaled, made[0].dimensions, output: outputs[0])
    }

    /// Of equal numbers Caffe takes the last first and TopK the first, so it is given them in reverse.
    mutating func convert(_ argMax: ArgMax) throws(FaceSegError) {
        let axis = try argMax.axis.map { (axis) throws(FaceSegError) in try at(axis) }
        let table = axis == nil ? reshaped(input, [given[0][0], -1]) : input
        let along = axis ?? 1, choices = axis.map { given[0][$0] } ?? given[0].count(1..<rank)
        let reversed = node(
            "Slice",
            [
                table, integers([choices - 1], "begin"), integers([Int(Int32.min)], "end"),
                integers([along], "axes"), integers([-1], "steps"),
            ])
        let values = graph.unique("\(name)/values"), places = graph.unique("\(name)/places")
        add("TopK", [reversed, integers([argMax.topK], "k")], [values, places], [("axis", .int(along))])
        let wantsIndices = axis == nil || !argMax.givesValues
        guard wantsIndices else { return finish("Identity", [values]) }
        let floats = node("Cast", [places], [("to", .int(1))])
        let last = number(Float(choices - 1), "last")
        if axis != nil { return finish("Sub", [last, floats]) }
        let indices = node("Sub", [last, floats])
        let all = argMax.givesValues ? node("Concat", [indices, values], [("axis", .int(1))]) : indices
        _ = reshaped(all, made[0].dimensions, output: outputs[0])
    }
}
