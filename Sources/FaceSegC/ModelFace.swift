// ModelFace: opening, asking and closing models.
import CFaceSeg
import FaceSegKit

@_cdecl("faceseg_model_open") @implementation
public func faceseg_model_open(
    _ path: UnsafePointer<CChar>?, _ given: UnsafePointer<faceseg_model_options>?,
    _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    open(model, given, error) { (options) throws(FaceError) in
        let path = try text(required(path, "path"), "path") ?? ""
        return try kit { () throws(FaceSegError) in try Model.open(path: path, options: options) }
    }
}

@_cdecl("faceseg_model_open_memory") @implementation
public func faceseg_model_open_memory(
    _ bytes: UnsafeRawPointer?, _ size: Int, _ given: UnsafePointer<faceseg_model_options>?,
    _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    open(model, given, error) { (options) throws(FaceError) in
        let bytes = try required(bytes, "bytes")
        guard size >= 0 else {
            throw .kit(.argument("size \(UInt(bitPattern: size)) is more than there can be"))
        }
        return try kit { () throws(FaceSegError) in
            try Model.open(bytes: UnsafeRawBufferPointer(start: bytes, count: size), options: options)
        }
    }
}

@_cdecl("faceseg_model_open_builtin") @implementation
public func faceseg_model_open_builtin(
    _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    open(model, nil, error) { (_) throws(FaceError) in
        try kit { () throws(FaceSegError) in try Model.builtIn() }
    }
}

@_cdecl("faceseg_model_open_builtin_small") @implementation
public func faceseg_model_open_builtin_small(
    _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    open(model, nil, error) { (_) throws(FaceError) in
        try kit { () throws(FaceSegError) in try Model.builtIn(.small) }
    }
}

private func open(
    _ model: UnsafeMutablePointer<OpaquePointer?>?, _ given: UnsafePointer<faceseg_model_options>?,
    _ error: UnsafeMutablePointer<faceseg_error>?, _ opening: (ModelOptions) throws(FaceError) -> Model
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let model = try required(model, "model")
        model.pointee = nil
        let options = try options(given, defaults: .defaults, "faceseg_model_options").translated()
        model.pointee = give(ModelHandle(try opening(options)))
    }
}

@_cdecl("faceseg_model_close") @implementation
public func faceseg_model_close(_ model: OpaquePointer?) { close(model, ModelHandle.self) }

@_cdecl("faceseg_model_class_count") @implementation
public func faceseg_model_class_count(_ model: OpaquePointer?) -> Int32 {
    Int32(clamping: handle(model)?.model.classCount ?? 0)
}

@_cdecl("faceseg_model_class_name") @implementation
public func faceseg_model_class_name(_ model: OpaquePointer?, _ index: Int32) -> UnsafePointer<CChar>? {
    guard let names = handle(model)?.classNames, names.indices.contains(Int(index)) else { return nil }
    return UnsafePointer(names[Int(index)].start)
}

@_cdecl("faceseg_model_parameter_count") @implementation
public func faceseg_model_parameter_count(_ model: OpaquePointer?) -> Int64 {
    Int64(handle(model)?.model.parameterCount ?? 0)
}

@_cdecl("faceseg_model_text") @implementation
public func faceseg_model_text(_ model: OpaquePointer?, _ which: Int32) -> UnsafePointer<CChar>? {
    guard let texts = handle(model)?.texts, texts.indices.contains(Int(which)) else { return nil }
    return UnsafePointer(texts[Int(which)].start)
}

private func handle(_ model: OpaquePointer?) -> ModelHandle? {
    borrow(model)
}
