// CaffeUpgrade: V1 layers (`layers`, types as numbers) as today's. The older V0 form is refused by name.

/// Caffe's names of V1 types. Source: Caffe `upgrade_proto.cpp`.
private let typeNames: [String: String] = [
    "NONE": "", "ABSVAL": "AbsVal", "ACCURACY": "Accuracy", "ARGMAX": "ArgMax", "BNLL": "BNLL",
    "CONCAT": "Concat", "CONTRASTIVE_LOSS": "ContrastiveLoss", "CONVOLUTION": "Convolution",
    "DECONVOLUTION": "Deconvolution", "DATA": "Data", "DROPOUT": "Dropout", "DUMMY_DATA": "DummyData",
    "EUCLIDEAN_LOSS": "EuclideanLoss", "ELTWISE": "Eltwise", "EXP": "Exp", "FLATTEN": "Flatten",
    "HDF5_DATA": "HDF5Data", "HDF5_OUTPUT": "HDF5Output", "HINGE_LOSS": "HingeLoss", "IM2COL": "Im2col",
    "IMAGE_DATA": "ImageData", "INFOGAIN_LOSS": "InfogainLoss", "INNER_PRODUCT": "InnerProduct", "LRN": "LRN",
    "MEMORY_DATA": "MemoryData", "MULTINOMIAL_LOGISTIC_LOSS": "MultinomialLogisticLoss", "MVN": "MVN",
    "POOLING": "Pooling", "POWER": "Power", "RELU": "ReLU", "SIGMOID": "Sigmoid",
    "SIGMOID_CROSS_ENTROPY_LOSS": "SigmoidCrossEntropyLoss", "SILENCE": "Silence", "SOFTMAX": "Softmax",
    "SOFTMAX_LOSS": "SoftmaxWithLoss", "SPLIT": "Split", "SLICE": "Slice", "TANH": "TanH",
    "WINDOW_DATA": "WindowData", "THRESHOLD": "Threshold",
]

/// The layers of a network as `LayerParameter`s, whichever form the file has.
package func upgradedLayers(_ net: Message) throws(FaceSegError) -> [Message] {
    let current = net.messages("layer")
    let old = net.messages("layers")
    guard !old.isEmpty else { return current }
    guard current.isEmpty else {
        throw net.failure(
            "holds both old layers (\"layers\") and new ones (\"layer\"); Caffe refuses that too")
    }
    var upgraded: [Message] = []
    for layer in old { upgraded.append(try upgrade(layer)) }
    return upgraded
}

private func upgrade(_ old: Message) throws(FaceSegError) -> Message {
    guard !old.has("layer") else {
        throw old.failure(
            "a layer of the V0 form (2013); convert it with Caffe's upgrade_net_proto tools first")
    }
    var layer = Message("LayerParameter")
    layer.place = old.place
    let type = old.enumeration("type") ?? "NONE"
    layer.set("type", to: typeNames[type] ?? type)
    if let name = old.string("name") { layer.set("name", to: name) }
    for spec in paramSpecs(old) { layer.append("param", spec) }
    let done: Set = ["name", "type", "param", "blobs_lr", "weight_decay", "blob_share_mode", "layer"]
    for entry in old.entries where !done.contains(entry.field.name) {
        guard let field = layer.type.field(entry.field.name) else { continue }
        layer.copy(entry, as: field)
    }
    return layer
}

/// A `param` for each blob that the old layer's three lists say something of.
private func paramSpecs(_ old: Message) -> [Message] {
    let names = old.strings("param"), rates = old.floats("blobs_lr"), decays = old.floats("weight_decay")
    return (0..<max(names.count, rates.count, decays.count)).map { i in
        var spec = Message("ParamSpec")
        if i < names.count { spec.set("name", to: names[i]) }
        if i < rates.count { spec.set("lr_mult", to: rates[i]) }
        if i < decays.count { spec.set("decay_mult", to: decays[i]) }
        return spec
    }
}

extension Message {
    /// Takes over the values of a field of another table that has the same name and kind here.
    fileprivate mutating func copy(_ entry: MessageEntry, as field: SchemaField) {
        for value in entry.integers { put(field, integer: value) }
        for value in entry.reals { put(field, real: value) }
        for value in entry.strings { put(field, string: value) }
        for value in entry.messages { put(field, message: value) }
        for value in entry.blobs { put(field, blob: value) }
    }
}
