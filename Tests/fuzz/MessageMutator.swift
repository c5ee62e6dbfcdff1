// MessageMutator: changes files of Caffe as what they are: a value here, a field more or less there, a layer twice. So
// a fuzzer gets past the codecs, to what layers mean. Changes of single bytes are libFuzzer's.
@testable import FaceSegKit

/// The file with a few changes; nil where it cannot be read.
func mutated(_ bytes: [UInt8], of target: FuzzTarget, seed: UInt32) -> [UInt8]? {
    var mutator = MessageMutator(seed: seed)
    switch target {
    case .caffemodel:
        let source = MemoryByteSource(name: "input", bytes: bytes)
        guard let net = try? readNetParameter(from: source) else { return nil }
        let changed = mutator.changed(net), sink = MemorySink()
        try? writeNetParameter(changed, blobs: blobLists(changed, source), to: sink)
        return sink.bytes
    case .prototxt:
        guard let net = try? readNetParameter(text: bytes, name: "input") else { return nil }
        return Array(prototxt(of: mutator.changed(net)).utf8)
    default: return nil
    }
}

/// Of every message that may have blobs, in the writer's order.
private func blobLists(_ message: Message, _ source: any ByteSource) -> [[OutgoingBlob]] {
    message.type.fields.flatMap { field -> [[OutgoingBlob]] in
        switch field.kind {
        case .blob: [message.blobs(field.name).map { OutgoingBlob($0, from: source) }]
        case .message: message.messages(field.name).flatMap { blobLists($0, source) }
        default: []
        }
    }
}

private struct MessageMutator {
    private var random: SplitMix
    /// Of the whole file: names of blobs and layers are worth repeating.
    private var strings: [String] = []

    init(seed: UInt32) { random = SplitMix(state: UInt64(seed)) }

    mutating func changed(_ net: Message) -> Message {
        strings = Self.strings(of: net) + NetworkMaker.typeNames + ["", "new"]
        var net = net
        for _ in 0...Int.random(in: 0..<4, using: &random) { change(&net, depth: 0) }
        return net
    }

    private static func strings(of message: Message) -> [String] {
        message.entries.flatMap { $0.strings + $0.messages.flatMap(strings) }
    }

    /// Changes the message, or one somewhere in it.
    private mutating func change(_ message: inout Message, depth: Int) {
        let nested = message.entries.filter { !$0.messages.isEmpty }
        if let entry = nested.randomElement(using: &random), !once(in: 3) {
            var messages = entry.messages
            change(&messages[Int.random(in: messages.indices, using: &random)], depth: depth + 1)
            if entry.field.isRepeated, once(in: 8) { rearrange(&messages) }
            message.clear(entry.field.name)
            for nested in messages { message.put(entry.field, message: nested) }
            return
        }
        if let entry = message.entries.randomElement(using: &random), once(in: 2) {
            let count = max(entry.integers.count, entry.reals.count, entry.strings.count)
            if entry.blobs.isEmpty || once(in: 4) { message.clear(entry.field.name) }
            guard entry.blobs.isEmpty, !once(in: 4) else { return }
            for _ in 0..<min(max(count, 1), 4) { put(entry.field, into: &message, depth) }
        } else if let field = message.type.fields.randomElement(using: &random) {
            put(field, into: &message, depth)
        }
    }

    private mutating func rearrange(_ messages: inout [Message]) {
        let at = Int.random(in: messages.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: messages.remove(at: at)
        case 1: messages.insert(messages.randomElement(using: &random)!, at: at)
        default: messages.swapAt(at, messages.count - 1)
        }
    }

    private mutating func put(_ field: SchemaField, into message: inout Message, _ depth: Int) {
        switch field.kind {
        case .blob: break
        case .message(let type):
            var nested = Message(type)
            for _ in 0..<Int.random(in: 0..<4, using: &random) where depth < 6 {
                change(&nested, depth: depth + 1)
            }
            message.put(field, message: nested)
        case .string: message.put(field, string: strings.randomElement(using: &random)!)
        case .float: message.put(field, real: Double(Float(real())))
        case .double: message.put(field, real: real())
        case .bool: message.put(field, integer: Int64.random(in: 0...1, using: &random))
        case .enumeration(let values):
            message.put(field, integer: Int64(values.numbers.values.sorted().randomElement(using: &random)!))
        case .uint32: message.put(field, integer: Int64(UInt32(truncatingIfNeeded: integer())))
        case .int32: message.put(field, integer: Int64(Int32(truncatingIfNeeded: integer())))
        case .int64: message.put(field, integer: integer())
        }
    }

    private mutating func once(in n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

    private mutating func integer() -> Int64 {
        once(in: 8)
            ? Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random)
            : Int64.random(in: -1...9, using: &random)
    }

    private mutating func real() -> Double {
        once(in: 8)
            ? [.nan, .infinity, -.infinity, 1e30, -0.0, 1e-30].randomElement(using: &random)!
            : Double.random(in: -4...4, using: &random)
    }
}

/// Steele, Lea, Flood 2014: the same numbers from the same seed everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
