// WeightBudget: how much memory the weights of one network may take beyond what its file holds. A few bytes can stand
// for a filler of millions, for a blob that a thousand layers share and each packs, for a deconvolution of 65,536
// phases. ReadingBudget bounds the reading itself.

struct WeightBudget {
    /// FCN-8s with 60 classes has 15,000,000.
    private static let mostFilled = 1 << 24
    /// Beyond the first use of each: a gigabyte.
    private static let mostRepeated = 1 << 28
    /// FCN-32s has 1024: stride times stride.
    private static let mostPhases = 1 << 18

    private var filled = 0, repeated = 0, phases = 0

    /// Weights that a filler makes.
    mutating func takeFilled(_ count: Int, layer: String) throws(FaceSegError) {
        try Self.take(count, of: &filled, Self.mostFilled, "weights made by fillers", layer)
    }

    /// Weights of a layer before this one.
    mutating func takeRepeated(_ count: Int, layer: String) throws(FaceSegError) {
        try Self.take(count, of: &repeated, Self.mostRepeated, "weights that layers share", layer)
    }

    /// What a deconvolution is made of.
    mutating func takePhases(_ window: Window, layer: String) throws(FaceSegError) {
        let count = window.vertical.stride * window.horizontal.stride
        try Self.take(count, of: &phases, Self.mostPhases, "phases of deconvolutions", layer)
    }

    private static func take(
        _ count: Int, of taken: inout Int, _ most: Int, _ what: String, _ layer: String
    ) throws(FaceSegError) {
        taken += count
        guard taken <= most else {
            throw .network(layer: layer, reason: "\(taken) \(what) so far; a network may have \(most)")
        }
    }
}
