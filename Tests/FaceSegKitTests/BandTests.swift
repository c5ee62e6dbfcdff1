// BandTests: going by bands of rows changes no bit of what comes out, holds no more than was allowed, and says what the
// least is: for Caffe's nets, the built-in network and nets by chance.
import Foundation
import Testing

@testable import FaceSegKit

struct BandTests {
    /// Values without a pattern that a band could share with another; by copies, since a loop in Swift takes minutes
    /// under AddressSanitizer.
    private static let noise: [Float] = (0..<7919).map { (i: Int) -> Float in
        Float((i * 7919 + i / 31) % 255) / 64 - 2
    }

    private func fill(_ start: UnsafeMutablePointer<Float>, _ count: Int, from first: Int) {
        var filled = 0
        while filled < count {
            let from = filled == 0 ? first : 0
            let length = min(Self.noise.count - from, count - filled)
            Self.noise.withUnsafeBufferPointer {
                (start + filled).update(from: $0.baseAddress! + from, count: length)
            }
            filled += length
        }
    }

    /// What came out of a run, and how it was planned.
    private struct Trial {
        let values: [[Float]], bytes: Int, bands: Int
    }

    private func run(
        _ network: Network, _ shapes: [Shape], wanted: [Int], _ holding: Holding, store: WeightStore,
        threads: Int = 2, precision: Precision = .exact
    ) throws -> Trial {
        let workers = Workers(threads: threads)
        let fused = network.fused(for: wanted, constants: try store.constants(of: network))
        let outline = try PlanOutline(
            fused, of: network, inputShapes: shapes, threads: threads, precision: precision, holding)
        let plan = try Plan(
            fused, of: network, inputShapes: shapes, store: store, workers: workers, precision: precision,
            holding)
        // Twice, with other pictures before: frames and what lasts must be made anew.
        for round in [1, 0] {
            for (index, input) in plan.inputs.enumerated() {
                fill(input.start, input.shape.count, from: round + index)
            }
            try plan.run(workers)
        }
        return Trial(
            values: plan.outputs.map { Array(UnsafeBufferPointer(start: $0.read, count: $0.shape.count)) },
            bytes: plan.memory, bands: outline.arena.loops.reduce(0) { $0 + $1.bands.count })
    }

    /// The least that a network takes.
    private func least(_ network: Network, _ shapes: [Shape], wanted: [Int], store: WeightStore) throws -> Int
    {
        let fused = network.fused(for: wanted, constants: try store.constants(of: network))
        do {
            let outline = try PlanOutline(
                fused, of: network, inputShapes: shapes, threads: 2, .limit(1))
            return outline.bytes
        } catch .memory(let needed, _) {
            return needed
        }
    }

    /// The same bits, but any NaN for any NaN. By pieces: a loop over all numbers is slow in a debug build.
    private static func isSame(_ a: [Float], _ b: [Float]) -> Bool {
        guard a.count == b.count else { return false }
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                stride(from: 0, to: a.count, by: 64).allSatisfy { first in
                    let end = min(first + 64, a.count)
                    return memcmp(a.baseAddress! + first, b.baseAddress! + first, (end - first) * 4) == 0
                        || (first..<end).allSatisfy {
                            a[$0].bitPattern == b[$0].bitPattern || a[$0].isNaN && b[$0].isNaN
                        }
                }
            }
        }
    }

    private static func isSame(_ a: [[Float]], _ b: [[Float]]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
    }

    /// With the least memory, and with limits between that and what is taken without bands.
    ///
    /// - Returns: bands of the plan of the least memory.
    @discardableResult
    private func check(_ network: Network, _ shapes: [Shape], wanted: [Int]) throws -> Int {
        let store = WeightStore()
        let whole = try run(network, shapes, wanted: wanted, .limit(.max), store: store)
        let least = try least(network, shapes, wanted: wanted, store: store)
        var bands = 0
        for limit in [(least * 3 + whole.bytes) / 4, least] {
            // A border is found again within the limit.
            let banded = try run(
                network, shapes, wanted: wanted, .limit(limit), store: limit == least ? WeightStore() : store)
            #expect(banded.bytes <= limit, "\(banded.bytes) of \(limit) bytes")
            let same = Self.isSame(whole.values, banded.values)
            #expect(same, "\(banded.bands) bands in \(limit) bytes differ from none in \(whole.bytes)")
            bands = banded.bands
        }
        guard least > 1 else { return bands }
        #expect(throws: FaceSegError.self) {
            _ = try run(network, shapes, wanted: wanted, .limit(least - 1), store: store).bytes
        }
        return bands
    }

    private static func network(_ path: String) throws -> Network {
        var options = ModelOptions()
        options.prototxtPath = path + ".prototxt"
        return try Model.open(path: path + ".caffemodel", options: options).network
    }

    @Test(.enabled(if: CaffeFiles.haveShared), arguments: MemoryTests.nets)
    func caffesNets(path: String) throws {
        let network = try Self.network(path)
        let shapes = try network.declaredInputs()
        try check(network, shapes, wanted: [network.mainOutput])
        // Also with values between that must be whole.
        let values = Set(network.layers.flatMap(\.outputs)).subtracting([network.mainOutput]).sorted()
        let some = stride(from: 1, to: values.count, by: max(3, values.count / 4)).map { values[$0] }
        try check(network, shapes, wanted: [network.mainOutput] + some)
    }

    @Test func builtInNetwork() throws {
        let network = try Model.builtIn().network
        let bands = try check(network, [Shape([1, 3, 416, 320])], wanted: [network.mainOutput])
        #expect(bands > 1, "the least memory is not reached by bands")
    }

    /// Loops by chance over all stages that can be in one.
    private static func loops(_ banding: Banding, seed: Int) -> [Loop] {
        var random = Chance(seed: seed), loops: [Loop] = [], first = 0
        func end(_ last: Int) {
            let made = (first..<last).flatMap { banding.arranged.stages[$0].outputs }
            let heights = made.compactMap { banding.computed[$0]?.count }
            if let most = heights.max(), last > first {
                let bands = Int.random(
                    in: 2...max(2, Int.random(in: 2...max(2, most), using: &random)), using: &random)
                loops.append(banding.loop(first..<last, bands: bands))
            }
            first = last
        }
        for (index, goesByRows) in banding.goesByRows.enumerated() {
            if !goesByRows {
                end(index)
                first = index + 1
            } else if Int.random(in: 0..<8, using: &random) == 0 {
                end(index)
            }
        }
        end(banding.goesByRows.count)
        return loops
    }

    private func checkAnyLoops(_ network: Network, _ shapes: [Shape], wanted: [Int], seed: Int) throws -> Int
    {
        let precision: Precision = seed % 3 == 1 ? .fast : .exact
        let whole = try run(
            network, shapes, wanted: wanted, .limit(.max), store: WeightStore(), precision: precision)
        let banded = try run(
            network, shapes, wanted: wanted, .loops { Self.loops($0, seed: seed) }, store: WeightStore(),
            threads: 1 + seed / 3 % 3, precision: precision)
        let same = Self.isSame(whole.values, banded.values)
        #expect(same, "\(banded.bands) bands, seed \(seed), \(shapes[0])")
        return banded.bands
    }

    @Test(.enabled(if: CaffeFiles.haveShared), arguments: MemoryTests.nets)
    func caffesNetsInAnyLoops(path: String) throws {
        let network = try Self.network(path)
        let shapes = try network.declaredInputs()
        let values = Set(network.layers.flatMap(\.outputs)).subtracting([network.mainOutput]).sorted()
        for seed in 0..<2 {
            let some = seed % 2 == 0 ? [] : values.filter { ($0 + seed) % 7 == 0 }
            _ = try checkAnyLoops(network, shapes, wanted: [network.mainOutput] + some, seed: seed)
        }
    }

    @Test(arguments: 0..<8)
    func netsByChanceInAnyLoops(part: Int) throws {
        var bands = 0
        for seed in stride(from: part, to: 160, by: 8) {
            let text = BandNet(seed: seed).text
            let structure = try readNetParameter(text: Array(text.utf8), name: "net \(seed)")
            let channels = Int(text.split(separator: "dim: ")[2].prefix { $0.isNumber })!
            let shape = try Shape([1 + seed % 2, channels, 60 + seed % 23, 70 - seed % 17])
            guard let network = try? makeNetwork(structure: structure, file: randomModel(text)),
                let shapes = try? network.shapes([shape]), shapes.allSatisfy({ ($0?.count ?? 0) < 4 << 20 })
            else { continue }
            bands += try checkAnyLoops(network, [shape], wanted: [network.mainOutput], seed: seed)
            let values = network.layers.flatMap(\.outputs).filter { ($0 + seed) % 5 == 0 }
            bands += try checkAnyLoops(
                network, [shape], wanted: [network.mainOutput] + values, seed: seed + 1)
        }
        #expect(bands > 50)
    }
}
