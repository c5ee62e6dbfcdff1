// NetworkTarget: a fuzzer's bytes as a network that ought to work. Its file must open, be copied, and run: with one
// thread and with two, whole and up to any blob.
@testable import FaceSegKit

func fuzzNetwork(_ bytes: [UInt8]) throws {
    var maker = NetworkMaker(bytes)
    maker.make()
    let sink = MemorySink()
    try writeNetParameter(maker.net, blobs: maker.blobs, to: sink)
    try fuzzCaffemodel(sink.bytes)
    try runEveryWay(sink.bytes, maker.input, &maker.bytes)
}

private func runEveryWay(_ file: [UInt8], _ input: Shape, _ bytes: inout FuzzBytes) throws {
    let model = try file.withUnsafeBytes { try Model.open(bytes: $0) }
    let numbers = (0..<input.count).map { Float($0 % 29 - 14) / 4 }
    let blobs: [String?] = [
        nil, model.network.valueNames[bytes.pick(0...255) % model.network.valueNames.count],
    ]
    for blob in blobs where blob.map({ model.network.value(named: $0) != nil }) ?? true {
        let one = try forward(model, threads: 1, numbers, input, blob)
        guard bytes.once(in: 32) else { continue }
        try demand(one == forward(model, threads: 2, numbers, input, blob), "two threads give other bits")
    }
}

/// Bits of the blob.
private func forward(
    _ model: Model, threads: Int, _ numbers: [Float], _ shape: Shape, _ blob: String?
) throws -> [UInt32] {
    let segmenter = try Segmenter(model, threads: threads)
    return try numbers.withUnsafeBufferPointer { numbers in
        try segmenter.forward([(numbers, shape.dimensions)], blob: blob) { scores, _ in
            scores.map(\.bitPattern)
        }
    }
}
