// Weight: a blob of trained numbers that a layer owns, and where they come from. Not the numbers: those are
// read when they are packed, straight into their packed form.

/// Where the numbers of a weight come from. Caffe's files are one such place, fillers another.
package protocol WeightContent: Sendable {
    /// Reads elements `range` into the front of `into`. Any thread.
    func read(_ range: Range<Int>, into: UnsafeMutableBufferPointer<Float>) throws(FaceSegError)
    /// Fails if what was read may have changed meanwhile.
    func checkUnchanged() throws(FaceSegError)
}

/// One blob of a layer: its shape and where its numbers lie.
package struct Weight: Sendable {
    /// As stored: old Caffe files put ones in front.
    package let dimensions: [Int]
    package let content: any WeightContent

    /// Numbers that are there: none where only a prototxt was opened.
    var count: Int { content is MissingWeight ? 0 : dimensions.reduce(1, *) }

    /// Whether the numbers agree with `wanted`, apart from leading ones (Caffe's `Blob::ShapeEquals`).
    func fits(_ wanted: [Int]) -> Bool {
        content is MissingWeight || dimensions.drop { $0 == 1 }.elementsEqual(wanted.drop { $0 == 1 })
    }

    /// A quarter of a gigabyte: more than any bias or deconvolution has.
    private static let mostAtOnce = 1 << 26

    /// All numbers, for the small ones: biases, means, gains, deconvolutions.
    func readAll() throws(FaceSegError) -> [Float] {
        guard count <= Weight.mostAtOnce else {
            throw .memory(
                needed: count * 4, reason: "weights \(Shape.text(dimensions)) that are read at once")
        }
        var numbers = [Float](repeating: 0, count: count)
        // withUnsafeMutableBufferPointer rethrows untyped errors, so the error leaves by the result.
        let result = numbers.withUnsafeMutableBufferPointer { buffer -> Result<Void, FaceSegError> in
            do throws(FaceSegError) {
                try content.read(0..<buffer.count, into: buffer)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
        try content.checkUnchanged()
        return numbers
    }
}

/// A weight that the file lacks and the layer's filler gives: a constant, or bilinear interpolation.
///
/// Source: Caffe `filler.hpp`. The bilinear kernel goes into every pair of channels, as Caffe does it.
package struct FilledWeight: WeightContent {
    package enum Filler: Sendable { case constant(Float), bilinear(height: Int, width: Int) }
    let filler: Filler

    package init(filler: Filler) { self.filler = filler }

    package func read(_ range: Range<Int>, into: UnsafeMutableBufferPointer<Float>) throws(FaceSegError) {
        for (slot, i) in range.enumerated() { into[slot] = value(i) }
    }

    package func checkUnchanged() throws(FaceSegError) {}

    private func value(_ i: Int) -> Float {
        switch filler {
        case .constant(let value): value
        case .bilinear(let height, let width):
            FilledWeight.bilinear(i / width % height, size: width)
                * FilledWeight.bilinear(i % width, size: width)
        }
    }

    /// w(i) = 1 - |i / f - c|, f = ceil(k / 2), c = (k - 1) / (2 f).
    private static func bilinear(_ i: Int, size: Int) -> Float {
        let f = Float((size + 1) / 2)
        let c = Float(size - 1) / (2 * f)
        return 1 - abs(Float(i) / f - c)
    }
}

/// Stands in for weights where a prototxt is looked at without a model; running it is an error.
struct MissingWeight: WeightContent {
    let layer: String
    func read(_ range: Range<Int>, into: UnsafeMutableBufferPointer<Float>) throws(FaceSegError) {
        throw .network(layer: layer, reason: "has no weights: only a prototxt was opened")
    }
    func checkUnchanged() throws(FaceSegError) {}
}

/// Stands in for weights that were packed, so that their file can be closed. Their shapes are still checked.
struct PackedAwayWeight: WeightContent {
    func read(_ range: Range<Int>, into: UnsafeMutableBufferPointer<Float>) throws(FaceSegError) {
        throw .network(
            layer: "",
            reason:
                "its weights were packed for another precision and their bytes let go: open the model again")
    }
    func checkUnchanged() throws(FaceSegError) {}
}
