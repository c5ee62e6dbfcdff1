// The program around libFuzzer. FUZZ_TARGET names the target, the arguments are libFuzzer's:
//     FUZZ_TARGET=npy fuzz -max_total_time=60 corpus/npy
import Glibc

/// libFuzzer's main, as a function.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// libFuzzer's own changes.
@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int) -> Int

/// What libFuzzer calls to change an input, in its place: by message or by byte.
@_cdecl("LLVMFuzzerCustomMutator")
func mutateInput(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard seed % 2 == 0, let changed = mutated(input, of: target, seed: seed / 2), changed.count <= most
    else {
        return mutateBytes(bytes, count, most)
    }
    bytes.update(from: changed, count: changed.count)
    return changed.count
}

/// What an OpenMP runtime keeps until the process ends is not ours.
@_cdecl("__lsan_default_suppressions")
func leaksOfOthers() -> UnsafePointer<CChar> { leaks }
nonisolated(unsafe) private let leaks = UnsafeRawPointer(("leak:libomp" as StaticString).utf8Start)
    .assumingMemoryBound(to: CChar.self)

private let target = namedTarget()

private func namedTarget() -> FuzzTarget {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    if let target = FuzzTarget(rawValue: name) { return target }
    let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    fatalError("FUZZ_TARGET is \"\(name)\"; it must be one of \(known)")
}

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
    runDriver(&argumentCount, &arguments) { bytes, count in
        do { try target.run(Array(UnsafeBufferPointer(start: bytes, count: count))) } catch {
            fatalError("\(target): \(error)")
        }
        return 0
    })
