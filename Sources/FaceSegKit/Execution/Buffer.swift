// Buffer: memory of its own for floats, aligned for the widest vectors. Not an arena: see Layout.
#if canImport(Glibc)
    import Glibc
#endif

/// Floats aligned to 64 bytes, freed with the object. Not initialized.
package final class Buffer: @unchecked Sendable {
    // Sendable because whoever shares a buffer has finished writing it before (weights), or owns it alone.
    package let start: UnsafeMutablePointer<Float>
    package let count: Int

    private static let fewest = 16
    private static let largePage = 2 << 20, large = 4 * largePage
    private static let page = sysconf(Int32(_SC_PAGESIZE))
    private static let physicalMemory = sysconf(Int32(_SC_PHYS_PAGES)) * page
    /// Bytes from which on the memory is mapped, so that it is given back at once; malloc would keep some.
    private static let leastMapped = 1 << 20
    private static let alignment = 64
    private let origin: Origin

    /// Whom the memory goes back to.
    private enum Origin {
        case malloc
        /// All that is to be unmapped, the page behind it included.
        case mapped(UnsafeMutableRawBufferPointer)
        case host(HostMemory, bytes: Int)
    }

    /// What is to be unmapped, the page behind it included; nil: it is malloc's or the host's.
    var mapped: UnsafeMutableRawBufferPointer? { if case .mapped(let all) = origin { all } else { nil } }

    /// What a buffer of so many floats takes.
    static func bytes(_ count: Int) -> Int { max(count, fewest) * MemoryLayout<Float>.size }

    /// - Throws: ``FaceSegError/memory(needed:reason:)`` if there is not so much.
    package init(count: Int) throws(FaceSegError) {
        let (bytes, overflow) = max(count, Buffer.fewest).multipliedReportingOverflow(
            by: MemoryLayout<Float>.size)
        // The system would promise more than it has, and end the process when it is used.
        guard !overflow, bytes <= Buffer.physicalMemory, let (memory, origin) = try Buffer.allocate(bytes)
        else {
            throw .memory(needed: bytes, reason: "the system has not so much; use a smaller size")
        }
        start = memory.bindMemory(to: Float.self, capacity: max(count, Buffer.fewest))
        (self.origin, self.count) = (origin, count)
    }

    /// nil: the system has not so much.
    private static func allocate(
        _ bytes: Int
    ) throws(FaceSegError) -> (UnsafeMutableRawPointer, Origin)? {
        guard let host = HostMemory.current else { return bytes >= leastMapped ? map(bytes) : take(bytes) }
        guard let memory = host.allocate(bytes, alignment: alignment) else {
            throw .memory(
                needed: bytes, reason: "the host's allocator gave none at a multiple of \(alignment)")
        }
        return (memory, .host(host, bytes: bytes))
    }

    private static func take(_ bytes: Int) -> (UnsafeMutableRawPointer, Origin)? {
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, alignment, bytes) == 0, let memory else { return nil }
        return (memory, .malloc)
    }

    /// The memory ends where a page that cannot be touched begins: who writes too far is caught there.
    private static func map(_ bytes: Int) -> (UnsafeMutableRawPointer, Origin)? {
        let length = (bytes + page - 1) / page * page
        guard
            let memory = mmap(
                nil, length + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            memory != MAP_FAILED
        else { return nil }
        guard mprotect(memory, length, PROT_READ | PROT_WRITE) == 0 else {
            munmap(memory, length + page)
            return nil
        }
        // Large pages, where there are some: a model's weights take 200,000 small ones, each cleared by itself.
        if bytes >= large {
            let first = (Int(bitPattern: memory) + largePage - 1) / largePage * largePage
            madvise(
                UnsafeMutableRawPointer(bitPattern: first), length / largePage * largePage - largePage,
                Int32(MADV_HUGEPAGE))
        }
        return (
            memory + (length - (bytes + alignment - 1) / alignment * alignment),
            .mapped(UnsafeMutableRawBufferPointer(start: memory, count: length + page))
        )
    }

    convenience init(_ numbers: [Float]) throws(FaceSegError) {
        try self.init(count: numbers.count)
        for (i, number) in numbers.enumerated() { start[i] = number }
    }

    /// For so many bytes.
    convenience init(bytes: Int) throws(FaceSegError) { try self.init(count: (bytes + 3) / 4) }

    /// The same memory for numbers of another kind, as many as fit.
    func numbers<Number: BitwiseCopyable>(of _: Number.Type) -> UnsafeMutablePointer<Number> {
        UnsafeMutableRawPointer(start).assumingMemoryBound(to: Number.self)
    }

    var bytes: UnsafeMutablePointer<UInt8> { numbers(of: UInt8.self) }

    var whole: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: start, count: count) }

    deinit {
        switch origin {
        case .malloc: free(start)
        case .mapped(let all): munmap(all.baseAddress!, all.count)
        case .host(let host, let bytes): host.release(start, bytes, alignment: Buffer.alignment)
        }
    }
}
