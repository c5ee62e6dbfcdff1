// BandNets: nets by chance for BandTests: everything that can go by bands of rows, and some of what cannot.

/// Numbers that follow from a seed.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        func half() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 32
        }
        return half() << 32 | half()
    }
}

/// A prototxt, put together layer by layer.
struct BandNet {
    private(set) var text: String
    private var chance: Chance
    /// The last value: its name, channels and stride to the input.
    private var last = "data", channels: Int
    /// Values that a later layer may take again, of some channels.
    private var kept: [(name: String, channels: Int)] = []
    private var count = 0

    init(seed: Int) {
        chance = Chance(seed: seed)
        (text, channels) = ("", 0)
        channels = 1 + random(5)
        text = "input: \"data\" input_shape { dim: 1 dim: \(channels) dim: 60 dim: 54 }\n"
        if random(3) == 0 { convolve(filters: 5 + random(30), kernel: 1 + random(5), pad: 8 + random(12)) }
        for _ in 0..<3 + random(8) { addLayer() }
    }

    private mutating func random(_ below: Int) -> Int {
        Int.random(in: 0..<below, using: &chance)
    }

    private mutating func add(
        _ type: String, _ bottoms: [String], _ parameters: String = "", tops: [String] = []
    ) {
        count += 1
        let name = "l\(count)", tops = tops.isEmpty ? [name] : tops
        text += "layer { name: \"\(name)\" type: \"\(type)\" "
        text += bottoms.map { "bottom: \"\($0)\" " }.joined() + tops.map { "top: \"\($0)\" " }.joined()
        text += parameters + " }\n"
        last = tops[0]
    }

    private mutating func convolve(
        filters: Int, kernel: Int, pad: Int, stride: Int = 1, dilation: Int = 1, group: Int = 1
    ) {
        channels = filters
        add(
            "Convolution", [last],
            "convolution_param { num_output: \(filters) kernel_size: \(kernel) pad: \(pad) stride: \(stride) "
                + "dilation: \(dilation) group: \(group) }")
    }

    private mutating func deconvolve(filters: Int, kernel: Int, stride: Int, pad: Int, group: Int) {
        channels = filters
        add(
            "Deconvolution", [last],
            "convolution_param { num_output: \(filters) kernel_size: \(kernel) stride: \(stride) pad: \(pad) "
                + "group: \(group) }")
    }

    /// The last value cut to another's size, or the other way round: one of them fits.
    private mutating func join(_ other: (name: String, channels: Int)) {
        let mine = (name: last, channels: channels)
        add("Crop", [other.name, mine.name], "crop_param { axis: 2 offset: \(random(2)) }")
        let cropped = last
        if other.channels == mine.channels, random(2) == 0 {
            add(
                "Eltwise", random(2) == 0 ? [mine.name, cropped] : [cropped, mine.name],
                ["", "eltwise_param { operation: MAX }", "eltwise_param { coeff: 2 coeff: -1 }"][random(3)])
        } else {
            add("Concat", [mine.name, cropped])
            channels = mine.channels + other.channels
        }
    }

    private mutating func addLayer() {
        if random(3) == 0 { kept.append((last, channels)) }
        switch random(16) {
        case 0, 1: convolve(filters: 16 * (1 + random(3)), kernel: 3, pad: random(3))
        case 2:
            convolve(
                filters: 5 + random(40), kernel: 1 + random(5), pad: random(4), stride: 1 + random(2),
                dilation: 1 + random(2))
        case 3: convolve(filters: channels, kernel: 3, pad: 1, stride: 1 + random(2), group: channels)
        case 4:
            guard channels % 2 == 0 else { return }
            convolve(filters: 2 * (1 + random(9)), kernel: 1 + random(3), pad: random(2), group: 2)
        case 5:
            let kernel = 2 + random(2), kind = random(2) == 0 ? "MAX" : "AVE"
            add(
                "Pooling", [last],
                "pooling_param { pool: \(kind) kernel_size: \(kernel) stride: \(1 + random(2)) pad: \(random(kernel)) }"
            )
        case 6: deconvolve(filters: channels, kernel: 4, stride: 2, pad: 1, group: channels)
        case 7:
            deconvolve(
                filters: 3 + random(20), kernel: 1 + random(5), stride: 1 + random(3), pad: random(2),
                group: 1)
        case 8: add("ReLU", [last], "relu_param { negative_slope: 0.1 }")
        case 9: add(["Sigmoid", "TanH", "AbsVal", "ELU"][random(4)], [last])
        case 10: add(["PReLU", "BatchNorm", "Scale"][random(3)], [last])
        case 11: add("Softmax", [last])
        case 12: add("LRN", [last], "lrn_param { local_size: 3 alpha: 0.5 }")
        case 13:
            let from = last
            add("Split", [from], tops: ["\(from)_a", "\(from)_b"])
            kept.append(("\(from)_b", channels))
        default:
            guard !kept.isEmpty else { return }
            join(kept[random(kept.count)])
        }
    }
}
