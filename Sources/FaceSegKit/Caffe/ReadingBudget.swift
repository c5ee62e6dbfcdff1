// ReadingBudget: how much one file may make of itself. Two bytes can stand for an empty layer, so a hostile
// file of some megabytes would else become gigabytes of values. A real net has some thousand values.

struct ReadingBudget {
    /// Levels of nested messages or groups. Caffe's own are five deep.
    static let depth = 100
    /// Bytes of one string.
    static let stringBytes = 16 << 20
    /// Bytes of a prototxt.
    static let textBytes = 64 << 20

    private var layers = 100_000
    /// Numbers, strings and messages; the numbers of blobs are not among them.
    private var values = 1_000_000
    /// Runs of numbers in blobs. A packed blob has one.
    private var segments = 1_000_000
    private var bytes = 64 << 20

    /// What there is too much of, once there is.
    mutating func takeValue() -> String? { Self.take(&values, "more than 1,000,000 values") }
    mutating func takeSegment() -> String? { Self.take(&segments, "blobs in more than 1,000,000 pieces") }

    mutating func takeMessage(_ type: SchemaMessage) -> String? {
        let isLayer = type.name == "LayerParameter" || type.name == "V1LayerParameter"
        if isLayer, let excess = Self.take(&layers, "more than 100,000 layers") { return excess }
        return takeValue()
    }

    mutating func takeString(_ count: Int) -> String? {
        guard count <= Self.stringBytes else { return "a string of \(count) bytes; at most 16 MB are read" }
        bytes -= count
        return bytes < 0 ? "more than 64 MB of strings" : takeValue()
    }

    private static func take(_ left: inout Int, _ excess: String) -> String? {
        left -= 1
        return left < 0 ? excess : nil
    }
}

/// Bytes of a name or text as a string. What is not UTF-8 (old paths in GBK, say) is taken byte for byte as
/// Latin-1: Caffe compares bytes, so such a file must open and different names must stay different.
func decodeString(_ bytes: some Collection<UInt8>) -> String {
    if let string = String(validating: bytes, as: UTF8.self) { return string }
    return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
}
