// BuiltIn: the networks inside the library.
import EmbeddedNetwork

/// One of the networks inside the library. Both label background, face and hair.
public enum BuiltInNetwork: Int, Sendable, CaseIterable {
    /// The better one, of 0.49 G multiply-adds a photo.
    case standard = 0
    /// For weak machines, of 0.13 G.
    case small = 1
}

extension Model {
    /// A network inside the library: background, face, hair. Nothing is copied: weights are packed from where
    /// they lie.
    ///
    ///     let model = try Model.builtIn()
    ///     print(model.info.classNames, model.info.license)
    ///     let small = try Model.builtIn(.small)
    ///     print(small.info.accuracy)
    ///
    /// - Parameters:
    ///   - network: Which of them.
    ///   - options: What is to differ from what the network says of itself.
    /// - Throws: ``FaceSegError/argument(_:)`` for options out of range.
    public static func builtIn(
        _ network: BuiltInNetwork = .standard, options: ModelOptions = ModelOptions()
    ) throws(FaceSegError) -> Model {
        var size = 0
        let bytes = fsk_embedded_network(Int32(network.rawValue), &size)
        let name = network == .standard ? "the built-in network" : "the small built-in network"
        // The small one finds heads for the other.
        let openSmall: FinderOpening = { () throws(FaceSegError) in try Model.builtIn(.small) }
        return try Model(
            source: StaticByteSource(
                name: name, bytes: UnsafeRawBufferPointer(start: bytes, count: size)),
            options: options, openFinder: network == .standard ? openSmall : nil)
    }
}
