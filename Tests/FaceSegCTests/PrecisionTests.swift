// PrecisionTests: fast mode against Caffe's own scores and against exact mode, and where its weights come from.
import CFaceSeg
import FaceSegC
import Foundation
import Media
import Testing

@testable import FaceSegKit

struct PrecisionTests {
    /// Of the largest score. Ours, not Caffe's: products of 16 bits have 2^-8 each.
    private static let most: Float = 0.02

    private static let nets = Fixtures.nets(in: Fixtures.small) + Fixtures.nets(in: Fixtures.all)

    @Test(arguments: nets)
    func scores(_ net: Fixtures.Net) throws {
        let input = try NumpyArray.read(path: net.file("input.npy"))
        let wanted = try NumpyArray.read(path: net.file("score.npy"))
        let model = try HostModel(path: net.file("caffemodel"), prototxt: net.file("prototxt"))
        func scores(_ threads: Int32, _ precision: Int) throws -> [Float] {
            let session = try HostSession(model) { ($0.threads, $0.precision) = (threads, Int32(precision)) }
            return try session.forward(input.floats, shape: input.shape, blob: "score").numbers
        }
        let fast = try scores(2, FACESEG_FAST)
        let error = relativeError(fast, wanted.floats)
        #expect(error <= Self.most, "\(net.testDescription): \(error)")
        for threads: Int32 in [1, 3] {
            let same = try scores(threads, FACESEG_FAST) == fast
            #expect(same, "\(net.testDescription) with \(threads) threads")
        }
        print("fixture \(net.testDescription): largest error of fast mode \(error)")
    }

    /// So that the tests above are not of exact mode by another name.
    @Test(.enabled(if: Self.hasFastKernels, "this processor has no products of 16 bits"))
    func isAnotherMode() throws {
        let plan = try PlanSummary(.builtIn(), precision: .fast), exact = try PlanSummary(.builtIn())
        let fast = plan.steps.filter { $0.kernel.contains("bfloat16") || $0.kernel.contains("16 bits") }
        // Where bfloat16 is slow, only what Winograd transforms takes 16 bits.
        let isQuick = fast.contains { $0.kernel.contains("bfloat16") }
        #expect(isQuick == Self.isAMD)
        #expect(fast.reduce(0) { $0 + $1.products } > plan.products * (isQuick ? 8 : 1) / 10)
        #expect(!exact.steps.contains { step in fast.contains { $0.kernel == step.kernel } })
    }

    private static let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    private static let isAMD = processor.contains("AuthenticAMD")
    private static let hasFastKernels =
        Runtime.cpu == "avx512" && processor.contains("avx512_bf16") && processor.contains("avx512_vnni")

    /// The rule for fast mode: the same label on 99.5 % of a photo's pixels.
    @Test func labelsOfAPhoto() throws {
        let path = Fixtures.package.appending(path: "examples/photos/astronaut.png").path()
        let photo = try Photo.read(path: path), model = try Model.builtIn()
        func labels(_ precision: Precision) throws -> [UInt8] {
            let segmenter = try Segmenter(model, precision: precision)
            return try segmenter.segment(photo.pixels.span, width: photo.width, height: photo.height).pixels
        }
        let exact = try labels(.exact), fast = try labels(.fast)
        let same = zip(exact, fast).count { $0 == $1 }
        #expect(Double(same) >= 0.995 * Double(exact.count), "\(same) of \(exact.count)")
    }

    @Test func anUnknownPrecision() throws {
        let model = try HostModel(builtIn: ())
        let failure = #expect(throws: CFailure.self) { try HostSession(model) { $0.precision = 2 } }
        #expect(failure?.message == "precision 2 is neither FACESEG_EXACT nor FACESEG_FAST")
    }

    /// The file is read again for the second precision; another in its place is noticed. Where fast mode has no kernels
    /// of its own it has all weights already.
    @Test(.enabled(if: Self.hasFastKernels, "this processor has no products of 16 bits"))
    func bothFromAFile() throws {
        let net = Fixtures.small.appending(path: "fcn8s_unpacked.caffemodel").path()
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).caffemodel").path()
        try FileManager.default.copyItem(atPath: net, toPath: path)
        defer { unlink(path) }
        let model = try HostModel(path: path), replaced = try HostModel(path: path)
        _ = try HostSession(model)
        _ = try HostSession(replaced)
        _ = try HostSession(model) { $0.precision = Int32(FACESEG_FAST) }
        unlink(path)
        let lost = #expect(throws: CFailure.self) {
            try HostSession(replaced) { $0.precision = Int32(FACESEG_FAST) }
        }
        try FileManager.default.copyItem(atPath: net, toPath: path)
        let changed = #expect(throws: CFailure.self) {
            try HostSession(replaced) { $0.precision = Int32(FACESEG_FAST) }
        }
        #expect(lost?.message == "\(path): cannot be opened: No such file or directory")
        #expect(changed?.message == "\(path): the file changed after it was opened: open the model again")
    }

    /// Of this net some blob may still want weights that no session has packed: its file stays open.
    @Test func fileThatIsStillWanted() throws {
        let net = Fixtures.small.appending(path: "light_unet.caffemodel").path()
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).caffemodel").path()
        try FileManager.default.copyItem(atPath: net, toPath: path)
        let model = try HostModel(path: path)
        _ = try HostSession(model)
        unlink(path)
        _ = try HostSession(model) { $0.precision = Int32(FACESEG_FAST) }
    }

    /// Bytes, where no output can fold other layers, are kept for one precision only, and it is said what to do.
    @Test(.enabled(if: Self.hasFastKernels, "this processor has no products of 16 bits"))
    func bothFromMemory() throws {
        let net = Fixtures.small.appending(path: "fcn8s_unpacked.caffemodel").path()
        let model = try HostModel(bytes: Array(Data(contentsOf: URL(filePath: net))))
        _ = try HostSession(model)
        let failure = #expect(throws: CFailure.self) {
            try HostSession(model) { $0.precision = Int32(FACESEG_FAST) }
        }
        #expect(failure?.message.contains("open the model again") == true)
        let again = try HostModel(bytes: Array(Data(contentsOf: URL(filePath: net))))
        _ = try HostSession(again) { $0.precision = Int32(FACESEG_FAST) }
    }
}
