// ONNXPooling: Caffe's windows in ONNX's words. ONNX's own rounding (ceil_mode) leaves out other windows than Caffe, so the
// pads at the end are given such that rounding down gives Caffe's number of windows.

extension ONNXLayer {
    mutating func convert(_ pooling: Pooling) throws(FaceSegError) {
        let isMax = pooling.kind == .max
        guard let window = pooling.window else {
            return finish(isMax ? "GlobalMaxPool" : "GlobalAveragePool", inputs)
        }
        let sides = [(window.vertical, 2), (window.horizontal, 3)]
        for (side, axis) in sides where side.end(made[0][axis]) - side.kernel >= given[0][axis] + side.pad {
            throw failure("its last window lies outside the picture, where ONNX has nothing to look at")
        }
        if isMax {
            let over = sides.map { side, axis in max(side.end(made[0][axis]) - given[0][axis] - side.pad, 0) }
            return finish("MaxPool", inputs, window.attributes + [("pads", .ints(window.pads + over))])
        }
        // Caffe's mean counts the padding, and not what hangs over it.
        let over = sides.map { side, axis in max(side.end(made[0][axis]) - given[0][axis] - 2 * side.pad, 0) }
        if over == [0, 0] {
            return finish(
                "AveragePool", inputs,
                window.attributes + [
                    ("pads", .ints(window.pads + window.pads)), ("count_include_pad", .int(1)),
                ])
        }
        let around = [0, 0] + window.pads
        let padded =
            window.pads == [0, 0] ? input : node("Pad", [input, integers(around + around, "around")])
        finish("AveragePool", [padded], window.attributes + [("pads", .ints([0, 0] + over))])
    }

    mutating func convert(_ lrn: LRN) {
        let size = lrn.size
        guard lrn.withinChannel else {
            return finish(
                "LRN", inputs,
                [
                    ("size", .int(size)), ("alpha", .float(lrn.alpha)), ("beta", .float(lrn.beta)),
                    ("bias", .float(lrn.k)),
                ])
        }
        let square = node("Mul", [input, input]), pads = Array(repeating: (size - 1) / 2, count: 4)
        let mean = node(
            "AveragePool", [square],
            [("kernel_shape", .ints([size, size])), ("pads", .ints(pads)), ("count_include_pad", .int(1))])
        let scaled = node("Mul", [mean, number(lrn.alpha, "alpha")])
        let base = node("Add", [scaled, number(1, "one")])
        finish("Mul", [input, node("Pow", [base, number(-lrn.beta, "power")])])
    }
}

extension Window.Side {
    /// Where the last of so many windows ends, counted from the first row of the padding.
    fileprivate func end(_ count: Int) -> Int { (count - 1) * stride + kernel }
}
