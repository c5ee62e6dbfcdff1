// Surgery: weights of one net for another that is not quite the same: by layer name, fully connected ones as
// convolutions, score layers with more classes, and deconvolutions that enlarge bilinearly. Source: FCN's `surgery.py`.
import FaceSegKit

/// What became of each layer that has weights.
package struct SurgeryReport: Sendable {
    /// Copied; copied into another shape of as many numbers; kept and given more outputs.
    package fileprivate(set) var copied: [String] = [], reshaped: [String] = [], grown: [String] = []
    /// Of another size, and left as they were; that the file does not have.
    package fileprivate(set) var refused: [String] = [], missing: [String] = []

    /// For people: a line for each kind of which there is a layer.
    package var lines: [String] {
        [
            ("copied", copied), ("reshaped", reshaped), ("grown", grown),
            ("of another size, and left", refused), ("not in the file", missing),
        ].filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }
    }
}

extension TrainingNet {
    /// Takes over what fits of a `.caffemodel`.
    ///
    /// - A blob of as many numbers is copied in their order: a fully connected layer's become a convolution's.
    /// - A blob of which only the first side is smaller keeps its outputs as the first ones; the new ones stay as they
    ///   are.
    /// - Throws: if the file cannot be read.
    package func transplant(path: String) throws(FaceSegError) -> SurgeryReport {
        let file = try CaffeFile(FileByteSource(path: path))
        let stored = try file.blobs()
        var report = SurgeryReport()
        for layer in layers where !layer.parameters.isEmpty {
            guard let blobs = stored[layer.name] else {
                report.missing.append(layer.name)
                continue
            }
            let pairs = zip(layer.parameters.map { parameters[$0] }, blobs)
            guard blobs.count <= layer.parameters.count, pairs.allSatisfy({ $0.canTake($1.shape, $1.count) })
            else {
                report.refused.append(layer.name)
                continue
            }
            for (parameter, blob) in pairs {
                try StoredBlob(header: blob, source: file.source).read(
                    0..<blob.count, into: parameter.numbers)
            }
            if pairs.contains(where: { $1.count < $0.count }) {
                report.grown.append(layer.name)
            } else if pairs.contains(where: { !$0.isShaped($1.shape) }) {
                report.reshaped.append(layer.name)
            } else {
                report.copied.append(layer.name)
            }
        }
        try file.source.checkUnchanged()
        return report
    }

    /// Bilinear kernels, each channel to itself, for deconvolutions that are not trained and that nothing has filled.
    package func fillDeconvolutions() throws(FaceSegError) {
        for layer in layers {
            guard case .compute(.deconvolution(let deconvolution)) = layer.operation,
                let parameter = layer.parameters.first.map({ parameters[$0] }),
                parameter.numbers.allSatisfy({ $0 == 0 })
            else { continue }
            let (rows, columns) = (parameter.dimensions[2], parameter.dimensions[3])
            let outputs = parameter.dimensions[1], isGrouped = deconvolution.group > 1
            let kernel = FilledWeight(filler: .bilinear(height: rows, width: columns)), area = rows * columns
            for input in 0..<parameter.dimensions[0] where isGrouped || input < outputs {
                let start = (input * outputs + (isGrouped ? 0 : input)) * area
                try kernel.read(
                    0..<area,
                    into: UnsafeMutableBufferPointer(rebasing: parameter.numbers[start..<start + area]))
            }
        }
    }
}

/// The net of a prototxt with what fits of a `.caffemodel`, written to `output`.
package func transplanted(
    from model: String, into prototxt: String, output: String, seed: UInt64
) throws(FaceSegError) -> SurgeryReport {
    let message = try readNetParameter(text: Array(try textFile(prototxt).utf8), name: prototxt)
    var state = CaffeState()
    state.phase = "TRAIN"
    var shapes: [String: Shape] = [:]
    for layer in try upgradedLayers(message) where try state.holds(layer) {
        guard case .data = CaffeRole(layer) else { continue }
        // Weights do not depend on the size; data layers do not tell theirs.
        for (index, top) in layer.strings("top").enumerated() {
            shapes[top] = try Shape([1, index == 0 ? 3 : 1, 64, 64])
        }
    }
    let net = try TrainingNet(message, state: state, shapes: shapes, seed: seed)
    let report = try net.transplant(path: model)
    try net.fillDeconvolutions()
    try net.write(path: output)
    return report
}

extension Parameter {
    /// Without ones in front.
    fileprivate func isShaped(_ shape: [Int]) -> Bool {
        shape.drop { $0 == 1 }.elementsEqual(dimensions.drop { $0 == 1 })
    }

    /// Whether a blob has as many numbers, or fewer only by having fewer outputs.
    fileprivate func canTake(_ shape: [Int], _ count: Int) -> Bool {
        if count == self.count { return true }
        let sides = Array(shape.drop { $0 == 1 })
        guard let outputs = sides.first, let own = dimensions.first, outputs < own else { return false }
        return sides.dropFirst().elementsEqual(dimensions.dropFirst())
    }
}
