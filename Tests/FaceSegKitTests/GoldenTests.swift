// GoldenTests: that the network inside stays as good as it is: F1 of each class on pictures made of the astronaut, and on
// the validation sets where they are at hand.
import Foundation
import Media
import Testing

@testable import FaceSegKit

struct GoldenTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    private static let data =
        ProcessInfo.processInfo.environment["FACESEG_DATA"] ?? root + "/../shared/data"

    /// A picture and its labels.
    struct Scene {
        var width: Int, height: Int, pixels: [UInt8], labels: [UInt8]

        /// The astronaut, and the mask that was checked by eye: 0 background, 1 face, 2 hair.
        static func astronaut() throws -> Scene {
            let photo = try Photo.read(path: root + "/examples/photos/astronaut.png")
            let mask = try Mask.read(path: root + "/Tests/FaceSegKitTests/Fixtures/astronaut.mask.png")
            return Scene(width: photo.width, height: photo.height, pixels: photo.pixels, labels: mask.labels)
        }

        /// Of another size, by its nearest pixels, at a place of a plain picture.
        func laid(at place: (x: Int, y: Int), side: Int, on size: (width: Int, height: Int)) -> Scene {
            var scene = Scene(
                width: size.width, height: size.height,
                pixels: [UInt8](repeating: 128, count: size.width * size.height * 3),
                labels: [UInt8](repeating: 0, count: size.width * size.height))
            for y in 0..<side {
                for x in 0..<side {
                    let from = y * height / side * width + x * width / side
                    let to = (place.y + y) * size.width + place.x + x
                    scene.labels[to] = labels[from]
                    for c in 0..<3 { scene.pixels[3 * to + c] = pixels[3 * from + c] }
                }
            }
            return scene
        }

        var mirrored: Scene {
            var scene = self
            for y in 0..<height {
                for x in 0..<width {
                    let from = y * width + width - 1 - x, to = y * width + x
                    scene.labels[to] = labels[from]
                    for c in 0..<3 { scene.pixels[3 * to + c] = pixels[3 * from + c] }
                }
            }
            return scene
        }

        var dark: Scene {
            var scene = self
            scene.pixels = pixels.map { UInt8(255 * 0.35 * pow(Double($0) / 255, 2.2) + 0.5) }
            return scene
        }
    }

    /// F1 of face and of hair.
    private func f1(
        _ scene: Scene, _ network: BuiltInNetwork = .standard
    ) throws -> (face: Double, hair: Double) {
        let segmenter = try Segmenter(Model.builtIn(network))
        let labels = try segmenter.segment(scene.pixels.span, width: scene.width, height: scene.height)
        var matrix = ConfusionMatrix(classes: 3)
        matrix.add(truth: scene.labels, labels: labels.pixels)
        return (matrix.f1(of: 1) ?? 0, matrix.f1(of: 2) ?? 0)
    }

    @Test func theAstronaut() throws {
        let scene = try Scene.astronaut()
        for (name, scene) in [("as it is", scene), ("mirrored", scene.mirrored), ("dark", scene.dark)] {
            let scores = try f1(scene)
            #expect(scores.face > 0.87 && scores.hair > 0.97, "\(name): \(scores)")
        }
    }

    @Test func farAway() throws {
        let scene = try Scene.astronaut().laid(at: (150, 60), side: 200, on: (500, 400))
        let scores = try f1(scene)
        #expect(scores.face > 0.9 && scores.hair > 0.9, "\(scores)")
    }

    /// A head of 31 pixels is found nearly wherever it is.
    @Test func farAwayInALargePhoto() throws {
        let places = [(700, 300), (100, 100), (333, 555), (900, 640), (501, 207), (45, 720)]
        let found = try places.map { place in
            try f1(Scene.astronaut().laid(at: place, side: 90, on: (1200, 900)))
        }
        // Some of the suit becomes face.
        #expect(found.count { $0.face > 0.4 && $0.hair > 0.97 } >= 5, "\(found)")
    }

    /// Pictures that a photo may be without a head: one colour, noise, stripes, a gradient.
    @Test func nobody() throws {
        let side = 200, count = side * side
        let pictures: [(String, (Int, Int, Int) -> UInt8)] = [
            ("grey", { _, _, _ in 128 }), ("skin's colour", { _, _, c in [224, 172, 140][c] }),
            (
                "noise",
                { x, y, c in UInt8(truncatingIfNeeded: (x * 31 + y * 17 + c * 7) &* 2_654_435_761 >> 9) }
            ),
            ("stripes", { x, _, _ in x / 8 % 2 == 0 ? 30 : 220 }),
            ("gradient", { x, y, _ in UInt8((x + y) / 2) }),
        ]
        for (name, value) in pictures {
            let pixels: [UInt8] = (0..<count).flatMap { i in (0..<3).map { value(i % side, i / side, $0) } }
            let labels = try Segmenter(Model.builtIn()).segment(pixels.span, width: side, height: side)
            #expect(labels.pixels.count { $0 != 0 } < count / 200, "\(name)")
        }
    }

    /// Some of the photos that nothing was trained on; all of them are `faceseg evaluate`'s.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: data)),
        arguments: [
            ("lfw-part-labels/images/val", 500, 25, 0.95, 0.84),
            ("celebamask-mini/images/train", 100, 5, 0.96, 0.92),
            ("crowds/images/train", 60, 4, 0.85, 0.78),
        ])
    func photosWithLabels(_ set: (folder: String, last: Int, step: Int, face: Double, hair: Double)) throws {
        let folder = Self.data + "/" + set.folder
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().suffix(set.last)
        let segmenter = try Segmenter(Model.builtIn())
        var matrix = ConfusionMatrix(classes: 3)
        for (index, name) in names.enumerated() where index % set.step == 0 {
            let photo = try Photo.read(path: folder + "/" + name)
            let stem = name.prefix(upTo: name.lastIndex(of: ".")!)
            let masks = folder.replacingOccurrences(of: "/images/", with: "/masks/")
            let mask = try Mask.read(path: masks + "/" + stem + ".png")
            let format: PixelFormat = photo.channels == 1 ? .gray : photo.channels == 3 ? .rgb : .rgba
            let labels = try segmenter.segment(
                photo.pixels.span, width: photo.width, height: photo.height, format: format)
            matrix.add(truth: mask.labels, labels: labels.pixels)
        }
        let (face, hair) = (matrix.f1(of: 1) ?? 0, matrix.f1(of: 2) ?? 0)
        #expect(face > set.face && hair > set.hair, "\(face), \(hair)")
    }
}
