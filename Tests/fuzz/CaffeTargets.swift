// CaffeTargets: Caffe's two formats, each read, written in both formats, read again, and made a network that runs.
@testable import FaceSegKit

func fuzzCaffemodel(_ bytes: [UInt8]) throws {
    let trial = ModelTrial(bytes)
    let onDisk = FuzzFile(bytes)
    let opened = try attempt { () throws(FaceSegError) in try CaffeFile(FileByteSource(path: onDisk.path)) }
    guard let file = opened else {
        return try demand(trial.model() == nil, "a file opens as a model only")
    }
    let copy = try attempt { () throws(FaceSegError) in try CaffeCopy(structure: nil, file: file) }
    let model = try trial.model()
    guard let copy else { return try demand(model == nil, "a model opens that cannot be copied") }
    let written = try checkedBytes(of: copy)
    let text = try checkText(of: copy)
    _ = try attempt { () throws(FaceSegError) in try makeNetwork(structure: text, file: file) }
    // Others may still write to a file that is open here.
    onDisk.shorten(to: bytes.count / 2)
    _ = try attempt { () throws(FaceSegError) in try caffemodel(of: copy) }
    guard let model else { return }
    try trial.run(model, andItsCopy: ModelTrial(written))
}

func fuzzPrototxt(_ bytes: [UInt8]) throws {
    let structure = try attempt { () throws(FaceSegError) in
        try readNetParameter(text: bytes, name: "fuzz.prototxt")
    }
    guard let structure,
        let copy = try attempt({ () throws(FaceSegError) in
            try CaffeCopy(structure: structure, file: nil)
        })
    else { return }
    _ = try checkedBytes(of: copy)
    _ = try checkText(of: copy)
    guard let trained = try attempt({ () throws(FaceSegError) in try trained(copy.message) }) else { return }
    let trial = ModelTrial(trained)
    if let model = try trial.model() { try trial.run(model, andItsCopy: trial) }
}

/// The value, or nil after an error that says something.
func attempt<Value>(_ body: () throws(FaceSegError) -> Value) throws -> Value? {
    do throws(FaceSegError) { return try body() } catch {
        try demand(!error.description.isEmpty, "an error without words")
        return nil
    }
}

/// As a `.caffemodel`, which must be the same when it is read and written once more.
private func checkedBytes(of copy: CaffeCopy) throws -> [UInt8] {
    let first = try caffemodel(of: copy)
    let file = try CaffeFile(MemoryByteSource(name: "copy.caffemodel", bytes: first))
    let second = try caffemodel(of: CaffeCopy(structure: nil, file: file))
    try demand(first == second, "a copy of a .caffemodel differs from its own copy")
    return first
}

func caffemodel(of copy: CaffeCopy) throws(FaceSegError) -> [UInt8] {
    let sink = MemorySink()
    try copy.write(to: sink)
    return sink.bytes
}

/// As a `.prototxt`, which must read back; gives what was read.
private func checkText(of copy: CaffeCopy) throws -> Message {
    let text = prototxt(of: copy.message)
    let again = try readNetParameter(text: Array(text.utf8), name: "copy.prototxt")
    try demand(prototxt(of: again) == text, "text differs when it is read and written once more")
    return again
}

final class MemorySink: ByteSink {
    private(set) var bytes: [UInt8] = []
    func write(_ bytes: UnsafeRawBufferPointer) throws(FaceSegError) { self.bytes += bytes }
}

/// A `.caffemodel` of the layers of `net` with weights in the shapes that they need.
///
/// - Throws: errors of the network, and a memory error above a million weights.
func trained(_ net: Message) throws(FaceSegError) -> [UInt8] {
    let network = try makeNetwork(structure: net, file: nil)
    let shapes = try network.shapesForDeclaredInputs()
    var wanted: [String: [[Int]]] = [:], total = 0
    for layer in network.layers {
        let given = layer.inputs.compactMap { shapes[$0] }
        wanted[layer.name] = try layer.operation.weightShapes(given, layer: layer.name)
        for sides in wanted[layer.name]! {
            total += try Shape(sides, layer: layer.name).count
            guard total <= 1 << 20 else { throw .memory(needed: total * 4, reason: "for a fuzzer") }
        }
    }
    let blobs = net.messages("layer").map { layer in
        (wanted[layer.string("name") ?? ""] ?? []).map { sides in
            OutgoingBlob(shape: sides, values: weights(sides.reduce(1, *)))
        }
    }
    let sink = MemorySink()
    try writeNetParameter(net, blobs: blobs, to: sink)
    return sink.bytes
}

/// Small numbers of both signs.
private func weights(_ count: Int) -> [Float] { (0..<count).map { Float($0 &* 37 % 11 - 5) / 8 } }
