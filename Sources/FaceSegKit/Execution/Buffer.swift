// Buffer: memory of its own for floats, aligned for the widest vectors. Not an arena: see Layout.
#if canImport(Glibc)
    import Glibc
#endif

/// Floats aligned to 64 bytes, freed with the object. Not initialized.
final class Buffer: @unchecked Sendable {
    // Sendable because whoever shares a buffer has finished writing it before (weights), or owns it alone.
    let start: UnsafeMutablePointer<Float>
    let count: Int

    private static let fewest = 16
    private static let largePage = 2 << 20, large = 4 * largePage

    /// What a buffer of so many floats takes.
    static func bytes(_ count: Int) -> Int { max(count, fewest) * MemoryLayout<Float>.size }

    /// - Throws: ``FaceSegError/memory(needed:reason:)`` if there is not so much.
    init(count: Int) throws(FaceSegError) {
        var memory: UnsafeMutableRawPointer?
        let (bytes, overflow) = max(count, Buffer.fewest).multipliedReportingOverflow(
            by: MemoryLayout<Float>.size)
        // The system would promise more than it has, and end the process when it is used.
        guard !overflow, bytes <= Buffer.physicalMemory, posix_memalign(&memory, 64, bytes) == 0, let memory
        else {
            throw .memory(needed: bytes, reason: "the system has not so much; use a smaller size")
        }
        // Large pages, where there are some: a model's weights take 200,000 small ones, each cleared by itself.
        if bytes >= Buffer.large {
            let page = Buffer.largePage, first = (Int(bitPattern: memory) + page - 1) / page * page
            madvise(
                UnsafeMutableRawPointer(bitPattern: first), bytes / page * page - page, Int32(MADV_HUGEPAGE))
        }
        start = memory.bindMemory(to: Float.self, capacity: max(count, Buffer.fewest))
        self.count = count
    }

    private static let physicalMemory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))

    convenience init(_ numbers: [Float]) throws(FaceSegError) {
        try self.init(count: numbers.count)
        for (i, number) in numbers.enumerated() { start[i] = number }
    }

    var whole: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: start, count: count) }

    deinit { free(start) }
}
