// CaffeOperations: what each of Caffe's layer types means, its parameters with their defaults and bounds.
// Source: Caffe `caffe.proto` and each layer's header. Windows are in CaffeWindows.

/// The operation of a layer.
/// - Throws: ``FaceSegError/network(layer:reason:)`` for an unknown type or a parameter out of range.
package func makeOperation(_ layer: Message) throws(FaceSegError) -> Operation {
    let reader = LayerReader(layer)
    let type = layer.string("type") ?? ""
    if let unary = reader.unary(type) { return .unary(Unary(kind: unary)) }
    switch type {
    case "Convolution": return .convolution(try reader.convolution())
    case "Deconvolution": return .deconvolution(try reader.deconvolution())
    case "InnerProduct": return .innerProduct(try reader.innerProduct())
    case "Pooling": return .pooling(try reader.pooling())
    case "PReLU": return .prelu(PReLU(isShared: reader.bool("prelu_param", "channel_shared", false)))
    case "Eltwise": return .eltwise(reader.eltwise())
    case "Scale", "Bias": return .scale(try reader.scale(type))
    case "BatchNorm": return .batchNorm(BatchNorm(eps: reader.float("batch_norm_param", "eps", 1e-5)))
    case "Concat", "Slice", "Crop", "Tile", "Permute": return try reader.movement(type)
    case "Reshape": return .reshape(try reader.reshape())
    case "Flatten":
        return .flatten(
            Flatten(
                axis: reader.int("flatten_param", "axis", 1),
                endAxis: reader.int("flatten_param", "end_axis", -1)))
    case "Split": return .identity(outputs: layer.strings("top").count)
    case "Dropout": return .identity(outputs: 1)
    case "LRN", "MVN", "Softmax", "Reduction", "ArgMax": return try reader.statistics(type)
    case "Interp": return .interp(try reader.interp())
    case "Upsample": return .upsample(try reader.upsample())
    case "Silence": return .silence
    case "": throw layer.failure("layer \"\(reader.name)\" has no type")
    default: throw .network(layer: reader.name, reason: "unknown layer type \"\(type)\"")
    }
}

/// Reads parameters of one layer, with defaults.
struct LayerReader {
    let layer: Message
    let name: String

    init(_ layer: Message) {
        self.layer = layer
        name = layer.string("name") ?? ""
    }

    func float(_ param: String, _ field: String, _ otherwise: Float) -> Float {
        layer.message(param)?.float(field) ?? otherwise
    }

    func int(_ param: String, _ field: String, _ otherwise: Int) -> Int {
        layer.message(param)?.int(field) ?? otherwise
    }

    func bool(_ param: String, _ field: String, _ otherwise: Bool) -> Bool {
        layer.message(param)?.bool(field) ?? otherwise
    }

    /// A number within bounds that keep later arithmetic from overflowing.
    func checked(_ value: Int, _ what: String, least: Int = 1, most: Int = Window.most) throws(FaceSegError)
        -> Int
    {
        guard value >= least, value <= most else {
            throw .network(layer: name, reason: "\(what) \(value) is not between \(least) and \(most)")
        }
        return value
    }

    func unary(_ type: String) -> Unary.Kind? {
        switch type {
        case "ReLU": .relu(slope: float("relu_param", "negative_slope", 0))
        case "ELU": .elu(alpha: float("elu_param", "alpha", 1))
        case "Sigmoid": .sigmoid
        case "TanH": .tanh
        case "AbsVal": .absVal
        case "BNLL": .bnll
        case "Clip": .clip(min: float("clip_param", "min", 0), max: float("clip_param", "max", 0))
        case "Exp": exponential()
        case "Log": logarithm()
        case "Power":
            .power(
                power: float("power_param", "power", 1), scale: float("power_param", "scale", 1),
                shift: float("power_param", "shift", 0))
        case "Swish": .swish(beta: float("swish_param", "beta", 1))
        case "Threshold": .threshold(float("threshold_param", "threshold", 0))
        default: nil
        }
    }

    /// base^(scale x + shift); base -1 means e.
    private func exponential() -> Unary.Kind {
        let base = float("exp_param", "base", -1), shift = float("exp_param", "shift", 0)
        let logBase = base == -1 ? 1 : naturalLogarithm(base)
        let outer = shift == 0 ? 1 : base == -1 ? naturalExponential(shift) : power(base, shift)
        return .exp(inner: logBase * float("exp_param", "scale", 1), outer: outer)
    }

    /// log_base(scale x + shift); base -1 means e.
    private func logarithm() -> Unary.Kind {
        let base = float("log_param", "base", -1)
        return .log(
            factor: base == -1 ? 1 : 1 / naturalLogarithm(base), scale: float("log_param", "scale", 1),
            shift: float("log_param", "shift", 0))
    }

    func innerProduct() throws(FaceSegError) -> InnerProduct {
        InnerProduct(
            outputs: try checked(int("inner_product_param", "num_output", 0), "num_output"),
            axis: int("inner_product_param", "axis", 1),
            transposed: bool("inner_product_param", "transpose", false),
            hasBias: bool("inner_product_param", "bias_term", true))
    }

    func eltwise() -> Eltwise {
        let param = layer.message("eltwise_param")
        let kind: Eltwise.Kind =
            switch param?.enumeration("operation") ?? "SUM" {
            case "PROD": .product
            case "MAX": .max
            default: .sum
            }
        return Eltwise(kind: kind, coefficients: kind == .sum ? param?.floats("coeff") ?? [] : [])
    }

    func scale(_ type: String) throws(FaceSegError) -> Scale {
        let param = type == "Scale" ? "scale_param" : "bias_param"
        return Scale(
            axis: int(param, "axis", 1),
            axes: try checked(int(param, "num_axes", 1), "num_axes", least: -1, most: 8),
            hasFactor: type == "Scale", hasAddend: type == "Bias" || bool("scale_param", "bias_term", false))
    }

    func movement(_ type: String) throws(FaceSegError) -> Operation {
        switch type {
        case "Concat":
            let old = int("concat_param", "concat_dim", 1)
            return .concat(Concat(axis: int("concat_param", "axis", old)))
        case "Slice":
            let old = int("slice_param", "slice_dim", 1)
            let points = layer.message("slice_param")?.ints("slice_point") ?? []
            return .slice(
                Slice(
                    axis: int("slice_param", "axis", old), points: points, outputs: layer.strings("top").count
                ))
        case "Crop":
            let offsets = layer.message("crop_param")?.ints("offset") ?? []
            return .crop(Crop(axis: int("crop_param", "axis", 2), offsets: offsets))
        case "Tile":
            let tiles = try checked(int("tile_param", "tiles", 0), "tiles")
            return .tile(Tile(axis: int("tile_param", "axis", 1), tiles: tiles))
        default: return .permute(Permute(order: layer.message("permute_param")?.ints("order") ?? []))
        }
    }

    func reshape() throws(FaceSegError) -> Reshape {
        let param = layer.message("reshape_param")
        let sides = param?.message("shape")?.ints("dim") ?? []
        guard sides.allSatisfy({ $0 >= -1 }), sides.filter({ $0 == -1 }).count <= 1 else {
            throw .network(layer: name, reason: "shape \(sides): sides are -1 (once), 0 or more")
        }
        return Reshape(
            sides: sides, axis: try checked(param?.int("axis") ?? 0, "axis", least: -9, most: 8),
            axes: try checked(param?.int("num_axes") ?? -1, "num_axes", least: -1, most: 8))
    }

    func statistics(_ type: String) throws(FaceSegError) -> Operation {
        switch type {
        case "LRN":
            let region = layer.message("lrn_param")?.enumeration("norm_region")
            return .lrn(
                LRN(
                    size: try checked(int("lrn_param", "local_size", 5), "local_size"),
                    alpha: float("lrn_param", "alpha", 1), beta: float("lrn_param", "beta", 0.75),
                    k: float("lrn_param", "k", 1), withinChannel: region == "WITHIN_CHANNEL"))
        case "MVN":
            return .mvn(
                MVN(
                    normalizesVariance: bool("mvn_param", "normalize_variance", true),
                    acrossChannels: bool("mvn_param", "across_channels", false),
                    eps: float("mvn_param", "eps", 1e-9)))
        case "Softmax": return .softmax(Softmax(axis: int("softmax_param", "axis", 1)))
        case "Reduction":
            let kinds: [String: Reduction.Kind] = ["ASUM": .absoluteSum, "SUMSQ": .squareSum, "MEAN": .mean]
            return .reduction(
                Reduction(
                    kind: kinds[layer.message("reduction_param")?.enumeration("operation") ?? "SUM"] ?? .sum,
                    axis: int("reduction_param", "axis", 0), coefficient: float("reduction_param", "coeff", 1)
                ))
        default:
            return .argMax(
                ArgMax(
                    axis: layer.message("argmax_param")?.int("axis"),
                    topK: try checked(int("argmax_param", "top_k", 1), "top_k", most: 1024),
                    givesValues: bool("argmax_param", "out_max_val", false)))
        }
    }

    func interp() throws(FaceSegError) -> Interp {
        let param = "interp_param"
        return Interp(
            height: try checked(int(param, "height", 0), "height", least: 0),
            width: try checked(int(param, "width", 0), "width", least: 0),
            zoom: try checked(int(param, "zoom_factor", 1), "zoom_factor"),
            shrink: try checked(int(param, "shrink_factor", 1), "shrink_factor"),
            padBegin: try checked(int(param, "pad_beg", 0), "pad_beg", least: -Window.most, most: 0),
            padEnd: try checked(int(param, "pad_end", 0), "pad_end", least: -Window.most, most: 0))
    }

    func upsample() throws(FaceSegError) -> Upsample {
        guard layer.strings("bottom").count == 1 else {
            throw .network(layer: name, reason: "Upsample with a mask (SegNet's unpooling) is not supported")
        }
        return Upsample(factor: try checked(int("upsample_param", "scale", 2), "scale"))
    }
}
