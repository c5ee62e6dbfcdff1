// Fixtures: what Caffe's own solvers and layers gave, where that is at hand.
import Foundation
import Media
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

enum Fixtures {
    static let folder =
        (ProcessInfo.processInfo.environment["FACESEG_FIXTURES"] ?? "../shared/fixtures") + "/training"
    static let areThere = FileManager.default.fileExists(atPath: folder + "/README.md")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }

    static func net(_ name: String) throws -> Message {
        try readNetParameter(text: bytes(name), name: name)
    }

    static func net(text: String) throws -> Message {
        try readNetParameter(text: Array(text.utf8), name: "net")
    }

    static func arrays(_ name: String) throws -> [String: NumpyArray] {
        try NumpyArchive.read(path: "\(folder)/\(name)")
    }

    static func json(_ name: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(bytes(name))) as! [String: Any]
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// Takes an array's numbers.
    func set(_ array: NumpyArray) {
        precondition(array.floats.count == count)
        _ = update(fromContentsOf: array.floats)
    }
}

/// Norm of the difference over norm of what is wanted; the difference's own where that is zero.
func difference(_ got: some Collection<Float>, _ want: [Float]) -> Double {
    guard got.count == want.count else { return .infinity }
    var above = 0.0, below = 0.0
    for (g, w) in zip(got, want) {
        above += (Double(g) - Double(w)) * (Double(g) - Double(w))
        below += Double(w) * Double(w)
    }
    return below == 0 ? above.squareRoot() : (above / below).squareRoot()
}
