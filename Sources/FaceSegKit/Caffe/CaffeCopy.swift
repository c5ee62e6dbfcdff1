// CaffeCopy: a Caffe file written again: one file with layers, weights and metadata, or its description as text.
// V1 layers become today's, and layers that do not exist in the TEST phase are left out.

/// A network as it will be written.
struct CaffeCopy {
    private(set) var message: Message
    private var blobs: [[OutgoingBlob]] = []

    /// - structure: the layers; nil: the file's own. Weights go by layer name.
    init(structure: Message?, file: CaffeFile?) throws(FaceSegError) {
        guard let net = structure ?? file?.message else { throw .argument("nothing to copy") }
        let stored = if let file { try file.blobs() } else { [String: [BlobHeader]]() }
        message = net
        message.clear("layers")
        message.clear("layer")
        let state = CaffeState()
        for layer in try upgradedLayers(net) where try state.holds(layer) {
            message.append("layer", layer)
            let headers = stored[layer.string("name") ?? ""] ?? []
            blobs.append(headers.map { OutgoingBlob($0, from: file!.source) })
        }
        if let own = file?.message.message("faceseg_param") { message.set("faceseg_param", to: own) }
    }

    mutating func change(_ change: (inout ModelInfo, inout Preprocessing) -> Void) throws(FaceSegError) {
        var (info, preprocessing) = try message.metadata()
        let before = (info, preprocessing)
        change(&info, &preprocessing)
        if before != (info, preprocessing) { message.setMetadata(info, try preprocessing.checked()) }
    }

    /// In the binary form.
    func write(to sink: any ByteSink) throws(FaceSegError) {
        try writeNetParameter(message, blobs: blobs, to: sink)
    }

    /// The text form, without weights and metadata.
    var prototxt: String { FaceSegKit.prototxt(of: message) }
}
