// PrototxtText: layers as text, in the form in which people write them. What they are is said by the recipes.

/// One layer.
///
/// - Parameters:
///   - parameters: lines, `param`s among them.
///   - top: nil: the layer's name.
func layerText(
    _ name: String, _ type: String, _ bottoms: [String], _ parameters: [String] = [], top: String? = nil
) -> String {
    var lines = ["  name: \"\(name)\"", "  type: \"\(type)\""]
    lines += bottoms.map { "  bottom: \"\($0)\"" } + ["  top: \"\(top ?? name)\""]
    lines += parameters.filter { !$0.isEmpty }.map { "  " + $0 }
    return "layer {\n" + lines.joined(separator: "\n") + "\n}\n"
}

/// The data layer of a net, or its input.
struct InputText {
    var folder: String, mean: [Float], seed: Int
    /// More of the training layer's dictionary, and of the validation's: `, 'name': value`.
    var training = "", validation = ""
    /// Of the deployed net's input.
    var side: Int

    func text(_ role: RecipeRole) -> String {
        guard role != .deploy else {
            return layerText(
                "input", "Input", [], ["input_param { shape { dim: 1 dim: 3 dim: \(side) dim: \(side) } }"],
                top: "data")
        }
        let means = mean.map { "\($0)" }.joined(separator: ", ")
        let split = role == .train ? "train" : "val"
        let parameters =
            "{'data_dir': '\(folder)', 'split': '\(split)', 'mean': (\(means)), 'seed': \(seed)"
            + (role == .train ? training + "}" : ", 'randomize': False" + validation + "}")
        return """
            layer {
              name: "data"
              type: "Python"
              top: "data"
              top: "label"
              python_param { module: "layers" layer: "FaceSegDataLayer" param_str: "\(parameters)" }
            }

            """
    }
}

/// What a recipe's prototxt is for.
package enum RecipeRole { case train, validation, deploy }

/// Nets and a solver that are written out, to be read and changed, and then trained.
package protocol TrainingRecipe: Sendable {
    func prototxt(_ role: RecipeRole) -> String
    /// - prefix: of snapshots.
    func solver(train: String, validation: String, prefix: String) -> String
}
