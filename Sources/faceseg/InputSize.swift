// InputSize: what `--size` says of a network's inputs, for commands that look at layers and not at photos.
import FaceSegKit

/// What one `--size` says of one input.
enum InputSize {
    case picture(height: Int, width: Int)
    case shape(Shape)

    static let option = Option(
        "--size", value: "SIZE", repeats: true,
        help: """
            HxW for the pictures, or all sides N,C,H,W of an input; given again for
            each further input. Default: what the file declares, else 256x256
            """)

    static func list(_ arguments: Arguments) throws(CommandError) -> [InputSize] {
        try arguments.texts("--size").map { text throws(CommandError) in try InputSize(text) }
    }

    /// nil: nothing is said. A picture's sides alone are those of all inputs.
    static func shapes(_ sizes: [InputSize], _ inputs: [Network.Input]) throws -> [Shape]? {
        if sizes.isEmpty { return nil }
        if sizes.count == 1, case .picture = sizes[0] {
            return try inputs.map { try sizes[0].shape(of: $0) }
        }
        guard sizes.count == inputs.count else {
            throw CommandError.failed(
                "--size is given \(sizes.count) times, the network has \(inputs.count) inputs")
        }
        return try zip(sizes, inputs).map { try $0.shape(of: $1) }
    }

    private init(_ text: String) throws(CommandError) {
        let wrong = CommandError.usage(
            "--size: \"\(text)\" is neither HxW like 480x640 nor N,C,H,W like 1,3,480,640")
        let isList = text.contains(",")
        let parts = text.split(separator: isList ? "," : "x", omittingEmptySubsequences: false).map {
            Int($0)
        }
        let sides = parts.compactMap { $0 }
        guard sides.count == parts.count, sides.allSatisfy({ $0 > 0 }), isList || sides.count == 2 else {
            throw wrong
        }
        guard isList else {
            self = .picture(height: sides[0], width: sides[1])
            return
        }
        do throws(FaceSegError) { self = .shape(try Shape(sides)) } catch { throw .usage("--size: \(error)") }
    }

    private func shape(of input: Network.Input) throws(FaceSegError) -> Shape {
        switch self {
        case .shape(let shape): return shape
        case .picture(let height, let width):
            let declared = input.shape?.dimensions ?? [1, 3]
            return try Shape(Array(declared.prefix(2)) + [height, width], layer: input.name)
        }
    }
}
