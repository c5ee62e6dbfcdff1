// Host: the C face as a C program would call it, with errors as Swift errors. Test support only.
import CFaceSeg
import FaceSegC

struct CFailure: Error, Equatable, CustomStringConvertible {
    let status: Int32, message: String
    var description: String { "\(String(cString: faceseg_status_name(status))): \(message)" }
}

/// Calls a function that reports an error.
func call(_ body: (UnsafeMutablePointer<faceseg_error>) -> faceseg_status) throws {
    var error = faceseg_error()
    let status = body(&error)
    if status != FACESEG_OK { throw CFailure(status: status, message: error.text) }
}

extension faceseg_error {
    var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// A model that is closed with this object. Any thread.
final class HostModel: @unchecked Sendable {
    private(set) var pointer: OpaquePointer?  // not written after init

    init(builtIn: Void) throws { try call { faceseg_model_open_builtin(&pointer, $0) } }

    init(small: Void) throws { try call { faceseg_model_open_builtin_small(&pointer, $0) } }

    init(path: String, prototxt: String? = nil, change: (inout faceseg_model_options) -> Void = { _ in })
        throws
    {
        var options = faceseg_model_options()
        faceseg_model_options_init(&options)
        change(&options)
        try withOptional(prototxt) { prototxt in
            options.prototxt_path = prototxt
            try call { faceseg_model_open(path, &options, &pointer, $0) }
        }
    }

    init(bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in
            try call { faceseg_model_open_memory(bytes.baseAddress, bytes.count, nil, &pointer, $0) }
        }
    }

    deinit { faceseg_model_close(pointer) }
}

/// A session that is closed with this object.
final class HostSession {
    private(set) var pointer: OpaquePointer?

    init(_ model: HostModel, change: (inout faceseg_session_options) -> Void = { _ in }) throws {
        var options = faceseg_session_options()
        faceseg_session_options_init(&options)
        change(&options)
        try call { faceseg_session_open(model.pointer, &options, &pointer, $0) }
    }

    deinit { faceseg_session_close(pointer) }

    func forward(_ numbers: [Float], shape: [Int], blob: String? = nil) throws -> (
        shape: [Int], numbers: [Float]
    ) {
        var input = faceseg_tensor(), output = faceseg_tensor()
        input.rank = Int32(shape.count)
        withUnsafeMutableBytes(of: &input.shape) { sides in
            for (i, side) in shape.enumerated() { sides.bindMemory(to: Int64.self)[i] = Int64(side) }
        }
        try numbers.withUnsafeBufferPointer { numbers in
            input.data = numbers.baseAddress
            try withOptional(blob) { blob in
                try call { faceseg_forward(pointer, &input, 1, blob, &output, $0) }
            }
        }
        let sides = withUnsafeBytes(of: output.shape) { sides in
            sides.bindMemory(to: Int64.self).prefix(Int(output.rank)).map { Int($0) }
        }
        return (sides, Array(UnsafeBufferPointer(start: output.data, count: sides.reduce(1, *))))
    }
}

private func withOptional(_ text: String?, _ body: (UnsafePointer<CChar>?) throws -> Void) throws {
    guard let text else { return try body(nil) }
    try text.withCString(body)
}
