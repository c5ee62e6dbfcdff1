// ONNXPointwise: layers that treat every number alike, or by its channel, in ONNX's words.

extension ONNXLayer {
    mutating func convert(_ unary: Unary) {
        switch unary.kind {
        case .relu(let slope) where slope == 0: finish("Relu", inputs)
        case .relu(let slope): finish("LeakyRelu", inputs, [("alpha", .float(slope))])
        case .elu(let alpha): finish("Elu", inputs, [("alpha", .float(alpha))])
        case .sigmoid: finish("Sigmoid", inputs)
        case .tanh: finish("Tanh", inputs)
        case .absVal: finish("Abs", inputs)
        case .bnll: finish("Softplus", inputs)
        case .clip(let least, let most):
            finish("Clip", [input, number(least, "least"), number(most, "most")])
        case .exp(let inner, let outer):
            finish("Mul", [node("Exp", [times(input, inner)]), number(outer, "outer")])
        case .log(let factor, let scale, let shift):
            finish("Mul", [node("Log", [plus(times(input, scale), shift)]), number(factor, "factor")])
        case .power(let power, let scale, let shift):
            finish("Pow", [plus(times(input, scale), shift), number(power, "power")])
        case .swish(let beta): finish("Mul", [input, node("Sigmoid", [times(input, beta)])])
        case .threshold(let limit):
            finish("Cast", [node("Greater", [input, number(limit, "limit")])], [("to", .int(1))])
        }
    }

    mutating func convert(_ prelu: PReLU) {
        let ones = Array(repeating: 1, count: rank - 2)
        finish("PRelu", [input, weight(0, prelu.isShared ? [1] : [given[0][1]] + ones, "slope")])
    }

    mutating func convert(_ eltwise: Eltwise) {
        switch eltwise.kind {
        case .product: chain("Mul", inputs)
        case .max: finish("Max", inputs)
        case .sum:
            chain(
                "Add",
                inputs.indices.map { i in
                    eltwise.coefficients.isEmpty ? inputs[i] : times(inputs[i], eltwise.coefficients[i])
                })
        }
    }

    mutating func convert(_ scale: Scale) throws(FaceSegError) {
        let covered = try scale.range(given, layer: name)
        // Dimensions before those covered need no ones: broadcasting puts them there.
        let shape =
            given[0].dimensions[covered] + Array(repeating: 1, count: rank - covered.upperBound)
        var operands: [(operation: String, what: String)] = []
        if scale.hasFactor { operands.append(("Mul", "factor")) }
        if scale.hasAddend { operands.append(("Add", "addend")) }
        var value = input, index = 0
        for (i, operand) in operands.enumerated() {
            let other: String
            if i == 0, inputs.count == 2 {
                other = reshaped(inputs[1], Array(shape))
            } else {
                other = weight(index, Array(shape), operand.what)
                index += 1
            }
            let isLast = i == operands.count - 1
            value = node(operand.operation, [value, other], output: isLast ? outputs[0] : nil)
        }
    }

    /// With the statistics as a factor and an addend, worked out in double precision.
    mutating func convert(_ norm: BatchNorm) throws(FaceSegError) {
        let means = try layer.weights[0].readAll(), variances = try layer.weights[1].readAll()
        let divisor = Double(try layer.weights[2].readAll()[0]), share = divisor == 0 ? 0 : 1 / divisor
        let shape = rank > 1 ? [means.count] + Array(repeating: 1, count: rank - 2) : [1]
        let factors = variances.map { 1 / (Double($0) * share + Double(norm.eps)).squareRoot() }
        let addends = zip(means, factors).map { Float(-Double($0) * share * $1) }
        let scaled = node("Mul", [input, floats(factors.map { Float($0) }, shape, "factor")])
        finish("Add", [scaled, floats(addends, shape, "addend")])
    }

    /// Two at a time.
    private mutating func chain(_ operation: String, _ values: [String]) {
        guard values.count > 1 else { return finish("Identity", values) }
        var value = values[0]
        for other in values.dropFirst().dropLast() { value = node(operation, [value, other]) }
        finish(operation, [value, values[values.count - 1]])
    }

    private mutating func times(_ value: String, _ factor: Float) -> String {
        factor == 1 ? value : node("Mul", [value, number(factor, "scale")])
    }

    private mutating func plus(_ value: String, _ addend: Float) -> String {
        addend == 0 ? value : node("Add", [value, number(addend, "shift")])
    }
}
