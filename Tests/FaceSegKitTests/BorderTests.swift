// BorderTests: leaving out what no image reaches changes nothing, for Caffe's FCNs and for nets by chance.
import Testing

@testable import FaceSegKit

struct BorderTests {
    /// Numbers of the values after a run, borders left out or not, and whether there were any to leave out.
    private func run(
        _ network: Network, _ shape: Shape, wanted: [Int], skips: Bool, seed: Int
    ) throws -> (values: [[Float]], found: Bool) {
        let workers = Workers(threads: 2), fused = network.fused(for: wanted)
        let outline = try PlanOutline(
            fused, of: network, inputShapes: [shape], threads: 2, skipsBorders: skips)
        let plan = try Plan(
            fused, of: network, inputShapes: [shape], store: WeightStore(), workers: workers,
            .limit(nil), skipsBorders: skips)
        // Twice, with another picture before: a frame must survive it.
        for round in [1, 0] {
            for i in 0..<shape.count {
                plan.inputs[0].start[i] = Float((i &* 7919 &+ seed &+ round) % 255) / 64 - 2
            }
            try plan.run(workers)
        }
        let values = plan.outputs.map { Array(UnsafeBufferPointer(start: $0.read, count: $0.shape.count)) }
        return (values, outline.border != nil && !outline.framed.isEmpty)
    }

    private func check(_ network: Network, _ shape: Shape, seed: Int) throws -> Bool {
        // The last value alone, then it and some between, each of which must be whole.
        let values = Set(network.layers.flatMap(\.outputs)).subtracting([network.mainOutput]).sorted()
        let some = stride(from: seed % 3, to: values.count, by: max(3, values.count / 4)).map { values[$0] }
        var found = false
        for wanted in [[network.mainOutput], [network.mainOutput] + some] {
            let plain = try run(network, shape, wanted: wanted, skips: false, seed: seed)
            let skipping = try run(network, shape, wanted: wanted, skips: true, seed: seed)
            found = found || skipping.found
            for (index, (want, got)) in zip(plain.values, skipping.values).enumerated() {
                var largest: Float = 1e-3, difference: Float = 0
                for i in want.indices {
                    largest = max(largest, abs(want[i]))
                    difference = max(difference, abs(want[i] - got[i]))
                }
                #expect(
                    difference <= 2e-5 * largest,
                    "value \(network.valueNames[wanted[index]]) of \(wanted.count)")
            }
        }
        return found
    }

    @Test(.enabled(if: CaffeFiles.haveShared), arguments: ["fcn8s_face", "fcn8s_voc_staged", "fcn32s"])
    func caffesNets(name: String) throws {
        let path = CaffeFiles.shared + "/inference/" + name
        var options = ModelOptions()
        options.prototxtPath = path + ".prototxt"
        let network = try Model.open(path: path + ".caffemodel", options: options).network
        let shape = try network.declaredInputs()[0]
        #expect(try check(network, Shape([1, shape[1], 449, 416]), seed: 0))
        // Where edges meet there is nothing to leave out, and nothing else to do.
        _ = try check(network, Shape([1, shape[1], 33, 20]), seed: 2)
    }

    /// Convolutions and poolings of any window, some side by side and summed or put together.
    private static func net(_ seed: Int) -> String {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        var text = "input: \"data\" input_shape { dim: 1 dim: \(1 + random(5)) dim: 8 dim: 8 }\n",
            last = "data", channels = 0
        func add(_ type: String, _ bottoms: [String], _ parameters: String, in place: Bool = false) {
            let name = "l\(text.count { $0 == "\n" })", top = place ? bottoms[0] : name
            text += "layer { name: \"\(name)\" type: \"\(type)\" top: \"\(top)\" "
            text += bottoms.map { "bottom: \"\($0)\" " }.joined() + parameters + " }\n"
            last = top
        }
        func convolution(_ from: String, filters: Int, kernel: Int, pad: Int, stride: Int = 1) {
            channels = filters
            add(
                "Convolution", [from],
                "convolution_param { num_output: \(filters) kernel_size: \(kernel) pad: \(pad) stride: \(stride) }"
            )
        }
        convolution(
            last, filters: 8 + random(30), kernel: 1 + random(5), pad: 8 + random(12), stride: 1 + random(2))
        for _ in 0..<1 + random(5) {
            switch random(6) {
            case 0:
                let kernel = 2 + random(2)
                let parameters = "kernel_size: \(kernel) stride: \(1 + random(2)) pad: \(random(kernel))"
                add(
                    "Pooling", [last],
                    "pooling_param { pool: \(random(2) == 0 ? "MAX" : "AVE") \(parameters) }")
            case 1: add("ReLU", [last], "", in: random(2) == 0)
            case 2:
                let from = last, filters = 16 * (1 + random(2))
                convolution(from, filters: filters, kernel: 3, pad: 1)
                let left = last
                convolution(from, filters: filters, kernel: 1 + 2 * random(3), pad: 0)
                let right = last
                add("Crop", [left, right], "crop_param { offset: 0 }")
                add("Eltwise", [last, right], "")
            case 3:
                let from = last
                convolution(from, filters: 16, kernel: 3, pad: 1)
                let left = last
                convolution(from, filters: 16, kernel: 5, pad: 2)
                if random(2) == 0 {
                    add("Eltwise", [left, last], "")
                } else {
                    add("Concat", [left, last], "")
                    channels = 32
                }
            case 4:
                convolution(
                    last, filters: 5 + random(30), kernel: 1 + random(4), pad: random(4),
                    stride: 1 + random(2))
            default:
                add(
                    "Convolution", [last],
                    "convolution_param { num_output: \(channels) group: \(channels) kernel_size: 3 pad: \(random(3)) }"
                )
            }
        }
        return text
    }

    @Test func netsByChance() throws {
        var found = 0
        for seed in 0..<80 {
            let text = Self.net(seed)
            let structure = try readNetParameter(text: Array(text.utf8), name: "net \(seed)")
            let shape = try Shape([1 + seed % 2, readChannels(text), 60 + seed % 23, 90 - seed % 17])
            guard let network = try? makeNetwork(structure: structure, file: randomModel(text)),
                (try? network.shapes([shape])) != nil
            else { continue }
            if try check(network, shape, seed: seed) { found += 1 }
        }
        #expect(found >= 20, "nets with a border")
    }

    /// Values of few channels between convolutions, which lie in blocks twice: as they were made, with a border's
    /// frame, and narrow, with padding alone.
    @Test(arguments: 1...5)
    func fewChannelsBetween(channels: Int) throws {
        var found = 0
        for (side, pad, stride) in [(8, 1, 1), (8, 1, 2), (8, 3, 1), (40, 1, 1)] {
            let text = """
                input: "data" input_shape { dim: 1 dim: 2 dim: \(side) dim: 47 }
                layer { name: "a" type: "Convolution" bottom: "data" top: "a"
                  convolution_param { num_output: \(channels) kernel_size: 3 pad: \(side < 9 ? 3 : 9) } }
                layer { name: "b" type: "Convolution" bottom: "a" top: "b"
                  convolution_param { num_output: 20 kernel_size: 3 pad: \(pad) stride: \(stride) } }
                layer { name: "c" type: "Convolution" bottom: "b" top: "c"
                  convolution_param { num_output: 3 kernel_size: 3 pad: 1 } }

                """
            let structure = try readNetParameter(text: Array(text.utf8), name: "few channels")
            let network = try makeNetwork(structure: structure, file: randomModel(text))
            if try check(network, Shape([1, 2, side, 47]), seed: channels) { found += 1 }
        }
        #expect(found >= 2, "nets with a border")
    }

    private func readChannels(_ text: String) -> Int {
        Int(text.split(separator: "dim: ")[2].prefix { $0.isNumber })!
    }
}
