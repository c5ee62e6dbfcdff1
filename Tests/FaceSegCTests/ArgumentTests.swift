// ArgumentTests: whatever a host passes, it gets a status and a message that says what, where, what to do.
import CFaceSeg
import FaceSegC
import Testing

/// A photo in memory, and room for its results.
struct HostPhoto {
    var bytes: [UInt8]
    var width: Int32, height: Int32, rowBytes: Int, format: Int32

    init(width: Int32 = 64, height: Int32 = 48, format: Int = FACESEG_RGB8, bytes: [UInt8]? = nil) {
        (self.width, self.height, self.format) = (width, height, Int32(format))
        let pixel = [3, 3, 4, 4, 1][format]
        rowBytes = Int(width) * pixel
        self.bytes =
            bytes ?? (0..<rowBytes * Int(height)).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 5) }
    }

    func withImage<Result>(_ body: (inout faceseg_image) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { bytes in
            var image = faceseg_image(
                plane: (bytes.baseAddress, nil, nil), row_bytes: (rowBytes, 0, 0), width: width,
                height: height,
                format: format)
            return try body(&image)
        }
    }

    func run(_ session: HostSession, _ change: (inout faceseg_run_options) -> Void = { _ in }) throws {
        var options = faceseg_run_options()
        faceseg_run_options_init(&options)
        change(&options)
        try withImage { image in try call { faceseg_run(session.pointer, &image, &options, $0) } }
    }
}

extension HostSession {
    func labels(_ photo: HostPhoto) throws -> [UInt8] {
        try bytes(photo) { faceseg_get_labels(pointer, $0, $1) }
    }

    func bytes(
        _ photo: HostPhoto, _ fetch: (faceseg_plane, UnsafeMutablePointer<faceseg_error>) -> faceseg_status
    ) throws -> [UInt8] {
        var out = [UInt8](repeating: 255, count: Int(photo.width) * Int(photo.height))
        try out.withUnsafeMutableBytes { out in
            let plane = faceseg_plane(
                data: out.baseAddress, row_bytes: Int(photo.width), type: Int32(FACESEG_U8))
            try call { fetch(plane, $0) }
        }
        return out
    }

    func floats(
        _ photo: HostPhoto, _ fetch: (faceseg_plane, UnsafeMutablePointer<faceseg_error>) -> faceseg_status
    ) throws -> [Float] {
        var out = [Float](repeating: .nan, count: Int(photo.width) * Int(photo.height))
        try out.withUnsafeMutableBytes { out in
            let plane = faceseg_plane(
                data: out.baseAddress, row_bytes: 4 * Int(photo.width), type: Int32(FACESEG_F32))
            try call { fetch(plane, $0) }
        }
        return out
    }

    func probability(_ index: Int32, _ photo: HostPhoto) throws -> [Float] {
        try floats(photo) { faceseg_get_probability(pointer, index, $0, $1) }
    }
}

struct ArgumentTests {
    private func failure(_ body: () throws -> Void) -> CFailure? {
        do { try body(); return nil } catch { return error as? CFailure }
    }

    @Test func nullPointers() throws {
        var error = faceseg_error()
        let invalid = Int32(FACESEG_INVALID_ARGUMENT)
        var pointer: OpaquePointer?
        var tensor = faceseg_tensor(), output = faceseg_tensor()
        #expect(faceseg_model_open(nil, nil, &pointer, &error) == invalid)
        #expect(error.text == "path is NULL")
        #expect(faceseg_model_open("x", nil, nil, &error) == invalid)
        #expect(error.text == "model is NULL")
        #expect(faceseg_model_open_memory(nil, 4, nil, &pointer, &error) == invalid)
        #expect(faceseg_model_open_builtin(nil, &error) == invalid)
        #expect(faceseg_model_open_builtin_small(nil, &error) == invalid)
        #expect(faceseg_session_open(nil, nil, &pointer, &error) == invalid)
        #expect(faceseg_run(nil, nil, nil, &error) == invalid)
        #expect(faceseg_get_labels(nil, faceseg_plane(), &error) == invalid)
        #expect(faceseg_forward(nil, &tensor, 1, nil, &output, &error) == invalid)
        #expect(faceseg_segment(nil, faceseg_plane(), &error) == invalid)
        #expect(error.text == "image is NULL")
        // Without an error struct too.
        #expect(faceseg_run(nil, nil, nil, nil) == invalid)
        #expect(faceseg_model_open_builtin(nil, nil) == invalid)
        faceseg_model_close(nil)
        faceseg_session_close(nil)
        faceseg_session_cancel(nil)
        faceseg_model_options_init(nil)
        faceseg_session_options_init(nil)
        faceseg_run_options_init(nil)
        #expect(faceseg_model_class_count(nil) == 0)
        #expect(faceseg_model_class_name(nil, 0) == nil)
        #expect(faceseg_model_parameter_count(nil) == 0)
        #expect(faceseg_model_text(nil, 0) == nil)
    }

    @Test func images() throws {
        let session = try HostSession(HostModel(builtIn: ()))
        let wrong: [(String, (inout faceseg_image) -> Void)] = [
            ("row_bytes 5 is below 3 * width = 192", { $0.row_bytes.0 = 5 }),
            ("row_bytes -192 is below 3 * width = 192", { $0.row_bytes.0 = -192 }),
            ("row_bytes 9223372036854775807 is above 1099511627776", { $0.row_bytes.0 = .max }),
            ("width 0 is not between 1 and 16384", { $0.width = 0 }),
            ("width -2147483648 is not between 1 and 16384", { $0.width = .min }),
            ("height 16385 is not between 1 and 16384", { $0.height = 16_385 }),
            ("format 9 is none of FACESEG_RGB8 and the rest", { $0.format = 9 }),
            ("image.plane[0] is NULL", { $0.plane.0 = nil }),
        ]
        for (message, spoil) in wrong {
            let failed = failure {
                try HostPhoto().withImage { image in
                    spoil(&image)
                    try call { faceseg_run(session.pointer, &image, nil, $0) }
                }
            }
            #expect(failed == CFailure(status: Int32(FACESEG_INVALID_ARGUMENT), message: message))
        }
    }

    @Test func planes() throws {
        let session = try HostSession(HostModel(builtIn: ()))
        let photo = HostPhoto()
        #expect(failure { _ = try session.labels(photo) }?.status == Int32(FACESEG_NO_RESULT))
        try photo.run(session)
        var bytes = [UInt8](repeating: 0, count: 64 * 48 * 4)
        bytes.withUnsafeMutableBytes { bytes in
            func fetch(_ plane: faceseg_plane) -> String? {
                failure { try call { faceseg_get_labels(session.pointer, plane, $0) } }?.message
            }
            let start = bytes.baseAddress
            #expect(fetch(faceseg_plane(data: nil, row_bytes: 64, type: 0)) == "out.data is NULL")
            #expect(
                fetch(faceseg_plane(data: start, row_bytes: 63, type: 0))
                    == "row_bytes 63 is below width = 64")
            #expect(
                fetch(faceseg_plane(data: start, row_bytes: 64, type: 7))
                    == "out.type 7 is neither FACESEG_U8 nor FACESEG_F32")
            #expect(
                fetch(faceseg_plane(data: start, row_bytes: 256, type: 1))
                    == "labels are bytes: the plane's type must be U8")
            let crooked = faceseg_plane(data: start! + 1, row_bytes: 256, type: 1)
            let message = failure { try call { faceseg_get_alpha(session.pointer, 3, crooked, $0) } }?.message
            #expect(message?.hasSuffix("is not aligned to 4 bytes") == true)
            let short = faceseg_plane(data: start, row_bytes: 64, type: 0)
            let overlay = failure { try call { faceseg_get_overlay(session.pointer, short, $0) } }?.message
            #expect(overlay == "row_bytes 64 is below 3 * width = 192")
        }
        #expect(
            failure { _ = try session.probability(3, photo) }?.message == "class 3 is not between 0 and 2")
        #expect(
            failure { _ = try session.probability(-1, photo) }?.message == "class -1 is not between 0 and 2")
        let target = failure {
            _ = try session.bytes(photo) { faceseg_get_alpha(session.pointer, 4, $0, $1) }
        }
        #expect(target?.message == "target 4 is none of FACESEG_FACE, FACESEG_HAIR, FACESEG_HEAD")
    }

    @Test func runOptions() throws {
        let session = try HostSession(HostModel(builtIn: ()))
        let photo = HostPhoto()
        func message(_ change: (inout faceseg_run_options) -> Void) -> String? {
            failure { try photo.run(session, change) }?.message
        }
        #expect(message { $0.orientation = 45 } == "orientation 45 is not 0, 90, 180 or 270")
        #expect(message { $0.has_region = 1 } == "region sides 0.0 x 0.0 are not between 1 and 65536")
        let nan = message {
            $0.has_region = 1
            $0.region = faceseg_region(x: .nan, y: 0, width: 9, height: 9, angle: 0)
        }
        #expect(nan?.hasSuffix("has a number beyond a million") == true)
        #expect(
            message { $0.struct_size = 0 }
                == "faceseg_run_options.struct_size 0: call the init function first")
        #expect(message { $0.struct_size = .max }?.hasSuffix("call the init function first") == true)
    }

    /// The host may free the photo before: nothing may be read of it any more.
    @Test func runThatFailsLeavesNoResult() throws {
        let session = try HostSession(HostModel(builtIn: ()))
        let photo = HostPhoto()
        try photo.run(session)
        _ = try session.labels(photo)
        #expect(failure { try photo.run(session) { $0.orientation = 45 } } != nil)
        #expect(failure { _ = try session.labels(photo) }?.status == Int32(FACESEG_NO_RESULT))
    }

    /// A newer, larger struct works while what is beyond is zero; a smaller one gets defaults.
    @Test func structSizes() throws {
        let session = try HostSession(HostModel(builtIn: ()))
        let photo = HostPhoto(), known = MemoryLayout<faceseg_run_options>.size
        var memory = [UInt64](repeating: 0, count: (known + 64) / 8)
        func run(size: Int, tail: UInt64) -> CFailure? {
            memory.withUnsafeMutableBytes { bytes in
                let options = bytes.bindMemory(to: faceseg_run_options.self).baseAddress!
                faceseg_run_options_init(options)
                options.pointee.struct_size = size
                bytes.storeBytes(of: tail, toByteOffset: known + 8, as: UInt64.self)
                return failure {
                    try photo.withImage { image in
                        try call { faceseg_run(session.pointer, &image, options, $0) }
                    }
                }
            }
        }
        #expect(run(size: known + 32, tail: 0) == nil)
        #expect(run(size: known + 32, tail: 1)?.status == Int32(FACESEG_UNSUPPORTED))
        #expect(run(size: known, tail: 1) == nil)
        #expect(run(size: 8, tail: 0) == nil)
        // Within the address of the progress function.
        let cut = MemoryLayout<faceseg_run_options>.offset(of: \.progress)! + 1
        #expect(run(size: cut, tail: 0)?.status == Int32(FACESEG_INVALID_ARGUMENT))
    }

    @Test func sessionAndModelOptions() throws {
        let model = try HostModel(builtIn: ())
        #expect(
            failure { _ = try HostSession(model) { $0.threads = 1025 } }?.message
                == "threads 1025 is not between 0 and 1024")
        #expect(
            failure { _ = try HostSession(model) { $0.threads = -1 } }?.message
                == "threads -1 is not between 0 and 1024")
        let limited = try HostSession(model) { $0.memory_limit = 1000 }
        let failed = failure { try HostPhoto().run(limited) }
        #expect(failed?.status == Int32(FACESEG_OUT_OF_MEMORY))
        #expect(failed?.message.hasSuffix("the limit is 1000 bytes; use a smaller size or raise it") == true)
        let path = Fixtures.small.appending(path: "fcn8s_unpacked.caffemodel").path()
        #expect(
            failure { _ = try HostModel(path: path) { $0.working_size = 5000 } }?.message
                == "working_size 5000 is not -1, 0 or between 1 and 4096")
        #expect(
            failure { _ = try HostModel(path: path) { $0.mean.1 = 3 } }?.message
                == "mean: all three or none may be NaN")
        #expect(
            failure { _ = try HostModel(path: path) { $0.scale = .infinity } }?.status
                == Int32(FACESEG_INVALID_ARGUMENT))
    }

    @Test func forwardArguments() throws {
        let base = Fixtures.small.appending(path: "ops_pool").path()
        let session = try HostSession(HostModel(path: base + ".caffemodel", prototxt: base + ".prototxt"))
        let numbers = [Float](repeating: 1, count: 3 * 37 * 53)
        #expect(
            throws: CFailure(status: 1, message: "no blob \"nose\" in the network; `faceseg info` lists them")
        ) {
            try session.forward(numbers, shape: [1, 3, 37, 53], blob: "nose")
        }
        #expect(
            failure { _ = try session.forward(numbers, shape: [1, -3, 37, 53]) }?.status
                == Int32(FACESEG_SHAPE_ERROR))
        #expect(
            failure { _ = try session.forward(numbers, shape: [.max, .max, 2, 2]) }?.status
                == Int32(FACESEG_SHAPE_ERROR))
        #expect(
            failure { _ = try session.forward(numbers, shape: [3 * 37 * 53]) }?.status
                == Int32(FACESEG_SHAPE_ERROR))
        var input = faceseg_tensor(), output = faceseg_tensor()
        input.rank = 9
        let rank = failure {
            try numbers.withUnsafeBufferPointer { numbers in
                input.data = numbers.baseAddress
                try call { faceseg_forward(session.pointer, &input, 1, nil, &output, $0) }
            }
        }
        #expect(rank?.message == "inputs[0].rank 9 is not 0 to 8")
        let count = failure { try call { faceseg_forward(session.pointer, &input, -1, nil, &output, $0) } }
        #expect(count?.message == "input_count -1 is not between 1 and 1024")
    }

    /// Once weights are packed and their file is closed, an input that they do not fit is refused as before: the network
    /// is well, the input is not.
    @Test(arguments: [1, 2, 4, 600])
    func channelsThatTheWeightsDoNotHave(channels: Int) throws {
        let base = Fixtures.small.appending(path: "fcn8s_unpacked").path()
        let session = try HostSession(HostModel(path: base + ".caffemodel", prototxt: base + ".prototxt"))
        let numbers = [Float](repeating: 1, count: channels * 40 * 33)
        let failed = failure { _ = try session.forward(numbers, shape: [1, channels, 40, 33]) }
        #expect(failed?.status == Int32(FACESEG_SHAPE_ERROR))
        #expect(failed?.message.contains("expected an input of the network like 1 x 3 x ") == true)
    }

    /// A message is cut to its room between characters.
    @Test func longMessages() {
        let path = String(repeating: "gesicht-é/", count: 100)
        var error = faceseg_error(), model: OpaquePointer?
        #expect(faceseg_model_open(path, nil, &model, &error) == Int32(FACESEG_FILE_ERROR))
        #expect(error.text.utf8.count < 512 && error.text.utf8.count > 505)
        #expect(path.hasPrefix(error.text))
    }
}
