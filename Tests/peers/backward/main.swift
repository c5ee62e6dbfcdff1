// backward: gradients of nets for a peer to compare (Tests/peers/gradients.py). Reads lines "FOLDER PHASE LAYOUT" from
// standard input: in FOLDER lie net.prototxt and given.npz, with in/BLOB, param/LAYER/INDEX and outdiff/BLOB; into it go
// out@BLOB.npy, diff@BLOB.npy and paramdiff@LAYER@INDEX.npy. Answers each line with "ok" or why not.
import Media

@testable import FaceSegKit
@testable import FaceSegTraining

private func answer(_ line: String) throws -> String {
    let words = line.split(separator: " ").map(String.init)
    guard words.count == 3 else { return "three words are wanted" }
    let folder = words[0], given = try NumpyArchive.read(path: folder + "/given.npz")
    var state = CaffeState()
    state.phase = words[1]
    let text = Array(try textFile(folder + "/net.prototxt").utf8)
    let net = try TrainingNet(readNetParameter(text: text, name: "net"), state: state, shapes: [:])
    let plan = try TrainingPlan(
        net, shapes: [:], workers: Workers(threads: 2), clock: TrainingClock(),
        allowsBlocks: words[2] == "blocks")
    for feed in net.feeds { try fill(plan.feed(named: feed)?.numbers, given["in/" + feed], feed) }
    for parameter in net.parameters {
        let name = "\(parameter.layer)/\(parameter.index)"
        try fill(parameter.numbers, given["param/" + name], name)
    }
    try plan.forward()
    for (key, array) in given where key.hasPrefix("outdiff/") {
        let blob = String(key.dropFirst("outdiff/".count))
        guard let found = plan.blob(named: blob) else { return "no blob \(blob)" }
        try save(found.numbers, array.shape, folder + "/out@\(blob).npy")
        try fill(found.gradients, array, blob)
    }
    try plan.backward()
    for feed in net.feeds {
        guard let blob = plan.feed(named: feed), let array = given["in/" + feed] else { continue }
        try save(blob.gradients, array.shape, folder + "/diff@\(feed).npy")
    }
    for parameter in net.parameters where parameter.gradient != nil {
        try save(
            parameter.gradients, parameter.dimensions,
            folder + "/paramdiff@\(parameter.layer)@\(parameter.index).npy")
    }
    return "ok"
}

private struct Refusal: Error, CustomStringConvertible { let description: String }

private func fill(_ room: UnsafeMutableBufferPointer<Float>?, _ array: NumpyArray?, _ name: String) throws {
    guard let room, let array, room.count == array.floats.count else {
        throw Refusal(description: "\(name): \(array?.floats.count ?? -1) numbers for \(room?.count ?? -1)")
    }
    _ = room.update(fromContentsOf: array.floats)
}

private func save(_ numbers: UnsafeMutableBufferPointer<Float>, _ shape: [Int], _ path: String) throws {
    try writeFile(NumpyArray(shape: shape, floats: Array(numbers)).encode(), to: path)
}

while let line = readLine() {
    do { print(try answer(line)) } catch { print("\(error)") }
    flushLines()
}
