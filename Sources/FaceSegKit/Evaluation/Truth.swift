// Truth: what a data set's label says of a pixel. What was found there is no business of this file.

/// What is known of a pixel.
package enum Truth: Equatable, Sendable {
    case isClass(Int)
    /// That it is not of this class, and no more.
    case isNot(Int)
    case nothing

    /// - Parameter label: A class; 128 + k: not class k; any other number, 255 by custom: nothing.
    package init(_ label: UInt8, classes: Int) {
        let label = Int(label), excluded = label - 128
        if label < classes {
            self = .isClass(label)
        } else if (0..<min(classes, 64)).contains(excluded) {
            self = .isNot(excluded)
        } else {
            self = .nothing
        }
    }

    /// Of all labels there are.
    static func table(classes: Int) -> [Truth] { (0...255).map { Truth(UInt8($0), classes: classes) } }
}
