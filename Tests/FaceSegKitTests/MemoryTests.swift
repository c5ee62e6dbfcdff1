// MemoryTests: what ModelMemory says is what a segmenter then holds, byte for byte.
import Glibc
import Testing

@testable import FaceSegKit

/// `malloc.h` is in no Swift module.
@_silgen_name("malloc_usable_size")
private func usableSize(_ block: UnsafeMutableRawPointer) -> Int

struct MemoryTests {
    /// Nets that Caffe wrote, those next to the tests and, where they are, all others.
    static let nets: [String] = {
        let own = CaffeFiles.own + "../../../FaceSegCTests/Fixtures/inference"
        return [own, CaffeFiles.shared + "/inference"].flatMap { folder in
            names(folder).filter { $0.hasSuffix(".caffemodel") }.map { folder + "/" + $0.dropLast(11) }
        }
    }()

    private static func names(_ folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.sorted()
    }

    @Test(arguments: nets)
    func ofCaffesNets(path: String) throws {
        var options = ModelOptions()
        options.prototxtPath = path + ".prototxt"
        try check(Model.open(path: path + ".caffemodel", options: options))
        try check(Model.open(path: path + ".caffemodel", options: options), nil, .fast)
    }

    @Test func netsAreThere() { #expect(Self.nets.count >= 10) }

    @Test func ofTheBuiltInNetwork() throws {
        let model = try Model.builtIn()
        try check(model)
        try check(model, Shape([1, 3, 224, 320]))
        try check(.builtIn(), nil, .fast)
    }

    /// Every kind of packed weights: filters, Winograd's, planes, phases of both kinds, channels; outputs that fold
    /// other layers than the photo's does.
    @Test func ofEveryKindOfWeights() throws {
        let text = """
            input: "data" input_shape { dim: 1 dim: 8 dim: 12 dim: 10 }
            layer { name: "n" type: "BatchNorm" bottom: "data" top: "n" }
            layer { name: "m" type: "Scale" bottom: "n" top: "m" }
            layer { name: "w" type: "Convolution" bottom: "m" top: "w"
              convolution_param { num_output: 64 kernel_size: 3 pad: 1 bias_term: false } }
            layer { name: "b" type: "Bias" bottom: "w" top: "w2" }
            layer { name: "p" type: "PReLU" bottom: "w2" top: "p" }
            layer { name: "g" type: "Convolution" bottom: "p" top: "g"
              convolution_param { num_output: 10 group: 2 kernel_size: 5 pad: 2 } }
            layer { name: "k" type: "Convolution" bottom: "g" top: "k"
              convolution_param { num_output: 10 group: 10 kernel_size: 3 pad: 1 } }
            layer { name: "d" type: "Deconvolution" bottom: "k" top: "d"
              convolution_param { num_output: 6 group: 2 kernel_size: 5 stride: 3 pad: 1 } }
            layer { name: "e" type: "Deconvolution" bottom: "d" top: "e"
              convolution_param { num_output: 6 group: 6 kernel_size: 2 stride: 3 bias_term: false } }
            layer { name: "f" type: "BatchNorm" bottom: "e" top: "side" }
            layer { name: "i" type: "InnerProduct" bottom: "e" top: "score" inner_product_param { num_output: 7 } }
            """
        let file = try randomModel(text), path = "/tmp/faceseg-memory-\(getpid()).prototxt"
        try AtomicFile.write(Array(text.utf8), to: path)
        defer { unlink(path) }
        var options = ModelOptions()
        options.prototxtPath = path
        let bytes = try Self.readBytes(file.source)
        try check(try bytes.withUnsafeBytes { try Model.open(bytes: $0, options: options) })
        // Without weights the same is known.
        let looked = try ModelMemory(Model.open(path: path))
        #expect(try looked == bytes.withUnsafeBytes { try ModelMemory(.open(bytes: $0, options: options)) })
    }

    /// One that a run keeps anyway changes nothing: it would go by bands without it as well.
    @Test func aWideLimitTakesNoMore() throws {
        let model = try Model.builtIn(), shapes = [try Shape([1, 3, 2048, 2048])]
        func scratch(_ limit: Int?) throws -> Int {
            try ModelMemory(model, inputShapes: shapes, threads: 2, memoryLimit: limit).scratch
        }
        let free = try scratch(nil)
        #expect(try scratch(4_000_000_000) == free)
        #expect(try scratch(free) == free)
        #expect(try scratch(free - 1) < free)
    }

    @Test func saysWhatIsWrong() throws {
        let model = try Model.builtIn()
        #expect(throws: FaceSegError.argument("threads 0 is not between 1 and 1024")) {
            try ModelMemory(model, threads: 0)
        }
        #expect(throws: FaceSegError.self) { try ModelMemory(model, inputShapes: []) }
    }

    /// A segmenter of one thread and one of three, run at this size and with no larger limits than were said.
    private func check(_ model: Model, _ shape: Shape? = nil, _ precision: Precision = .exact) throws {
        let shapes = try shape.map { [$0] } ?? model.network.declaredInputs()
        for threads in [1, 3] {
            let memory = try ModelMemory(model, inputShapes: shapes, threads: threads, precision: precision)
            let numbers = shapes.map { [Float](repeating: 0.5, count: $0.count) }
            func run(limit: Int) throws {
                let segmenter = try Segmenter(
                    model, threads: threads, precision: precision, memoryLimit: limit)
                try borrow(numbers[...], shapes, []) {
                    _ = try segmenter.forward($0) { $0[0] + Float($1.count) }
                }
            }
            try run(limit: memory.scratch)
            try run(limit: memory.leastScratch)
            #expect(memory.scratch >= memory.leastScratch && memory.leastScratch > 0)
            let refused = #expect(throws: FaceSegError.self) { try run(limit: memory.leastScratch - 1) }
            if case .memory(let needed, _) = refused { #expect(needed == memory.leastScratch) }
            #expect(held(model.store) == memory.weights)
            // And by the allocator's own account, which rounds each block up by less than an alignment, or by a page,
            // as malloc may from 128 KiB on.
            let blocks = buffers(model.store)
            let page = sysconf(Int32(_SC_PAGESIZE))
            let usable = blocks.reduce(0) { $0 + ($1.mapped.map { $0.count - page } ?? usableSize($1.start)) }
            let rounding = blocks.reduce(0) {
                $0 + ($1.mapped == nil && Buffer.bytes($1.count) < 1 << 17 ? 128 : page + 128)
            }
            #expect(usable >= memory.weights && usable <= memory.weights + rounding)
        }
    }

    private func held(_ store: WeightStore) -> Int {
        buffers(store).reduce(0) { $0 + Buffer.bytes($1.count) }
    }

    private func buffers(_ store: WeightStore) -> [Buffer] {
        store.all.flatMap { weights -> [Buffer?] in
            switch weights {
            case .none: []
            case .filters(let packed), .blocks(let packed), .planes(let packed):
                [packed.weights, packed.bias]
            case .phases(let phases, let bias): phases.map(\.weights) + [bias]
            case .channels(let gain, let shift): [gain, shift]
            }
        }.compactMap { $0 }
    }

    private func borrow(
        _ numbers: ArraySlice<[Float]>, _ shapes: [Shape],
        _ given: [(numbers: UnsafeBufferPointer<Float>, shape: [Int])],
        _ body: ([(numbers: UnsafeBufferPointer<Float>, shape: [Int])]) throws -> Void
    ) throws {
        guard let first = numbers.first else { return try body(given) }
        try first.withUnsafeBufferPointer {
            let shape = shapes[given.count].dimensions
            try borrow(numbers.dropFirst(), shapes, given + [($0, shape)], body)
        }
    }

    static func readBytes(_ source: any ByteSource) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: source.count)
        try bytes.withUnsafeMutableBytes { try source.read(at: 0, into: $0) }
        return bytes
    }
}
