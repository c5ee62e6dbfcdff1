// Sample: one labelled photo of a data set. Not a batch: augmentation and the loader make those.

/// A photo and what each of its pixels is.
package struct Sample: Sendable, Equatable {
    /// For messages and reports: the file's name without its ending.
    package var name: String
    package var width: Int, height: Int
    /// `[height, width, 3]`, red first.
    package var pixels: [UInt8]
    /// `[height, width]`: a class, or ``ignored``, or ``not(_:)`` of a class.
    package var labels: [UInt8]

    /// - Precondition: the arrays have the sides' sizes.
    package init(name: String, width: Int, height: Int, pixels: [UInt8], labels: [UInt8]) {
        precondition(pixels.count == 3 * width * height && labels.count == width * height)
        (self.name, self.width, self.height) = (name, width, height)
        (self.pixels, self.labels) = (pixels, labels)
    }

    /// The label of a pixel that is neither trained on nor judged, as in Caffe's files.
    package static let ignored: UInt8 = 255

    /// The label of a pixel of which nothing is known but that it is not of this class: of a set that knows hair
    /// and not hair, say. Classes are below 64.
    package static func not(_ class: UInt8) -> UInt8 { 128 + `class` }

    /// The class that a pixel with this label is known not to be of, if that is all that is known.
    package static func excluded(by label: UInt8) -> UInt8? {
        (128..<192).contains(label) ? label - 128 : nil
    }
}
