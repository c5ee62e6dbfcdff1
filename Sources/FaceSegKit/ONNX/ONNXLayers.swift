// ONNXLayers: which of ONNX's operators do what a layer does. Opset 13; shapes are known, so that Caffe's rules for them
// need not be said in ONNX's. Every layer gives Caffe's numbers in any runtime that keeps to ONNX, or an error here.

extension ONNXLayer {
    /// - Throws: ``FaceSegError/network(layer:reason:)`` for what ONNX has no operators for.
    mutating func convert() throws(FaceSegError) {
        switch layer.operation {
        case .convolution(let o): try convert(o)
        case .deconvolution(let o): try convert(o)
        case .innerProduct(let o): try convert(o)
        case .pooling(let o): try convert(o)
        case .unary(let o): convert(o)
        case .prelu(let o): convert(o)
        case .eltwise(let o): convert(o)
        case .scale(let o): try convert(o)
        case .batchNorm(let o): try convert(o)
        case .concat(let o): finish("Concat", inputs, [("axis", .int(try at(o.axis)))])
        case .slice(let o): try convert(o)
        case .crop(let o): try convert(o)
        case .tile(let o): try convert(o)
        case .permute(let o):
            finish("Transpose", inputs, [("perm", .ints(try o.fullOrder(given[0], layer: name)))])
        case .reshape, .flatten: _ = reshaped(input, made[0].dimensions, output: outputs[0])
        case .identity: for output in outputs { node("Identity", inputs, output: output) }
        case .lrn(let o): convert(o)
        case .mvn(let o): convert(o)
        case .softmax(let o): finish("Softmax", inputs, [("axis", .int(try at(o.axis)))])
        case .reduction(let o): try convert(o)
        case .argMax(let o): try convert(o)
        case .interp(let o): convert(o)
        case .upsample(let o): convert(o)
        case .silence: break
        case .constant: throw failure("is a constant, which no file has")
        }
    }

    /// An axis from the front.
    func at(_ axis: Int) throws(FaceSegError) -> Int { try given[0].axis(axis, layer: name) }

    func failure(_ reason: String) -> FaceSegError {
        .network(layer: name, reason: "cannot be exported: \(reason)")
    }
}

// Products.
extension ONNXLayer {
    private mutating func convert(_ convolution: Convolution) throws(FaceSegError) {
        try product("Conv", convolution, convolution.window, convolution.group)
    }

    private mutating func convert(_ deconvolution: Deconvolution) throws(FaceSegError) {
        try product("ConvTranspose", deconvolution, deconvolution.window, deconvolution.group)
    }

    private mutating func product(
        _ operation: String, _ shaped: some ShapedOperation, _ window: Window, _ group: Int
    ) throws(FaceSegError) {
        let shapes = try shaped.weightShapes(given, layer: name)
        var values = [input, weight(0, shapes[0], "weight")]
        if shapes.count > 1 { values.append(weight(1, shapes[1], "bias")) }
        finish(
            operation, values,
            window.attributes + [
                ("pads", .ints(window.pads + window.pads)),
                ("dilations", .ints([window.vertical.dilation, window.horizontal.dilation])),
                ("group", .int(group)),
            ])
    }

    private mutating func convert(_ product: InnerProduct) throws(FaceSegError) {
        let shapes = try product.weightShapes(given, layer: name), axis = try at(product.axis)
        let sides = [given[0].count(0..<axis), given[0].count(axis..<rank)]
        let rows = given[0].dimensions == sides ? input : reshaped(input, sides)
        var values = [rows, weight(0, shapes[0], "weight")]
        if shapes.count > 1 { values.append(weight(1, shapes[1], "bias")) }
        let isFlat = made[0].dimensions == [sides[0], product.outputs]
        let transposed: (String, ONNXAttribute) = ("transB", .int(product.transposed ? 0 : 1))
        let result = node("Gemm", values, [transposed], output: isFlat ? outputs[0] : nil)
        if !isFlat { _ = reshaped(result, made[0].dimensions, output: outputs[0]) }
    }
}

extension Window {
    /// Kernel and strides as ONNX has them.
    var attributes: [(String, ONNXAttribute)] {
        [
            ("kernel_shape", .ints([vertical.kernel, horizontal.kernel])),
            ("strides", .ints([vertical.stride, horizontal.stride])),
        ]
    }

    /// Before the first row and column.
    var pads: [Int] { [vertical.pad, horizontal.pad] }
}
