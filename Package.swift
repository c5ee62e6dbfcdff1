// swift-tools-version: 6.2
// The package: one product for Swift programs, one for C and Python, one command line.
// No target that a product reaches uses unsafeFlags, so that others may depend on a version of it.
import PackageDescription

// What is fuzzed: with FACESEG_FUZZ set a program around libFuzzer (`make fuzz`), else tests that replay its findings.
let fuzzed: [Target.Dependency] = ["FaceSegKit", "FaceSegTraining", "FaceSegC", "CFaceSeg", "Media"]
let fuzzData = ["corpus", "dictionaries", "regressions"]
let fuzzing: Target =
    Context.environment["FACESEG_FUZZ"] == nil
    ? .testTarget(
        name: "FuzzTests", dependencies: fuzzed, path: "Tests/fuzz", exclude: fuzzData + ["main.swift"])
    : .executableTarget(
        name: "fuzz", dependencies: fuzzed, path: "Tests/fuzz", exclude: fuzzData + ["ReplayTests.swift"])

// What a peer compares gradients with (`make test-gradients`), when FACESEG_PEERS is set.
let backward: [Target] =
    Context.environment["FACESEG_PEERS"] == nil
    ? []
    : [
        .executableTarget(
            name: "backward", dependencies: ["FaceSegKit", "FaceSegTraining", "Media"],
            path: "Tests/peers/backward")
    ]

let package = Package(
    name: "faceseg",
    products: [
        .library(name: "FaceSegKit", targets: ["FaceSegKit"]),
        .library(name: "FaceSegAsync", targets: ["FaceSegAsync"]),
        .library(name: "FaceSegC", type: .dynamic, targets: ["FaceSegC"]),
        .executable(name: "faceseg", targets: ["faceseg"]),
    ],
    targets: [
        .target(name: "Kernels", cSettings: [.headerSearchPath(".")], linkerSettings: [.linkedLibrary("m")]),
        .target(name: "EmbeddedNetwork", exclude: ["standard.caffemodel", "small.caffemodel"]),
        .target(name: "FaceSegKit", dependencies: ["Kernels", "EmbeddedNetwork"]),
        .target(name: "FaceSegAsync", dependencies: ["FaceSegKit"]),
        .systemLibrary(name: "CFaceSeg", path: "include"),
        .target(name: "FaceSegC", dependencies: ["FaceSegKit", "CFaceSeg"]),
        .systemLibrary(name: "CTurboJPEG", path: "Sources/System/CTurboJPEG"),
        .systemLibrary(name: "CPNG", path: "Sources/System/CPNG"),
        .systemLibrary(name: "CWebP", path: "Sources/System/CWebP"),
        .target(name: "VideoLibraries", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "Media", dependencies: ["CTurboJPEG", "CPNG", "CWebP", "VideoLibraries"]),
        .target(
            name: "Gradients", dependencies: ["Kernels"],
            cSettings: [.headerSearchPath("."), .headerSearchPath("../Kernels")]),
        .target(name: "FaceSegTraining", dependencies: ["FaceSegKit", "Kernels", "Gradients", "Media"]),
        .executableTarget(name: "faceseg", dependencies: ["FaceSegKit", "FaceSegTraining", "Media"]),
        .testTarget(name: "MediaTests", dependencies: ["Media"], exclude: ["Fixtures"]),
        .testTarget(name: "FaceSegKitTests", dependencies: ["FaceSegKit", "Media"], exclude: ["Fixtures"]),
        .testTarget(name: "FaceSegTrainingTests", dependencies: ["FaceSegTraining", "Media"]),
        .testTarget(name: "FaceSegAsyncTests", dependencies: ["FaceSegAsync", "FaceSegKit"]),
        .testTarget(
            name: "FaceSegCTests", dependencies: ["FaceSegC", "CFaceSeg", "Media"], exclude: ["Fixtures"]),
        .testTarget(name: "FacesegCommandTests", dependencies: ["faceseg", "Media"]),
        fuzzing,
    ] + backward,
    cLanguageStandard: .c2x
)
