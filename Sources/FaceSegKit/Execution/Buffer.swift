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
    /// What is to be unmapped, the page behind it included; nil: malloc's.
    let mapped: UnsafeMutableRawBufferPointer?

    /// What a buffer of so many floats takes.
    static func bytes(_ count: Int) -> Int { max(count, fewest) * MemoryLayout<Float>.size }

    /// - Throws: ``FaceSegError/memory(needed:reason:)`` if there is not so much.
    package init(count: Int) throws(FaceSegError) {
        let (bytes, overflow) = max(count, Buffer.fewest).multipliedReportingOverflow(
            by: MemoryLayout<Float>.size)
        // The system would promise more than it has, and end the process when it is used.
        guard !overflow, bytes <= Buffer.physicalMemory, let memory = Buffer.allocate(bytes) else {
            throw .memory(needed: bytes, reason: "the system has not so much; use a smaller size")
        }
        start = memory.start.bindMemory(to: Float.self, capacity: max(count, Buffer.fewest))
        mapped = memory.mapped
        self.count = count
    }

    private static func allocate(
        _ bytes: Int
    ) -> (start: UnsafeMutableRawPointer, mapped: UnsafeMutableRawBufferPointer?)? {
        if bytes >= leastMapped { return map(bytes) }
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 64, bytes) == 0, let memory else { return nil }
        return (memory, nil)
    }

    /// The memory ends where a page that cannot be touched begins: who writes too far is caught there.
    private static func map(
        _ bytes: Int
    ) -> (start: UnsafeMutableRawPointer, mapped: UnsafeMutableRawBufferPointer?)? {
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
            memory + (length - (bytes + 63) / 64 * 64),
            UnsafeMutableRawBufferPointer(start: memory, count: length + page)
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
        if let mapped {
            munmap(mapped.baseAddress!, mapped.count)
        } else {
            free(start)
        }
    }
}
