// FaceTarget: bytes as a host's calls of the C face, in any order: models and sessions are opened, used and closed,
// arguments are odd, wrong or NULL. Each call must return a status with a message, keep to the memory that it was
// given, and leave the rest working. What the header calls undetectable, a closed handle, is not tried.
import CFaceSeg
import FaceSegC

func fuzzFace(_ bytes: [UInt8]) throws {
    let host = FaceHost(bytes)
    while !host.bytes.isEmpty {
        try host.callSomething()
        host.mayUseBuiltIn = false
    }
    host.closeAll()
}

/// A host with its handles.
final class FaceHost {
    struct OpenModel {
        let pointer: OpaquePointer
        /// Its file came out of the bytes: it may ask for anything, so its sessions are given little memory.
        let isOdd: Bool
    }

    final class OpenSession {
        let pointer: OpaquePointer
        /// What the last run left to be read; nil: no result.
        var image: FaceImage?
        /// Where its memory comes from, if not from malloc.
        let allocator: FaceAllocator?

        init(_ pointer: OpaquePointer, _ allocator: FaceAllocator?) {
            (self.pointer, self.allocator) = (pointer, allocator)
        }
    }

    var bytes: FuzzBytes
    private(set) var models: [OpenModel] = [], sessions: [OpenSession] = []
    /// The built-in network takes a hundred times what the others do: only an input's first call may use it.
    var mayUseBuiltIn = true
    /// Where sessions are told, which other threads may cancel.
    let registry: SessionRegistry?

    /// - models: opened by another host, which closes them.
    init(_ bytes: [UInt8], models: [OpenModel] = [], registry: SessionRegistry? = nil) {
        (self.bytes, self.models, self.registry) = (FuzzBytes(bytes), models, registry)
    }

    func callSomething() throws {
        switch bytes.pick(0...15) {
        case 0: try openModel()
        case 1: try openSession()
        case 2: closeModel()
        case 3: closeSession()
        case 4...6: try run()
        case 7: try fetch(pixel: 1, isFloat: false) { faceseg_get_labels($0, $1, $2) }
        case 8:
            let index =
                bytes.once(in: 8) ? Int32(truncatingIfNeeded: bytes.integer()) : Int32(bytes.pick(0...4))
            try fetch(pixel: 1, isFloat: bytes.bool()) { faceseg_get_probability($0, index, $1, $2) }
        case 9:
            let target =
                bytes.once(in: 8) ? Int32(truncatingIfNeeded: bytes.integer()) : Int32(bytes.pick(1...3))
            try fetch(pixel: 1, isFloat: bytes.bool()) { faceseg_get_alpha($0, target, $1, $2) }
        case 10: try fetch(pixel: 3, isFloat: false) { faceseg_get_overlay($0, $1, $2) }
        case 11, 12: try forward()
        case 13: try askModel()
        case 14: try segment()
        default: try bytes.bool() ? askLibrary() : fetchHeads()
        }
    }

    /// A session or, now and then, NULL.
    func anySession() -> OpenSession? { sessions.isEmpty || bytes.once(in: 16) ? nil : bytes.pick(sessions) }

    /// Calls a function with an error or, now and then, with NULL, and checks what it says.
    @discardableResult
    func call(_ body: (UnsafeMutablePointer<faceseg_error>?) -> faceseg_status) throws -> Bool {
        guard !bytes.once(in: 16) else { return body(nil) == FACESEG_OK }
        var error = faceseg_error()
        withUnsafeMutableBytes(of: &error) { $0.copyBytes(from: repeatElement(0xA5, count: $0.count)) }
        let status = body(&error)
        let message = withUnsafeBytes(of: error.message) { Array($0.prefix { $0 != 0 }) }
        try demand((0...8).contains(status) && error.status == status, "status \(status), \(error.status)")
        try demand(message.count < 512, "a message without an end")
        try demand(
            message.isEmpty == (status == FACESEG_OK), "status \(status) with \(message.count) bytes of text")
        try demand(String(validating: message, as: UTF8.self) != nil, "a message that is not UTF-8")
        return status == FACESEG_OK
    }
}

// Opening and closing.
extension FaceHost {
    func openModel() throws {
        var options = faceseg_model_options()
        faceseg_model_options_init(&options)
        let strings = FaceStrings()
        if bytes.once(in: 3) { change(&options, strings) }
        let given = FaceOptions(options, &bytes)
        var pointer: OpaquePointer? = OpaquePointer(bitPattern: 1)
        var isOdd = false
        let isOpen: Bool
        switch bytes.pick(0...7) {
        case 0 where mayUseBuiltIn && bytes.once(in: 24):
            isOpen = try call { faceseg_model_open_builtin(&pointer, $0) }
        case 1:
            let path = bytes.pick([strings.modelPath, strings.textPath, "/", "/nowhere.caffemodel", "\u{E9}"])
            isOpen = try call { faceseg_model_open(path, given.pointer, &pointer, $0) }
        case 2: return try openNothing()
        default:
            var file = bytes.pick(FaceModels.files)
            isOdd = bytes.once(in: 4)
            if isOdd { damage(&file) }
            let block = FaceBlock(file.count)
            block.start.copyMemory(from: file, byteCount: file.count)
            isOpen = try call {
                faceseg_model_open_memory(block.start, file.count, given.pointer, &pointer, $0)
            }
        }
        try demand(isOpen == (pointer != nil), "a model that is not as the status says")
        if let pointer { models.append(OpenModel(pointer: pointer, isOdd: isOdd)) }
        if models.count > 4 { closeModel() }
    }

    private func openNothing() throws {
        var pointer: OpaquePointer?
        try demand(!call { faceseg_model_open(nil, nil, &pointer, $0) }, "no path opens")
        try demand(!call { faceseg_model_open_memory(nil, 10, nil, &pointer, $0) }, "no bytes open")
        try demand(!call { faceseg_model_open_memory("", -1, nil, &pointer, $0) }, "less than no bytes open")
        try demand(!call { faceseg_model_open_memory("", 0, nil, nil, $0) }, "a model to nowhere opens")
        try demand(!call { faceseg_model_open_builtin(nil, $0) }, "a model to nowhere opens")
    }

    private func change(_ options: inout faceseg_model_options, _ strings: FaceStrings) {
        if bytes.once(in: 4) { options.prototxt_path = bytes.pick(strings.paths) }
        if bytes.once(in: 4) { options.mean = (bytes.float(), bytes.float(), bytes.float()) }
        if bytes.once(in: 4) { options.scale = bytes.float() }
        options.working_size = Int32(bytes.pick([0, 0, 1, 7, 16, 33, -1, -2, 4097]))
        options.reduce_size = Int32(bytes.pick([0, 0, 1, 5, 24, -1, -2, 4097]))
        if bytes.once(in: 4) { options.class_names = bytes.pick(strings.names) }
    }

    private func damage(_ file: inout [UInt8]) {
        for _ in 0..<bytes.pick(1...8) {
            let at = Int(bytes.byte()) | Int(bytes.byte()) << 8
            file[at % file.count] = bytes.byte()
        }
        if bytes.once(in: 4) { file.removeLast(Int(bytes.byte()) % file.count) }
    }

    func openSession() throws {
        guard !models.isEmpty else { return }
        var options = faceseg_session_options()
        faceseg_session_options_init(&options)
        options.threads = bytes.once(in: 8) ? bytes.pick([0, 2, 3, -1, 1025, 1024]) : 1
        options.memory_limit = bytes.pick([0, 0, 1 << 20, 100, 1, .max])
        if bytes.once(in: 4) {
            options.parallel_for = { context, task, argument, count in
                precondition(
                    context == nil || context == UnsafeMutableRawPointer(bitPattern: 7), "another context")
                for i in stride(from: count - 1, through: 0, by: -1) { task!(argument, i) }
            }
            options.parallel_for_context = UnsafeMutableRawPointer(bitPattern: 7)
        }
        let allocator = bytes.once(in: 4) ? FaceAllocator(failsEvery: bytes.pick([0, 2, 3, 7, 30])) : nil
        allocator?.offer(&options, isWhole: !bytes.once(in: 24))
        options.precision = bytes.pick([0, 1, 0, 1, 2])
        options.refinement = bytes.pick([1, 0, 2, 3, 0, 4])
        options.steady = bytes.pick([0, 1, -1])
        options.smallest_head = bytes.pick([0, -1, 8, 20, 4096, 7, 4097, -2])
        let model = bytes.once(in: 24) ? nil : bytes.pick(models)
        if model?.isOdd ?? false { options.memory_limit = 1 << 20 }
        let given = model?.isOdd ?? false ? nil : FaceOptions(options, &bytes)
        var pointer: OpaquePointer? = OpaquePointer(bitPattern: 1)
        let isOpen = try withUnsafePointer(to: options) { options in
            try call { faceseg_session_open(model?.pointer, given.map(\.pointer) ?? options, &pointer, $0) }
        }
        try demand(isOpen == (pointer != nil), "a session that is not as the status says")
        try demand(isOpen || allocator?.isAllBack ?? true, "no session, but memory of its host's")
        guard let pointer else { return }
        sessions.append(OpenSession(pointer, allocator))
        registry?.add(pointer)
        if sessions.count > 4 { closeSession() }
    }

    func closeModel() {
        guard !models.isEmpty else { return faceseg_model_close(nil) }
        faceseg_model_close(models.remove(at: Int(bytes.byte()) % models.count).pointer)
    }

    func closeSession() {
        guard !sessions.isEmpty else { return faceseg_session_close(nil) }
        close(sessions.remove(at: Int(bytes.byte()) % sessions.count))
    }

    func closeAll() {
        for model in models { faceseg_model_close(model.pointer) }
        closeSessions()
    }

    func closeSessions() {
        for session in sessions { close(session) }
        sessions = []
    }

    private func close(_ session: OpenSession) {
        if let registry { registry.close(session.pointer) } else { faceseg_session_close(session.pointer) }
        precondition(session.allocator?.isAllBack ?? true, "a session kept memory of its host's")
    }

    /// The one-call form.
    private func segment() throws {
        guard mayUseBuiltIn, bytes.once(in: 24) else { return }
        let image = FaceImage(&bytes), width = Int(image.image.width), height = Int(image.image.height)
        let out = FacePlane(
            width: max(width, 0), height: max(min(height, 16_384), 1), pixel: 1, isFloat: false, &bytes)
        var picture = image.image
        _ = try withExtendedLifetime(image) { try call { faceseg_segment(&picture, out.plane, $0) } }
    }
}
