// BuiltIn: the network inside the library.
import EmbeddedNetwork

extension Model {
    /// The network inside the library: background, face, hair. Nothing is copied: weights are packed from where
    /// they lie.
    public static func builtIn() throws(FaceSegError) -> Model {
        var size = 0
        let bytes = fsk_embedded_network(&size)
        return try Model(
            source: StaticByteSource(
                name: "the built-in network", bytes: UnsafeRawBufferPointer(start: bytes, count: size)))
    }
}
