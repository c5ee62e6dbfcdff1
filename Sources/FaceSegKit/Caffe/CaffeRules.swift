// CaffeRules: which layers of a net exist in a phase, level and set of stages. Source: Caffe `net.cpp`.

/// The circumstances that `include` and `exclude` rules ask about.
package struct CaffeState: Sendable {
    package var phase = "TEST"
    package var level = 0
    package var stages: Set<String> = []

    package init() {}

    /// Whether the layer exists: one of its includes is met, or it has none and no exclude is met.
    package func holds(_ layer: Message) throws(FaceSegError) -> Bool {
        let include = layer.messages("include"), exclude = layer.messages("exclude")
        guard include.isEmpty || exclude.isEmpty else {
            throw layer.failure(
                "layer \"\(layer.string("name") ?? "")\" has include rules and exclude rules; only one kind may be"
            )
        }
        return include.isEmpty ? !exclude.contains(where: meets) : include.contains(where: meets)
    }

    private func meets(_ rule: Message) -> Bool {
        if let wanted = rule.enumeration("phase"), wanted != phase { return false }
        if let least = rule.int("min_level"), level < least { return false }
        if let most = rule.int("max_level"), level > most { return false }
        return rule.strings("stage").allSatisfy(stages.contains)
            && !rule.strings("not_stage").contains(where: stages.contains)
    }
}

/// Types that feed a net, measure it or write: left out when it runs. Their tops become inputs where needed.
package enum CaffeRole {
    case input, data, measure, compute

    package init(_ layer: Message) {
        let type = layer.string("type") ?? ""
        switch type {
        case "Input": self = .input
        case "Data", "ImageData", "HDF5Data", "WindowData", "MemoryData", "DummyData": self = .data
        case "Python": self = layer.strings("bottom").isEmpty ? .data : .measure
        case "Accuracy", "HDF5Output": self = .measure
        default: self = type.hasSuffix("Loss") || type == "SoftmaxWithLoss" ? .measure : .compute
        }
    }
}
