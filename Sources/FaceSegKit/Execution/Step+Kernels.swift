// Step: one call of a kernel's driver with everything it needs, made once for a plan and then only run.
import Kernels

/// A stage of a plan. Holds pointers into the plan's arena and weights, so it lives no longer than its plan.
protocol Step {
    func run(_ workers: Workers)
}

/// Numbers in an arena: where and in which shape.
struct Tensor {
    let start: UnsafeMutablePointer<Float>
    let shape: Shape
    /// Of a band: the rows that the memory holds, and those that are to be computed; nil: all.
    var rows: (held: Range<Int>, computed: Range<Int>)?
    var read: UnsafePointer<Float> { UnsafePointer(start) }

    /// Of four dimensions.
    var held: Range<Int> { rows?.held ?? 0..<shape[2] }
    var computed: Range<Int> { rows?.computed ?? 0..<shape[2] }
    /// Floats from plane to plane.
    var planeStep: Int { held.count * shape[3] }
    /// From the first computed row.
    var fromComputed: UnsafeMutablePointer<Float> {
        start + (computed.lowerBound - held.lowerBound) * shape[3]
    }
}

/// A kernel whose driver takes one struct of arguments.
struct KernelStep<Arguments>: Step {
    let arguments: Arguments
    let driver: (UnsafePointer<Arguments>?, UnsafePointer<fsk_pool>?) -> Void

    init(
        _ arguments: Arguments,
        _ driver: @escaping (UnsafePointer<Arguments>?, UnsafePointer<fsk_pool>?) -> Void
    ) {
        self.arguments = arguments
        self.driver = driver
    }

    func run(_ workers: Workers) {
        withUnsafePointer(to: arguments) { arguments in workers.withPool { driver(arguments, $0) } }
    }
}

/// A product, which needs its variant and scratch memory too.
struct ProductStep<Arguments>: Step {
    typealias Driver = (
        OpaquePointer?, UnsafePointer<Arguments>?, UnsafeMutablePointer<Float>?, UnsafePointer<fsk_pool>?
    ) -> Void

    let arguments: Arguments
    let variant: OpaquePointer
    let scratch: UnsafeMutablePointer<Float>
    let driver: Driver

    func run(_ workers: Workers) {
        withUnsafePointer(to: arguments) { arguments in
            workers.withPool { driver(variant, arguments, scratch, $0) }
        }
    }
}

/// A kernel over blocks, whose driver takes its variant.
struct VariantStep<Arguments>: Step {
    let arguments: Arguments
    let variant: OpaquePointer
    let driver: (OpaquePointer?, UnsafePointer<Arguments>?, UnsafePointer<fsk_pool>?) -> Void

    func run(_ workers: Workers) {
        withUnsafePointer(to: arguments) { arguments in
            workers.withPool { driver(variant, arguments, $0) }
        }
    }
}

/// The phases of a deconvolution, or a convolution, whose planes keep to themselves.
struct PhasesStep<Phase>: Step {
    let phases: [Phase]
    let driver: (UnsafePointer<Phase>?, Int, UnsafePointer<fsk_pool>?) -> Void

    func run(_ workers: Workers) {
        phases.withUnsafeBufferPointer { phases in
            workers.withPool { driver(phases.baseAddress, phases.count, $0) }
        }
    }
}

/// An elementwise step over several inputs, which keeps their addresses.
struct EltwiseStep: Step {
    let inputs: [UnsafePointer<Float>?]
    let coefficients: [Float]
    let arguments: fsk_eltwise

    func run(_ workers: Workers) {
        inputs.withUnsafeBufferPointer { inputs in
            coefficients.withUnsafeBufferPointer { coefficients in
                var arguments = arguments
                arguments.x = inputs.baseAddress
                arguments.coefficients = coefficients.isEmpty ? nil : coefficients.baseAddress
                withUnsafePointer(to: arguments) { arguments in
                    workers.withPool { fsk_eltwise_run(arguments, $0) }
                }
            }
        }
    }
}
