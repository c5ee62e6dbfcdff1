// FaceModels: small networks for the C face: their files, made once. Each is of a kind that the face treats differently.
@testable import FaceSegKit

enum FaceModels {
    /// Files of `.caffemodel`s that open.
    static let files: [[UInt8]] = texts.enumerated().map { index, text in
        do { return try file(text, workingSize: index == 1 ? nil : 16) } catch {
            fatalError("model \(index): \(error)")
        }
    }

    /// A prototxt of the first, for `prototxt_path`.
    static var text: String { texts[0] }

    private static let texts = [
        // As a segmentation network is: three classes, probabilities.
        """
        name: "three" input: "data" input_dim: 1 input_dim: 3 input_dim: 16 input_dim: 16
        layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
          convolution_param { num_output: 3 kernel_size: 3 pad: 1 } }
        layer { name: "prob" type: "Softmax" bottom: "conv" top: "prob" }
        """,
        // Scores of another size than the input's, no metadata.
        """
        name: "five" layer { name: "data" type: "Input" top: "data" }
        layer { name: "down" type: "Convolution" bottom: "data" top: "down"
          convolution_param { num_output: 4 kernel_size: 2 stride: 2 } }
        layer { name: "relu" type: "ReLU" bottom: "down" top: "down" }
        layer { name: "score" type: "Deconvolution" bottom: "down" top: "score"
          convolution_param { num_output: 5 kernel_size: 3 stride: 1 group: 1 } }
        """,
        // Two inputs: no photo goes in.
        """
        name: "two" input: "a" input: "b"
        layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" }
        """,
        // More classes than a label can be, and none.
        """
        name: "many" input: "data"
        layer { name: "score" type: "Convolution" bottom: "data" top: "score"
          convolution_param { num_output: 300 kernel_size: 1 } }
        """,
        """
        name: "one" input: "data"
        layer { name: "score" type: "Convolution" bottom: "data" top: "score"
          convolution_param { num_output: 1 kernel_size: 1 } }
        """,
        // An answer for the whole photo.
        """
        name: "flat" input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8
        layer { name: "pool" type: "Pooling" bottom: "data" top: "pool"
          pooling_param { pool: AVE global_pooling: true } }
        layer { name: "score" type: "InnerProduct" bottom: "pool" top: "score"
          inner_product_param { num_output: 4 } }
        """,
        // A square canvas of a multiple of eight pixels.
        """
        name: "square" input: "data"
        layer { name: "score" type: "Convolution" bottom: "data" top: "score"
          convolution_param { num_output: 2 kernel_size: 8 stride: 8 } }
        """,
    ]

    private static func file(_ text: String, workingSize: Int?) throws -> [UInt8] {
        let structure = try readNetParameter(text: Array(text.utf8), name: "a model of FaceModels")
        let file = try CaffeFile(MemoryByteSource(name: "a model of FaceModels", bytes: trained(structure)))
        var copy = try CaffeCopy(structure: nil, file: file)
        try copy.change { info, preprocessing in
            guard let workingSize else { return }
            info.name = "small"
            info.classNames = ["ground", "hair", "face"]
            preprocessing.workingSize = workingSize
            preprocessing.reduceSize = workingSize / 2
            if structure.string("name") == "square" {
                preprocessing.canvas = .square
                preprocessing.multipleOf = 8
            }
        }
        return try caffemodel(of: copy)
    }
}
