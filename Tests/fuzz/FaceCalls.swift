// FaceCalls: what FaceTarget's host does with an open session: photos, results, tensors; and what it asks.
import CFaceSeg
import FaceSegC
import Glibc

// Photos.
extension FaceHost {
    func run() throws {
        guard let session = anySession() else {
            return try demand(!call { faceseg_run(nil, nil, nil, $0) }, "a photo runs in no session")
        }
        let image = FaceImage(&bytes)
        let progress = FaceProgress(
            session.pointer, cancels: bytes.once(in: 4) ? bytes.pick(0...3) : nil, byFlag: bytes.bool())
        let options = FaceOptions(runOptions(progress), &bytes)
        // Borrowed from here on; what a run before borrowed is ours again.
        session.image = nil
        var picture = image.image
        let isNull = bytes.once(in: 40)
        let isDone = try withExtendedLifetime(progress) {
            try withUnsafePointer(to: &picture) { picture in
                try call { faceseg_run(session.pointer, isNull ? nil : picture, options.pointer, $0) }
            }
        }
        if isDone { session.image = image }
    }

    private func runOptions(_ progress: FaceProgress) -> faceseg_run_options {
        var options = faceseg_run_options()
        faceseg_run_options_init(&options)
        options.orientation = bytes.pick([0, 0, 90, 180, 270, 45, -90])
        options.has_region = bytes.bool() ? 1 : 0
        let numbers = (0..<5).map { _ in bytes.bool() ? bytes.float() : Float(bytes.pick(0...60)) - 8 }
        options.region = faceseg_region(
            x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3], angle: numbers[4] * 6)
        if bytes.bool() {
            options.progress = { context, done in
                // A struct may end before the context.
                guard let context else { return 0 }
                return Unmanaged<FaceProgress>.fromOpaque(context).takeUnretainedValue().report(done)
            }
            options.progress_context = Unmanaged.passUnretained(progress).toOpaque()
        }
        return options
    }

    func fetch(
        pixel: Int, isFloat: Bool,
        _ body: (OpaquePointer?, faceseg_plane, UnsafeMutablePointer<faceseg_error>?) -> faceseg_status
    ) throws {
        let session = anySession(), image = session?.image?.image
        let out = FacePlane(
            width: Int(image?.width ?? 0), height: Int(image?.height ?? 0), pixel: pixel, isFloat: isFloat,
            &bytes)
        let isGiven = try call { body(session?.pointer, out.plane, $0) }
        guard isGiven else { return }
        try demand(image != nil, "a result of no run")
        try demand(out.areGapsUntouched, "bytes between rows were written")
        if bytes.once(in: 24), let session { faceseg_session_cancel(session.pointer) }
    }
}

extension FaceHost {
    /// The heads of a photo, with their numbers or without, into room for all of them or a few.
    func fetchHeads() throws {
        let capacity = bytes.pick([0, 1, 2, 255]),
            room = FaceBlock(capacity * MemoryLayout<faceseg_head>.stride)
        let heads = room.start.bindMemory(to: faceseg_head.self, capacity: capacity)
        var count = -1
        try fetch(pixel: 1, isFloat: false) { session, plane, error in
            withUnsafePointer(to: plane) { plane in
                faceseg_get_heads(session, capacity % 2 == 0 ? nil : plane, heads, capacity, &count, error)
            }
        }
        try demand((0...255).contains(count), "\(count) heads")
    }
}

/// A host's progress function: counts, and ends the run after some calls.
final class FaceProgress {
    private let session: OpaquePointer, cancels: Int?, byFlag: Bool
    private var calls = 0, last: Float = 0

    /// - byFlag: by faceseg_session_cancel, else by the answer.
    init(_ session: OpaquePointer, cancels: Int?, byFlag: Bool) {
        (self.session, self.cancels, self.byFlag) = (session, cancels, byFlag)
    }

    func report(_ done: Float) -> Int32 {
        precondition(done >= last && done <= 1, "progress went from \(last) to \(done)")
        last = done
        defer { calls += 1 }
        guard calls == cancels else { return 0 }
        if byFlag { faceseg_session_cancel(session) }
        return byFlag ? 0 : 1
    }
}

// Tensors.
extension FaceHost {
    func forward() throws {
        let session = anySession()
        var blocks: [FaceBlock] = []
        let tensors = (0..<bytes.pick([1, 1, 1, 2, 3])).map { _ in tensor(&blocks) }
        let count = bytes.once(in: 24) ? bytes.pick([0, -1, 1025, .max, .min]) : tensors.count
        let blob = bytes.pick([nil, nil, "score", "prob", "conv", "data", "nothing", ""] as [String?])
        var output = faceseg_tensor()
        let isDone = try withExtendedLifetime(blocks) {
            try withOptional(blob) { blob in
                try tensors.withUnsafeBufferPointer { tensors in
                    try call {
                        faceseg_forward(session?.pointer, tensors.baseAddress, count, blob, &output, $0)
                    }
                }
            }
        }
        guard isDone else { return }
        try demand((0...8).contains(output.rank), "an output of rank \(output.rank)")
        let sides = Self.sides(&output)
        try demand(sides.allSatisfy { $0 >= 1 }, "an output of \(sides)")
        let numbers = UnsafeBufferPointer(start: output.data, count: sides.reduce(1, *))
        // Reads every number: those that are not there are found here.
        try demand(numbers.reduce(0) { $0 &+ Int($1.bitPattern) } >= 0, "a sum of counts below 0")
    }

    /// A tensor with its numbers; one that must be refused may lack them.
    private func tensor(_ blocks: inout [FaceBlock]) -> faceseg_tensor {
        var tensor = faceseg_tensor()
        var sides = [1, 3, bytes.pick(1...16), bytes.pick(1...16)]
        if bytes.once(in: 4) { sides = (0..<bytes.pick(0...8)).map { _ in bytes.pick(1...4) } }
        if bytes.once(in: 8), !sides.isEmpty {
            sides[bytes.pick(0...7) % sides.count] = bytes.pick([0, -1, 1 << 40, .max, .min])
        }
        tensor.rank = bytes.once(in: 24) ? bytes.pick([-1, 9, .max, .min]) : Int32(sides.count)
        withUnsafeMutableBytes(of: &tensor.shape) { room in
            for (i, side) in sides.enumerated() {
                room.storeBytes(of: Int64(side), toByteOffset: i * 8, as: Int64.self)
            }
        }
        let isTaken = tensor.rank >= 0 && tensor.rank <= 8 && sides.allSatisfy { (1...64).contains($0) }
        blocks.append(FaceBlock(isTaken ? sides.reduce(4, *) : 4, fill: bytes.byte()))
        if !bytes.once(in: 40) {
            tensor.data = UnsafePointer(blocks.last!.start.assumingMemoryBound(to: Float.self))
        }
        return tensor
    }

    private static func sides(_ tensor: inout faceseg_tensor) -> [Int] {
        withUnsafeBytes(of: &tensor.shape) { room in
            (0..<Int(tensor.rank)).map { Int(room.load(fromByteOffset: $0 * 8, as: Int64.self)) }
        }
    }
}

// Questions.
extension FaceHost {
    func askModel() throws {
        let model = models.isEmpty || bytes.once(in: 8) ? nil : bytes.pick(models)
        let pointer = model?.pointer, count = faceseg_model_class_count(pointer)
        try demand(faceseg_model_parameter_count(pointer) >= 0 && count >= 0, "a count below 0")
        let index = bytes.once(in: 4) ? Int32(truncatingIfNeeded: bytes.integer()) : Int32(bytes.pick(0...7))
        let name = faceseg_model_class_name(pointer, index)
        try demand(
            (name != nil) == ((0..<count).contains(index) && count <= 256), "name \(index) of \(count)")
        let which = Int32(bytes.pick(-1...5)), text = faceseg_model_text(pointer, which)
        try demand((text != nil) == (model != nil && (0...4).contains(which)), "text \(which)")
        try demand(
            [name, text].allSatisfy { $0.map { String(validatingCString: $0) != nil } ?? true }, "not UTF-8")
    }

    func askLibrary() throws {
        let status = Int32(truncatingIfNeeded: bytes.integer())
        for text in [faceseg_status_name(status), faceseg_version_string(), faceseg_runtime_cpu()] {
            try demand(text.map { strlen($0) > 0 } ?? false, "a static string is missing")
        }
        _ = faceseg_runtime_openmp()
        try demand(faceseg_runtime_threads() >= 1 && faceseg_version() > 0, "no threads, or no version")
        faceseg_model_options_init(nil)
        faceseg_session_options_init(nil)
        faceseg_run_options_init(nil)
        faceseg_session_cancel(nil)
        faceseg_session_close(nil)
        faceseg_model_close(nil)
    }
}

/// C strings and files that live as long as this.
final class FaceStrings {
    /// Of FaceModels' first network.
    let modelPath: String, textPath: String
    private(set) var paths: [UnsafePointer<CChar>] = [], names: [UnsafePointer<CChar>] = []

    private static let files: (model: String, text: String) = {
        let folder = "/tmp/faceseg-fuzz-\(getpid())"
        mkdir(folder, 0o700)
        atexit {
            let folder = "/tmp/faceseg-fuzz-\(getpid())"
            for name in ["/net.caffemodel", "/net.prototxt"] { unlink(folder + name) }
            rmdir(folder)
        }
        for (name, bytes) in [
            ("net.caffemodel", FaceModels.files[0]), ("net.prototxt", Array(FaceModels.text.utf8)),
        ] {
            let file = fopen("\(folder)/\(name)", "w")
            fwrite(bytes, 1, bytes.count, file)
            fclose(file)
        }
        return ("\(folder)/net.caffemodel", "\(folder)/net.prototxt")
    }()

    init() {
        (modelPath, textPath) = Self.files
        paths = [Self.files.text, Self.files.model, "", "/nowhere"].map(Self.copy)
        names = ["background,face,hair", "", ",", "a,b,c,d,e,f,g,h", "face"].map(Self.copy)
        let notUTF8 = UnsafeMutablePointer<CChar>.allocate(capacity: 2)
        (notUTF8[0], notUTF8[1]) = (-1, 0)
        names.append(UnsafePointer(notUTF8))
    }

    deinit { for string in paths + names { string.deallocate() } }

    private static func copy(_ text: String) -> UnsafePointer<CChar> {
        let characters = text.utf8CString
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: characters.count)
        _ = copy.initialize(from: characters)
        return UnsafePointer(copy.baseAddress!)
    }
}

private func withOptional<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) throws -> Result) rethrows
    -> Result
{
    guard let text else { return try body(nil) }
    return try text.withCString(body)
}
