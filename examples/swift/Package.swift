// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "segment",
    dependencies: [.package(name: "faceseg", path: "../..")],
    targets: [
        .executableTarget(
            name: "segment",
            dependencies: [
                .product(name: "FaceSegKit", package: "faceseg"),
                .product(name: "FaceSegAsync", package: "faceseg"),  // for async callers
            ],
            swiftSettings: [.strictMemorySafety()])
    ]
)
