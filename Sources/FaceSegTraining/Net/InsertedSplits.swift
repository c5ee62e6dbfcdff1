// InsertedSplits: a Split layer behind each blob that several layers take, as Caffe inserts them, so that each blob has
// one gradient and snapshots have Caffe's layers. Source: Caffe `insert_splits.cpp`.
import FaceSegKit

/// A blob as it stands after layer `layer`, its top `top`.
private struct Origin: Hashable { let layer: Int, top: Int }

/// The layers with Splits between them.
func withSplits(_ layers: [Message]) -> [Message] {
    var current: [String: Origin] = [:], uses: [Origin: Int] = [:], origins: [[Origin?]] = []
    for (index, layer) in layers.enumerated() {
        let taken = layer.strings("bottom").map { current[$0] }
        for origin in taken { if let origin { uses[origin, default: 0] += 1 } }
        origins.append(taken)
        for (top, name) in layer.strings("top").enumerated() {
            current[name] = Origin(layer: index, top: top)
            if weight(layer, top) != 0 { uses[Origin(layer: index, top: top), default: 0] += 1 }
        }
    }
    var inserted: [Message] = [], given: [Origin: Int] = [:]
    for (index, layer) in layers.enumerated() {
        var layer = layer
        let bottoms = zip(layer.strings("bottom"), origins[index]).map { name, origin -> String in
            guard let origin, uses[origin]! > 1 else { return name }
            defer { given[origin, default: 0] += 1 }
            return splitName(name, layers[origin.layer], origin, given[origin, default: 0])
        }
        layer.replace("bottom", with: bottoms)
        inserted.append(layer)
        for (top, name) in layers[index].strings("top").enumerated() {
            let origin = Origin(layer: index, top: top)
            guard let count = uses[origin], count > 1 else { continue }
            inserted.append(split(name, layers[index], origin, count))
            // Copy 0 is the one that counts as the loss.
            if weight(layer, top) != 0 { given[origin] = 1 }
        }
    }
    return inserted
}

private func weight(_ layer: Message, _ top: Int) -> Float {
    let weights = layer.floats("loss_weight")
    return top < weights.count ? weights[top] : 0
}

private func split(_ blob: String, _ producer: Message, _ origin: Origin, _ count: Int) -> Message {
    var split = Message("LayerParameter")
    split.set("name", to: "\(blob)_\(producer.string("name") ?? "")_\(origin.top)_split")
    split.set("type", to: "Split")
    split.set("bottom", to: blob)
    for copy in 0..<count { split.append("top", splitName(blob, producer, origin, copy)) }
    return split
}

private func splitName(_ blob: String, _ producer: Message, _ origin: Origin, _ copy: Int) -> String {
    "\(blob)_\(producer.string("name") ?? "")_\(origin.top)_split_\(copy)"
}

extension Message {
    fileprivate mutating func replace(_ field: String, with strings: [String]) {
        clear(field)
        for string in strings { append(field, string) }
    }
}
