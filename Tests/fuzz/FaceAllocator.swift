// FaceAllocator: a host's own memory for a session, which is not always there. It must come back whole.
import CFaceSeg
import Glibc

final class FaceAllocator: @unchecked Sendable {
    private let failsEvery: Int, lock = FuzzLock()
    private var calls = 0
    private var sizes: [UnsafeMutableRawPointer: [Int]] = [:]

    /// - failsEvery: this many calls one gets nothing; 0: none.
    init(failsEvery: Int) { self.failsEvery = failsEvery }

    var isAllBack: Bool { lock.hold { sizes.isEmpty } }

    /// - isWhole: or half an offer, which is refused.
    func offer(_ options: inout faceseg_session_options, isWhole: Bool) {
        options.allocate = { context, size, alignment in FaceAllocator.of(context).allocate(size, alignment) }
        if isWhole {
            options.release = { context, memory, size, alignment in
                FaceAllocator.of(context).release(memory!, size, alignment)
            }
        }
        options.allocator_context = Unmanaged.passUnretained(self).toOpaque()
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> FaceAllocator {
        context.map { Unmanaged<FaceAllocator>.fromOpaque($0).takeUnretainedValue() } ?? contextless
    }

    /// A struct may end before the context.
    private static let contextless = FaceAllocator(failsEvery: 5)

    private func allocate(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
        lock.hold {
            calls += 1
            var memory: UnsafeMutableRawPointer?
            guard failsEvery == 0 || calls % failsEvery != 0, posix_memalign(&memory, alignment, size) == 0,
                let memory
            else { return nil }
            memset(memory, 0xA5, min(size, 1 << 20))
            sizes[memory] = [size, alignment]
            return memory
        }
    }

    private func release(_ memory: UnsafeMutableRawPointer, _ size: Int, _ alignment: Int) {
        lock.hold {
            precondition(
                sizes.removeValue(forKey: memory) == [size, alignment], "memory of another size came back")
            free(memory)
        }
    }
}
