// Options: structs that begin with their size: older and newer callers than this library both work.
import CFaceSeg
import FaceSegKit

/// The caller's options: what a smaller struct lacks has its default, and a larger one is refused unless what this
/// library does not know is zero.
func options<Options>(
    _ given: UnsafePointer<Options>?, defaults: Options, _ name: String
) throws(FaceError) -> Options {
    guard let given else { return defaults }
    let size = UnsafeRawPointer(given).load(as: Int.self), known = MemoryLayout<Options>.size
    // Every version's size is a multiple of a word; another one could cut a pointer in two.
    guard size >= MemoryLayout<Int>.size, size <= 65_536, size % MemoryLayout<Int>.size == 0 else {
        throw .kit(.argument("\(name).struct_size \(size): call the init function first"))
    }
    let bytes = UnsafeRawBufferPointer(start: given, count: size)
    guard bytes.dropFirst(known).allSatisfy({ $0 == 0 }) else {
        throw .unsupported("\(name) asks for something that version \(versionText) does not know")
    }
    var options = defaults
    withUnsafeMutableBytes(of: &options) {
        $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(known)))
    }
    return options
}

extension faceseg_model_options {
    static var defaults: Self {
        faceseg_model_options(
            struct_size: MemoryLayout<Self>.size, prototxt_path: nil, mean: (.nan, .nan, .nan), scale: .nan,
            working_size: 0, reduce_size: 0, class_names: nil)
    }

    /// FaceSegKit's form. Zeros and NaNs are the model's own values, -1 is none.
    func translated() throws(FaceError) -> ModelOptions {
        var options = ModelOptions()
        options.prototxtPath = try text(prototxt_path, "prototxt_path")
        let numbers = [mean.0, mean.1, mean.2]
        if !numbers.allSatisfy(\.isNaN) {
            guard !numbers.contains(where: \.isNaN) else {
                throw .kit(.argument("mean: all three or none may be NaN"))
            }
            options.mean = numbers
        }
        if !scale.isNaN { options.scale = scale }
        options.workingSize = try size(working_size, "working_size")
        options.reduceSize = try size(reduce_size, "reduce_size")
        options.classNames = try text(class_names, "class_names")?.split(
            separator: ",", omittingEmptySubsequences: false
        ).map(String.init)
        return options
    }

    private func size(_ value: Int32, _ name: String) throws(FaceError) -> Int? {
        guard value >= -1, value <= 4096 else {
            throw .kit(.argument("\(name) \(value) is not -1, 0 or between 1 and 4096"))
        }
        return value == 0 ? nil : value == -1 ? 0 : Int(value)
    }
}

extension faceseg_session_options {
    static var defaults: Self {
        faceseg_session_options(
            struct_size: MemoryLayout<Self>.size, threads: 0, memory_limit: 0, parallel_for: nil,
            parallel_for_context: nil, precision: Int32(FACESEG_EXACT),
            refinement: Int32(FACESEG_REFINE_GUIDED), smallest_head: 0, steady: 0, allocate: nil,
            release: nil, allocator_context: nil)
    }

    /// nil: the library's own.
    func memory() throws(FaceError) -> HostMemory? {
        guard (allocate == nil) == (release == nil) else {
            throw .kit(.argument("allocate and release: both or neither may be NULL"))
        }
        guard let allocate, let release else { return nil }
        return HostMemory(allocate: allocate, release: release, context: allocator_context)
    }
}

extension faceseg_run_options {
    static var defaults: Self {
        faceseg_run_options(
            struct_size: MemoryLayout<Self>.size, orientation: 0, has_region: 0, region: faceseg_region(),
            progress: nil, progress_context: nil)
    }
}

/// A C string that may be NULL, as UTF-8.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(FaceError) -> String? {
    guard let pointer else { return nil }
    guard let text = String(validatingCString: pointer) else { throw .kit(.argument("\(name) is not UTF-8")) }
    return text
}

@_cdecl("faceseg_model_options_init") @implementation
public func faceseg_model_options_init(_ options: UnsafeMutablePointer<faceseg_model_options>?) {
    options?.initialize(to: .defaults)
}

@_cdecl("faceseg_session_options_init") @implementation
public func faceseg_session_options_init(_ options: UnsafeMutablePointer<faceseg_session_options>?) {
    options?.initialize(to: .defaults)
}

@_cdecl("faceseg_run_options_init") @implementation
public func faceseg_run_options_init(_ options: UnsafeMutablePointer<faceseg_run_options>?) {
    options?.initialize(to: .defaults)
}

/// Of calls that need no session: who computes, and what stops them.
protocol CallOptions {
    var threads: Int32 { get }
    var parallel_for: faceseg_parallel_for! { get }
    var parallel_for_context: UnsafeMutableRawPointer! { get }
    var cancelled: UnsafePointer<Int32>! { get }
}

extension CallOptions {
    func workers() throws(FaceError) -> Workers {
        guard (0...1024).contains(threads) else {
            throw .kit(.argument("threads \(threads) is not between 0 and 1024"))
        }
        return try kit { () throws(FaceSegError) in
            Workers(
                threads: try Workers.checked(threads: threads == 0 ? nil : Int(threads)),
                hostParallelFor: parallel_for, context: parallel_for_context,
                cancellation: cancelled.map { Cancellation(watching: $0) } ?? Cancellation())
        }
    }
}
