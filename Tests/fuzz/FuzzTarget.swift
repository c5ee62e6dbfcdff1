// FuzzTarget: what is fuzzed, by name. The same code runs under libFuzzer (main.swift) and in every `swift test`, which
// replays what was found (ReplayTests).

/// A way into the library for bytes that nobody vouches for.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// Bytes of a `.caffemodel`.
    case caffemodel
    /// Text of a `.prototxt`.
    case prototxt
    /// Bytes of a `.npy` or `.npz`.
    case npy
    /// Calls of the C face, decoded from bytes.
    case face
    /// Networks that ought to work, decoded from bytes.
    case network
    /// What training reads: parameters, solvers, states.
    case training
    /// Matting, foreground colours, recolouring and the dense CRF on planes of any numbers.
    case refinement
    /// Calls of the C face from two threads at once.
    case threads
    /// Files of videos, read and written again.
    case video

    /// - Throws: ``FuzzFailure`` when an answer is wrong. What is worse traps.
    func run(_ bytes: [UInt8]) throws {
        switch self {
        case .caffemodel: try fuzzCaffemodel(bytes)
        case .prototxt: try fuzzPrototxt(bytes)
        case .npy: try fuzzNumpy(bytes)
        case .face: try fuzzFace(bytes)
        case .network: try fuzzNetwork(bytes)
        case .training: try fuzzTraining(bytes)
        case .refinement: try fuzzRefinement(bytes)
        case .threads: try fuzzThreads(bytes)
        case .video: try fuzzVideo(bytes)
        }
    }
}

/// A promise of the library that was not kept.
struct FuzzFailure: Error, CustomStringConvertible {
    let description: String
}

/// Throws unless what the library promises holds.
func demand(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw FuzzFailure(description: what()) }
}
