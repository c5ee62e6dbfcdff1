// BuiltIn: the network inside the library.
import EmbeddedNetwork

extension Model {
    /// The network inside the library: background, face, hair. Nothing is copied: weights are packed from where
    /// they lie.
    ///
    ///     let model = try Model.builtIn()
    ///     print(model.info.classNames, model.info.license)
    ///
    /// - Parameter options: What is to differ from what the network says of itself.
    /// - Throws: ``FaceSegError/argument(_:)`` for options out of range.
    public static func builtIn(options: ModelOptions = ModelOptions()) throws(FaceSegError) -> Model {
        var size = 0
        let bytes = fsk_embedded_network(&size)
        return try Model(
            source: StaticByteSource(
                name: "the built-in network", bytes: UnsafeRawBufferPointer(start: bytes, count: size)),
            options: options)
    }
}
