// HostMemory: a host's own allocator for the buffers of a session. Which thread uses it is kept by the thread, as buffers
// are made deep within plans and stages. A model's weights, which sessions share, are never the host's.
import Kernels

/// Where buffers come from, and go back to, instead of the system.
package struct HostMemory: @unchecked Sendable {
    // Sendable as the host promises that its functions may be called wherever the session is.
    private let functions: fsk_host_memory

    /// - allocate: so many bytes at a multiple of an alignment; nil: there are none.
    /// - release: takes them back.
    package init(
        allocate: @escaping @convention(c) (UnsafeMutableRawPointer?, Int, Int) -> UnsafeMutableRawPointer?,
        release:
            @escaping @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int, Int) -> Void,
        context: UnsafeMutableRawPointer?
    ) {
        functions = fsk_host_memory(allocate: allocate, release: release, context: context)
    }

    /// That of this thread now; nil: the system's.
    static var current: HostMemory? { HostMemory(fsk_host_memory_now()) }

    private init?(_ functions: fsk_host_memory) {
        guard functions.allocate != nil else { return nil }
        self.functions = functions
    }

    /// Buffers that this thread makes in `body` come from this one.
    package func use<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try HostMemory.with(functions, body)
    }

    /// Buffers that this thread makes in `body` come from the system: they outlive a session.
    static func without<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try with(fsk_host_memory(), body)
    }

    private static func with<Result, Failure: Error>(
        _ functions: fsk_host_memory, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = fsk_host_memory_use(functions)
        defer { _ = fsk_host_memory_use(before) }
        return try body()
    }

    /// nil: the host has none, or none at such an address.
    func allocate(_ bytes: Int, alignment: Int) -> UnsafeMutableRawPointer? {
        guard let memory = functions.allocate(functions.context, bytes, alignment) else { return nil }
        if Int(bitPattern: memory) % alignment == 0 { return memory }
        release(memory, bytes, alignment: alignment)
        return nil
    }

    func release(_ memory: UnsafeMutableRawPointer, _ bytes: Int, alignment: Int) {
        functions.release(functions.context, memory, bytes, alignment)
    }
}
