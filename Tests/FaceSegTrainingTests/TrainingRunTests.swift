// Whole runs on drawn faces: what is learned, what is written, and that a break changes nothing.
import Foundation
import Media
import Testing

@testable import FaceSegKit
@testable import FaceSegTraining

/// A folder with discs on grounds, class 1 and 0, and a net for them.
private final class Discs {
    let folder = FileManager.default.temporaryDirectory.path + "/faceseg-run-\(UUID().uuidString)"

    init() throws {
        for (split, count) in [("train", 12), ("val", 4)] {
            for kind in ["images", "masks"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(kind)/\(split)", withIntermediateDirectories: true)
            }
            for i in 0..<count { try draw(i, split) }
        }
        try write("net.prototxt", net)
        try write("solver.prototxt", solver)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }

    private func draw(_ index: Int, _ split: String) throws {
        var random = SplitMix(seed: UInt64(index), stream: split)
        let side = 24, x = 6 + random.uniform() * 12, y = 6 + random.uniform() * 12
        let radius = 3 + random.uniform() * 5
        let ground = UInt8(random.uniform() * 90), disc = UInt8(150 + random.uniform() * 90)
        var labels = [UInt8](repeating: 0, count: side * side), pixels: [UInt8] = []
        for i in labels.indices {
            let dx = Float(i % side) - x, dy = Float(i / side) - y
            if dx * dx + dy * dy < radius * radius { labels[i] = 1 }
            pixels += [UInt8](repeating: labels[i] == 1 ? disc : ground, count: 3)
        }
        let photo = try encodePNG(width: side, height: side, channels: 3, pixels: pixels)
        let mask = try encodePNG(width: side, height: side, channels: 1, pixels: labels)
        try Data(photo).write(to: URL(fileURLWithPath: "\(folder)/images/\(split)/\(index).png"))
        try Data(mask).write(to: URL(fileURLWithPath: "\(folder)/masks/\(split)/\(index).png"))
    }

    private var net: String {
        """
        layer { name: "data" type: "Python" top: "data" top: "label" include { phase: TRAIN } python_param {
          module: "m" layer: "L" param_str: "{'disc_dir': '\(folder)', 'split': 'train', 'mean': (127, 127, 127)}" } }
        layer { name: "data" type: "Python" top: "data" top: "label" include { phase: TEST } python_param {
          module: "m" layer: "L" param_str: "{'disc_dir': '\(folder)', 'split': 'val', 'mean': (127, 127, 127)}" } }
        layer { name: "c" type: "Convolution" bottom: "data" top: "c"
          convolution_param { num_output: 16 kernel_size: 3 pad: 1 weight_filler { type: "xavier" } } }
        layer { name: "n" type: "BatchNorm" bottom: "c" top: "c" batch_norm_param { moving_average_fraction: 0.9 } }
        layer { name: "r" type: "ReLU" bottom: "c" top: "c" }
        layer { name: "d" type: "Dropout" bottom: "c" top: "c" dropout_param { dropout_ratio: 0.2 } }
        layer { name: "score" type: "Convolution" bottom: "c" top: "score"
          convolution_param { num_output: 2 kernel_size: 3 pad: 1 weight_filler { type: "xavier" } } }
        layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
        layer { name: "right" type: "Accuracy" bottom: "score" bottom: "label" top: "right" include { phase: TRAIN } }
        """
    }

    private var solver: String {
        """
        net: "net.prototxt" test_iter: 4 test_interval: 20 base_lr: 0.05 momentum: 0.9 lr_policy: "fixed" max_iter: 60
        display: 10 snapshot: 20 snapshot_prefix: "\(folder)/disc" iter_size: 2 test_initialization: false
        """
    }

    func run(_ change: (inout TrainingRunOptions) -> Void = { _ in }) throws -> TrainingRun {
        var options = TrainingRunOptions()
        change(&options)
        return try TrainingRun(SolverFiles(path: "\(folder)/solver.prototxt"), options)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
}

extension TrainingRun {
    fileprivate var bits: [[UInt32]] { solver.net.parameters.map { $0.numbers.map(\.bitPattern) } }
}

@Suite struct TrainingRunTests {
    @Test func learnsAndWrites() throws {
        let discs = try Discs()
        let run = try discs.run { $0.keptSnapshots = 2 }
        var validations: [ValidationReport] = [], accuracies: [Float] = []
        var csv = try CSVLog(
            path: discs.folder + "/log.csv", classes: run.classNames, display: 10, goingOn: 0)
        var plot = TrainingPlot(
            path: discs.folder + "/training.svg", title: "<discs>", classes: run.classNames, display: 10)
        var lines: [String] = []
        var caffe = CaffeLog(run.solver.settings, iteration: 0, name: run.name) { lines.append($0) }
        try run.run { (event) throws(FaceSegError) in
            try csv.see(event)
            try plot.see(event)
            caffe.see(event)
            if case .validation(let report) = event { validations.append(report) }
            if case .iteration(let report) = event {
                accuracies.append(report.outputs.first { $0.name == "right" }!.values[0])
            }
        }
        #expect(validations.map(\.iteration) == [20, 40, 60])
        #expect(validations.last!.matrix.f1(of: 1)! > 0.9)
        #expect(accuracies.count == 60 && accuracies.last! > 0.9)
        // The last two, and the best.
        #expect(!discs.exists("disc_iter_20.solverstate") && discs.exists("disc_iter_40.caffemodel"))
        #expect(discs.exists("disc_iter_60.solverstate") && discs.exists("disc_best.caffemodel"))
        let log = try String(contentsOfFile: discs.folder + "/log.csv", encoding: .utf8).split(
            separator: "\n")
        #expect(log.count == 1 + 6 + 3)
        #expect(
            log[1].hasPrefix("10,")
                && log.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 13 })
        let svg = try String(contentsOfFile: discs.folder + "/training.svg", encoding: .utf8)
        #expect(svg.contains("&lt;discs&gt;") && svg.contains("<polyline") && !svg.contains("nan"))
        // What Caffe's parse_log.py looks for.
        let shown = lines.joined(separator: "\n")
        for pattern in [
            #"Iteration 10 \(.* iter/s, .*s/10 iters\), loss = [0-9.e-]+"#, #"Iteration 50, lr = 0\.05"#,
            #"Train net output #0: loss = [0-9.e-]+ \(\* 1 = [0-9.e-]+ loss\)"#,
            #"Train net output #1: right = [0-9.]+"#, #"Iteration 40, Testing net \(#0\)"#, "Solving",
        ] {
            #expect(try shown.contains(Regex(pattern)), "\(pattern)")
        }
    }

    @Test func aBreakChangesNothing() throws {
        let whole = try Discs(), broken = try Discs()
        let undisturbed = try whole.run()
        try undisturbed.run { _ in }
        var done = 0
        let first = try broken.run { $0.threads = 1 }
        try first.run(isStopped: { done >= 33 }) { event in if case .iteration = event { done += 1 } }
        #expect(first.solver.iteration == 33)
        let state = latestSnapshot(prefix: broken.folder + "/disc")
        #expect(state == broken.folder + "/disc_iter_33.solverstate")
        let second = try broken.run { $0.snapshot = state }
        try second.run { _ in }
        #expect(second.bits == undisturbed.bits)
    }

    /// A wrong bit in any file of the latest snapshot, or a torn one: the one before is taken, and ends in the same bits.
    @Test(arguments: [".caffemodel", ".solverstate", ".sha256"], [false, true])
    func damagedSnapshots(_ ending: String, _ isTorn: Bool) throws {
        let discs = try Discs()
        let undisturbed = try discs.run()
        try undisturbed.run { _ in }
        let latest = discs.folder + "/disc_iter_60", before = discs.folder + "/disc_iter_40.solverstate"
        #expect(latestSnapshot(prefix: discs.folder + "/disc") == latest + ".solverstate")
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: latest + ending)))
        if isTorn { bytes.removeLast(bytes.count / 3) } else { bytes[bytes.count / 2] ^= 4 }
        try Data(bytes).write(to: URL(fileURLWithPath: latest + ending))
        var told: [String] = []
        let chosen = latestSnapshot(prefix: discs.folder + "/disc") { told.append("\($0)") }
        #expect(chosen == before)
        #expect(told.count == 1 && told[0].contains("disc_iter_60") && told[0].contains("damaged"), "\(told)")
        #expect(throws: FaceSegError.self) { try discs.run { $0.snapshot = latest + ".solverstate" } }
        let again = try discs.run { $0.snapshot = chosen }
        try again.run { _ in }
        #expect(again.bits == undisturbed.bits)
    }

    /// As FIPS 180-4's examples and NIST's long message have it; in pieces of any length.
    @Test func sums() {
        let known = [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ]
        for (text, digest) in known {
            for length in [1, 63, 64, 65, 1_000_000] where text.count < 1000 || length > 1000 {
                var sum = SHA256(), rest = Array(text.utf8)[...]
                while !rest.isEmpty {
                    Array(rest.prefix(length)).withUnsafeBytes { sum.add($0) }
                    rest = rest.dropFirst(length)
                }
                #expect(sum.digest() == digest)
            }
        }
    }

    @Test func brokenSamples() throws {
        let discs = try Discs()
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: discs.folder + "/images/train/3.png"))
        var skipped: [String] = []
        let run = try discs.run { $0.iterations = 12 }
        try run.run { event in if case .skipped(let error) = event { skipped.append("\(error)") } }
        #expect(!skipped.isEmpty && skipped.allSatisfy { $0.contains("images/train/3.png") })
        let strict = try discs.run {
            $0.iterations = 60
            $0.broken = .fatal
        }
        #expect(throws: FaceSegError.self) { try strict.run { _ in } }
    }

    @Test func wrongSolvers() throws {
        let discs = try Discs()
        for (text, part) in [
            ("net: \"none.prototxt\"", "none.prototxt"), ("base_lr: 1", "train_net"),
            ("net: \"net.prototxt\" type: \"Lion\"", "Lion"),
            ("net: \"net.prototxt\" lr_policy: \"x\"", "lr_policy"),
            ("net: \"net.prototxt\" lr_policy: \"step\"", "stepsize"),
            ("net: \"net.prototxt\" iter_size: 0", "iter_size"),
        ] {
            try text.write(toFile: discs.folder + "/solver.prototxt", atomically: true, encoding: .utf8)
            let error = #expect(throws: FaceSegError.self) { try discs.run() }
            #expect("\(error!)".contains(part), "\(text): \(error!)")
        }
    }
}
