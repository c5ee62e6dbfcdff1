// SegmenterTests: opening with options and from memory, numbers in and out, cancelling: what Swift users call beside
// photos.
import Foundation
import Testing

@testable import FaceSegKit

struct SegmenterTests {
    private static let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
    private static let net = folder + "/FaceSegCTests/Fixtures/inference/ops_scale"

    @Test func builtInWithOptions() throws {
        let plain = try Model.builtIn()
        #expect(plain.info.classNames == ["background", "face", "hair"])
        let changed = try Model.builtIn(
            options: ModelOptions(workingSize: 128, classNames: ["ground", "skin", "hair"]))
        #expect(changed.info.classNames == ["ground", "skin", "hair"])
        #expect(changed.preprocessing.workingSize == 128 && plain.preprocessing.workingSize != 128)
        #expect(changed.preprocessing.mean == plain.preprocessing.mean)
        #expect(throws: FaceSegError.self) { try Model.builtIn(options: ModelOptions(workingSize: 5000)) }
        #expect(throws: FaceSegError.self) { try Model.builtIn(options: ModelOptions(scale: .infinity)) }
    }

    @Test func theSmallOneTakesAQuarterOfTheArithmetic() throws {
        let small = try Model.builtIn(.small), standard = try Model.builtIn()
        #expect(small.info.classNames == standard.info.classNames && small.info.name != standard.info.name)
        #expect(small.info.license == standard.info.license)
        #expect(small.preprocessing == standard.preprocessing)
        let sums = try [small, standard].map { try ModelSummary($0).multiplyAdds }
        #expect(sums[0] <= 150_000_000 && sums[1] <= 600_000_000)
        #expect(small.parameterCount < standard.parameterCount && standard.parameterCount <= 1_600_000)
    }

    @Test func fromMemory() throws {
        let bytes = try CaffeFiles.bytes(Self.net + ".caffemodel")
        let model = try Model.open(bytes: bytes.span)
        #expect(try model.parameterCount == Model.open(path: Self.net + ".caffemodel").parameterCount)
        #expect(throws: FaceSegError.self) { try Model.open(bytes: bytes.span.extracting(..<20)) }
        #expect(throws: FaceSegError.self) { try Model.open(bytes: [UInt8]().span) }
    }

    @Test func forwardWithOwnedBlobs() throws {
        let model = try Model.open(path: Self.net + ".caffemodel"), segmenter = try Segmenter(model)
        let shape = try #require(ModelSummary(model).inputs.first?.shape)
        var random = SystemRandomNumberGenerator()
        let numbers = (0..<shape.count).map { _ in Float.random(in: -1...1, using: &random) }
        let score = try segmenter.forward([Blob(numbers, shape: shape.dimensions)])
        let (wanted, wantedShape) = try numbers.withUnsafeBufferPointer { numbers in
            try segmenter.forward([(numbers: numbers, shape: shape.dimensions)]) { (Array($0), $1) }
        }
        #expect((score.numbers == wanted) as Bool)
        #expect(score.shape == wantedShape && score.numbers.count == score.shape.count)
        #expect(throws: FaceSegError.argument("5 numbers for an input of 2 x 3")) {
            try Blob([Float](repeating: 0, count: 5), shape: [2, 3])
        }
        #expect(throws: FaceSegError.argument("0 inputs for a network that has 1")) {
            try segmenter.forward([])
        }
    }

    @Test func cancellingFromAnotherThread() throws {
        let segmenter = try Segmenter(Model.builtIn())
        let photo = [UInt8](repeating: 100, count: 64 * 64 * 3)
        let cancellation = segmenter.cancellation
        var shares: [Float] = []
        // The other thread has cancelled for sure when the first step is reported.
        #expect(throws: FaceSegError.cancelled) {
            try segmenter.run(photo.span, width: 64, height: 64) { share in
                shares.append(share)
                let done = DispatchSemaphore(value: 0)
                Thread.detachNewThread {
                    cancellation.cancel()
                    done.signal()
                }
                done.wait()
                return true
            }
        }
        #expect(shares.count < 3 && shares[0] < 0.5)
        #expect(throws: FaceSegError.noResult) { try segmenter.labels() }
        // Without a run, it is about nothing.
        cancellation.cancel()
        #expect(try segmenter.segment(photo.span, width: 64, height: 64).pixels.count == 64 * 64)
        cancellation.cancel()
        _ = try segmenter.labels()
    }

    @Test func progressCannotRunItsOwnSegmenter() throws {
        let segmenter = try Segmenter(Model.builtIn()), other = try Segmenter(segmenter.model)
        let photo = [UInt8]((0..<64 * 64 * 3).map { UInt8($0 * 7 % 251) })
        let wanted = try segmenter.segment(photo.span, width: 64, height: 64)
        var refused = 0
        try segmenter.run(photo.span, width: 64, height: 64) { _ in
            do throws(FaceSegError) {
                try segmenter.run(photo.span, width: 32, height: 32)
            } catch {
                refused += "\(error)".hasPrefix("the session is busy") ? 1 : 0
            }
            return (try? other.segment(photo.span, width: 32, height: 32)) != nil
        }
        let labels = try segmenter.labels()
        #expect(refused > 3 && (labels.pixels == wanted.pixels) as Bool)
    }

    @Test func cancellingInAJob() throws {
        let segmenter = try Segmenter(Model.builtIn())
        let photo = [UInt8](repeating: 100, count: 64 * 64 * 3)
        segmenter.cancellation.cancel()
        segmenter.beginJob()
        try segmenter.run(photo.span, width: 64, height: 64)
        segmenter.cancellation.cancel()
        #expect(throws: FaceSegError.cancelled) { try segmenter.labels() }
        #expect(throws: FaceSegError.cancelled) {
            try segmenter.run(photo.span, width: 64, height: 64) { _ in
                Issue.record("a step ran")
                return true
            }
        }
        segmenter.endJob()
        try segmenter.run(photo.span, width: 64, height: 64)
        _ = try segmenter.labels()
    }
}
