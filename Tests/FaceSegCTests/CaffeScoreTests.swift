// CaffeScoreTests: every net in the fixtures gives Caffe's own score through the C face. Nets are found by their
// files, never by a list of names, so that a net dropped in is tested.
import CFaceSeg
import FaceSegC
import Foundation
import Media
import Testing

/// Where fixtures lie: the small ones here, all of them under FACESEG_FIXTURES or ../shared/fixtures.
enum Fixtures {
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let small = package.appending(path: "Tests/FaceSegCTests/Fixtures/inference")
    static let all = URL(
        filePath: ProcessInfo.processInfo.environment["FACESEG_FIXTURES"]
            ?? package.appending(path: "../shared/fixtures").path()
    ).appending(path: "inference")

    static let hasAll = FileManager.default.fileExists(atPath: all.path())

    struct Net: CustomTestStringConvertible, Sendable {
        let base: String
        var testDescription: String { base.split(separator: "/").last.map(String.init) ?? base }
        func file(_ ending: String) -> String { "\(base).\(ending)" }
    }

    /// Nets that have all four files.
    static func nets(in folder: URL) -> [Net] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { $0.hasSuffix(".score.npy") }.sorted().map {
            Net(base: folder.appending(path: String($0.dropLast(".score.npy".count))).path())
        }.filter { net in
            ["prototxt", "caffemodel", "input.npy"].allSatisfy {
                FileManager.default.fileExists(atPath: net.file($0))
            }
        }
    }
}

/// Largest difference as a part of the largest value.
func relativeError(_ got: [Float], _ wanted: [Float]) -> Float {
    let largest = wanted.reduce(0) { max($0, abs($1)) }
    return zip(got, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } / max(largest, .leastNormalMagnitude)
}

struct CaffeScoreTests {
    /// 2e-5 is what the fixtures ask of direct convolutions.
    private func check(_ net: Fixtures.Net) throws {
        let input = try NumpyArray.read(path: net.file("input.npy"))
        let wanted = try NumpyArray.read(path: net.file("score.npy"))
        let model = try HostModel(path: net.file("caffemodel"), prototxt: net.file("prototxt"))
        let got = try HostSession(model).forward(input.floats, shape: input.shape, blob: "score")
        #expect(got.shape == wanted.shape)
        let error = relativeError(got.numbers, wanted.floats)
        #expect(error <= 2e-5, "\(net.testDescription): \(error)")
        print("fixture \(net.testDescription): largest error \(error)")
    }

    @Test(arguments: Fixtures.nets(in: Fixtures.small))
    func smallNet(_ net: Fixtures.Net) throws { try check(net) }

    @Test(
        .enabled(if: Fixtures.hasAll, "no fixtures at \(Fixtures.all.path())"),
        arguments: Fixtures.nets(in: Fixtures.all))
    func net(_ net: Fixtures.Net) throws { try check(net) }

    @Test func smallNetsAreThere() { #expect(Fixtures.nets(in: Fixtures.small).count >= 8) }
}
