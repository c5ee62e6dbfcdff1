// TextModels: models of layers that a test writes down, without weights.
import Foundation

@testable import FaceSegKit

extension Model {
    /// - text: of a prototxt.
    static func ofText(_ text: String, options: ModelOptions = ModelOptions()) throws -> Model {
        let path = "/tmp/faceseg-\(UUID().uuidString).prototxt"
        try AtomicFile.write(Array(text.utf8), to: path)
        defer { unlink(path) }
        return try Model.open(path: path, options: options)
    }

    /// Class 1 of two has the probability sigmoid(0.2 (red - 125)); photos are seen at 32 pixels.
    static func ofRed() throws -> Model {
        let text = """
            input: "data" input_shape { dim: 1 dim: 3 dim: 32 dim: 32 }
            layer { name: "s" type: "Slice" bottom: "data" top: "b" top: "g" top: "r" }
            layer { name: "f" type: "Power" bottom: "r" top: "f" power_param { scale: 0.1 shift: -12.5 } }
            layer { name: "n" type: "Power" bottom: "r" top: "n" power_param { scale: -0.1 shift: 12.5 } }
            layer { name: "score" type: "Concat" bottom: "n" bottom: "f" top: "score" }
            """
        return try ofText(
            text, options: ModelOptions(mean: [0, 0, 0], workingSize: 32, reduceSize: 0))
    }
}
