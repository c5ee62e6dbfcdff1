// Processor: the instruction sets that kernels may use, all that there are or fewer by FACESEG_CPU, and what else the
// library found on this machine.
import Kernels

#if canImport(Glibc)
    import Glibc
#endif

/// What the library found on this machine.
///
///     print(Runtime.cpu, Runtime.openMP ?? "plain threads", Runtime.processors)
public enum Runtime {
    /// "avx512", "avx2", "neon" or "scalar": the best that there is, or what `FACESEG_CPU` in the environment asks for.
    public static var cpu: String { String(cString: fsk_cpu_name(Processor.bits)) }
    /// File name of the OpenMP runtime; nil: none was found that may begin here, and threads
    /// begin and end with each call.
    public static var openMP: String? { fsk_openmp_name().map { String(cString: $0) } }
    /// Processors that this process may use.
    public static var processors: Int { Int(fsk_processor_count()) }
}

package enum Processor {
    /// Bits of the processor's instruction sets, looked at once.
    package static var bits: UInt32 { chosen.bits }

    /// - Throws: ``FaceSegError/argument(_:)`` if `FACESEG_CPU` names what this processor has not.
    static func check() throws(FaceSegError) { if let failure = chosen.failure { throw failure } }

    private static let chosen: (bits: UInt32, failure: FaceSegError?) = {
        let all = fsk_cpu(), name = getenv("FACESEG_CPU").map { String(cString: $0) }
        guard let name, !name.isEmpty else { return (all, nil) }
        // Fewer and fewer bits, from all on: each family by its name.
        let sets = [all, all & ~UInt32(FSK_CPU_AVX512), 0]
        if let bits = sets.first(where: { String(cString: fsk_cpu_name($0)) == name }) { return (bits, nil) }
        let names = sets.map { String(cString: fsk_cpu_name($0)) }
        let known = names.indices.filter { names.firstIndex(of: names[$0]) == $0 }.map { names[$0] }
        return (
            all,
            .argument("FACESEG_CPU is \"\(name)\"; this processor has \(known.joined(separator: ", "))")
        )
    }()
}
