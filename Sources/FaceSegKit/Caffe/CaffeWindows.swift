// CaffeWindows: kernels, strides, pads and dilations as Caffe's files say them: one number, one a side, or the
// _h and _w forms. Source: Caffe `base_conv_layer.cpp`, `pooling_layer.cpp`.

#if canImport(Glibc)
    import Glibc
#endif

func naturalLogarithm(_ x: Float) -> Float { logf(x) }
func naturalExponential(_ x: Float) -> Float { expf(x) }
func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }

extension LayerReader {
    func convolution() throws(FaceSegError) -> Convolution {
        let (filters, group, window, hasBias) = try convolutionParts()
        return Convolution(filters: filters, group: group, window: window, hasBias: hasBias)
    }

    func deconvolution() throws(FaceSegError) -> Deconvolution {
        let (filters, group, window, hasBias) = try convolutionParts()
        // Each phase of the stride becomes a convolution: a million squared would never end.
        for stride in [window.vertical.stride, window.horizontal.stride] {
            _ = try checked(stride, "deconvolution stride", most: 256)
        }
        return Deconvolution(filters: filters, group: group, window: window, hasBias: hasBias)
    }

    private func convolutionParts() throws(FaceSegError) -> (Int, Int, Window, Bool) {
        guard let param = layer.message("convolution_param") else {
            throw .network(layer: name, reason: "has no convolution_param")
        }
        guard param.int("axis") ?? 1 == 1 else {
            throw .network(
                layer: name, reason: "convolution along axis \(param.int("axis") ?? 1): only 1 is supported")
        }
        let kernel = try pair(param, "kernel_size", "kernel_h", "kernel_w", otherwise: nil)
        let stride = try pair(param, "stride", "stride_h", "stride_w", otherwise: 1)
        let pad = try pair(param, "pad", "pad_h", "pad_w", otherwise: 0, least: 0)
        let dilation = try pair(param, "dilation", nil, nil, otherwise: 1)
        return (
            try checked(param.int("num_output") ?? 0, "num_output"),
            try checked(param.int("group") ?? 1, "group"),
            Window(
                vertical: .init(kernel: kernel.0, stride: stride.0, pad: pad.0, dilation: dilation.0),
                horizontal: .init(kernel: kernel.1, stride: stride.1, pad: pad.1, dilation: dilation.1)),
            param.bool("bias_term") ?? true
        )
    }

    func pooling() throws(FaceSegError) -> Pooling {
        let param = layer.message("pooling_param") ?? Message("PoolingParameter")
        let method = param.enumeration("pool") ?? "MAX"
        guard method == "MAX" || method == "AVE" else {
            throw .network(layer: name, reason: "pooling method \(method): only MAX and AVE are supported")
        }
        let kind: Pooling.Kind = method == "MAX" ? .max : .average
        let roundsUp = param.enumeration("round_mode") ?? "CEIL" == "CEIL"
        if param.bool("global_pooling") ?? false {
            return Pooling(kind: kind, window: nil, roundsUp: roundsUp)
        }
        let kernel = try pair(param, "kernel_size", "kernel_h", "kernel_w", otherwise: nil)
        let stride = try pair(param, "stride", "stride_h", "stride_w", otherwise: 1)
        let pad = try pair(param, "pad", "pad_h", "pad_w", otherwise: 0, least: 0)
        let window = Window(
            vertical: .init(kernel: kernel.0, stride: stride.0, pad: pad.0, dilation: 1),
            horizontal: .init(kernel: kernel.1, stride: stride.1, pad: pad.1, dilation: 1))
        return Pooling(kind: kind, window: window, roundsUp: roundsUp)
    }

    /// (vertical, horizontal): from `_h` and `_w` where given, else from one number or two.
    private func pair(
        _ param: Message, _ both: String, _ vertical: String?, _ horizontal: String?, otherwise: Int?,
        least: Int = 1
    ) throws(FaceSegError) -> (Int, Int) {
        let list = param.ints(both)
        guard list.count <= 2 else {
            throw .network(
                layer: name, reason: "\(both) has \(list.count) sides: only two dimensions are supported")
        }
        let high = vertical.flatMap { param.int($0) } ?? list.first ?? otherwise
        let wide = horizontal.flatMap { param.int($0) } ?? list.last ?? otherwise
        guard let high, let wide else { throw .network(layer: name, reason: "has no \(both)") }
        return (try checked(high, both, least: least), try checked(wide, both, least: least))
    }
}
