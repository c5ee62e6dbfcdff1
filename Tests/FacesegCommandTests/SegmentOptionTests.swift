// SegmentOptionTests: what the options of `faceseg segment` change.
import Foundation
import Media
import Testing

struct SegmentOptionTests {
    private let folder = Folder()

    @Test func withoutOptionsAnOverlayBesideThePhoto() throws {
        try folder.copy(Fixture.astronaut, "a.b.png")
        let outcome = try Program.run("segment", "a.b.png", in: folder)
        #expect(outcome.code == 0)
        #expect(try folder.names() == ["a.b.faceseg.png", "a.b.png"])
        let pattern =
            /a\.b\.png: 512 x 512, background [0-9.]+ %, face [0-9.]+ %, hair [0-9.]+ %, [0-9.]+ ms -> a\.b\.faceseg\.png\n/
        #expect(try pattern.wholeMatch(in: outcome.output) != nil, "\(outcome.output)")
        let every = try EveryOutput.ofAstronaut.get()
        #expect(try folder.bytes("a.b.faceseg.png") == every.bytes("overlay"))
    }

    /// The same whatever the number of threads.
    @Test func threads() throws {
        let every = try EveryOutput.ofAstronaut.get()
        for threads in ["1", "3"] {
            let outcome = try Program.run(
                "segment", Fixture.astronaut, "--output=probabilities", "-o", "p.npy", "--threads", threads,
                in: folder)
            #expect(outcome.code == 0)
            #expect(try folder.array("p.npy") == every.probabilities)
        }
    }

    @Test func endingsPickFormats() throws {
        let every = try EveryOutput.ofAstronaut.get()
        func write(_ output: String, _ name: String) throws -> Photo {
            let outcome = try Program.run(
                "segment", Fixture.astronaut, "--output", output, "-o", name, in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            return try folder.photo(name)
        }
        let overlay = try every.picture("overlay")
        let alpha = try every.picture("alpha")
        for name in ["o.jpg", "o.JPEG", "o.webp"] {
            let picture = try write("overlay", name)
            #expect(meanDifference(picture.pixels, overlay.pixels) < 4)
        }
        #expect(try folder.bytes("o.jpg").prefix(2) == [0xFF, 0xD8])
        #expect(try folder.bytes("o.webp").prefix(4) == Array("RIFF".utf8)[...])
        let cutout = try write("cutout", "c.webp")
        #expect(cutout.channels == 4)
        #expect(stride(from: 3, to: cutout.pixels.count, by: 4).map { cutout.pixels[$0] } == alpha.pixels)
        #expect(try write("alpha", "a.webp").pixels == alpha.pixels.flatMap { [$0, $0, $0] })
        #expect(meanDifference(try write("alpha", "a.jpg").pixels, alpha.pixels) < 2)
    }

    private func meanDifference(_ a: [UInt8], _ b: [UInt8]) -> Double {
        guard a.count == b.count else { return .infinity }
        return zip(a, b).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(a.count)
    }

    @Test func headIsFaceAndHair() throws {
        func alpha(_ target: String) throws -> [Int] {
            let outcome = try Program.run(
                "segment", Fixture.astronaut, "--output", "alpha", "--target", target, "-o", "\(target).png",
                in: folder)
            #expect(outcome.code == 0)
            return try folder.photo("\(target).png").pixels.map { Int($0) }
        }
        let face = try alpha("face"), hair = try alpha("hair"), head = try alpha("head")
        // Each is stretched by itself: where background mixes in, together they are less than the head.
        #expect(face.indices.allSatisfy { face[$0] + hair[$0] <= head[$0] + 1 })
        #expect(face.indices.count { abs(face[$0] + hair[$0] - head[$0]) <= 1 } > face.count * 95 / 100)
        #expect(face[130 * 512 + 225] > 250 && hair[130 * 512 + 225] < 5)
    }

    @Test func aPhotosOwnAlphaMultiplies() throws {
        let rgb = noise(40, 30, channels: 3), own = noise(30, 40, channels: 1)
        let pixels = rgba(rgb, own)
        try folder.write(try encodePNG(width: 40, height: 30, channels: 3, pixels: rgb), "rgb.png")
        try folder.write(try encodePNG(width: 40, height: 30, channels: 4, pixels: pixels), "rgba.png")
        for name in ["rgb", "rgba"] {
            #expect(try Program.run("segment", name + ".png", "--output", "cutout", in: folder).code == 0)
        }
        let plain = try folder.photo("rgb.faceseg.png").pixels
        // Half of an even number of 255ths does not occur, so that there is one nearest byte.
        let alpha = (0..<1200).map { UInt8((Double(plain[4 * $0 + 3]) * Double(own[$0]) / 255).rounded()) }
        #expect(try folder.photo("rgba.faceseg.png").pixels == rgba(rgb, alpha))
    }

    @Test func greyIsColourWithoutColour() throws {
        let grey = try Photo.read(path: Fixture.astronaut).pixels.enumerated().filter { $0.offset % 3 == 1 }
            .map(\.element)
        try folder.write(try encodePNG(width: 512, height: 512, channels: 1, pixels: grey), "grey.png")
        try folder.write(
            try encodePNG(width: 512, height: 512, channels: 3, pixels: grey.flatMap { [$0, $0, $0] }),
            "rgb.png")
        let outcome = try Program.run("segment", ".", "-o", "out", "--output", "labels,cutout", in: folder)
        #expect(outcome.code == 0)
        #expect(try folder.bytes("out/grey.labels.png") == folder.bytes("out/rgb.labels.png"))
        #expect(try folder.bytes("out/grey.cutout.png") == folder.bytes("out/rgb.cutout.png"))
        #expect(
            try Set(folder.photo("out/grey.labels.png").pixels) == [0, 128], "something is found in grey")
    }

    /// Each refinement has a name, gives probabilities, and is not another one.
    @Test func refinements() throws {
        let photo = Fixture.astronaut
        var maps: [[Float]] = []
        for name in ["none", "guided", "crf"] {
            let ended = try Program.run(
                "segment", photo, "--output", "probabilities", "--refine", name, "-o", "\(name).npy",
                in: folder)
            #expect(ended.code == 0, "\(ended.errors)")
            let array = try folder.array("\(name).npy")
            let plane = array.shape[1] * array.shape[2]
            #expect(
                (0..<plane).allSatisfy {
                    abs(array.floats[$0] + array.floats[plane + $0] + array.floats[2 * plane + $0] - 1) < 1e-5
                })
            #expect(!maps.contains(array.floats))
            maps.append(array.floats)
        }
        let refused = try Program.run("segment", photo, "--refine", "best", in: folder)
        #expect(refused.code == 2 && refused.errors.contains("crf"), "\(refused.errors)")
    }

    /// A model of one's own at the photo's size: softmax of what `forward` gives for the photo less its means.
    @Test func anotherModelAndItsOptions() throws {
        let net = Fixture.small + "fcn8s_unpacked", width = 45, height = 37, count = 45 * 37
        let pixels = noise(width, height, channels: 3), means: [Float] = [10, -20.5, 30]
        try folder.write(
            try encodePNG(width: width, height: height, channels: 3, pixels: pixels), "photo.png")
        let planes = (0..<3).flatMap { c in
            (0..<count).map { (Float(pixels[3 * $0 + 2 - c]) - means[c]) * 0.5 }
        }
        try folder.write(NumpyArray(shape: [1, 3, height, width], floats: planes).encode(), "x.npy")
        let forward = try Program.run(
            "forward", net + ".caffemodel", net + ".prototxt", "--input", "x.npy", "--output", "y.npy",
            in: folder)
        let segment = try Program.run(
            "segment", "photo.png", "--model", net + ".caffemodel", "--prototxt", net + ".prototxt",
            "--means", "10,-20.5,30", "--scale", "0.5", "--size", "photo", "--reduce", "none", "--classes",
            "wall,skin", "--output", "probabilities", "--refine", "none", "--json", in: folder)
        #expect(forward.code == 0 && segment.code == 0, "\(forward.errors)\(segment.errors)")
        let scores = try folder.array("y.npy"), got = try folder.array("photo.faceseg.npy")
        #expect([1] + got.shape == scores.shape)
        #expect(relativeError(got.floats, softmax(scores)) < 1e-5)
        let classes = try #require(try segment.object()["classes"] as? [[String: Any]])
        let names = ["wall", "skin"] + (2..<scores.shape[1]).map { "class \($0)" }
        #expect(classes.map { $0["name"] as? String } == names)
    }

    private func softmax(_ scores: NumpyArray) -> [Float] {
        let classes = scores.shape[1], count = scores.shape[2] * scores.shape[3]
        var result = scores.floats
        for i in 0..<count {
            let powers = (0..<classes).map { exp(Double(scores.floats[$0 * count + i])) },
                sum = powers.reduce(0, +)
            for c in 0..<classes { result[c * count + i] = Float(powers[c] / sum) }
        }
        return result
    }

    /// Alpha as fine as the photo, and colours of the foreground alone where it is soft; straight and multiplied.
    @Test func mattedCutouts() throws {
        let folder = Folder()
        func write(_ output: String, _ more: String = "--json") throws -> Photo {
            let outcome = try Program.run(
                "segment", Fixture.astronaut, "-o", "out.png", "--output", output, "--refine", "matting",
                more,
                in: folder)
            #expect(outcome.code == 0)
            return try Photo.decode(folder.bytes("out.png"), name: "out.png")
        }
        let photo = try Photo.read(path: Fixture.astronaut)
        let alpha = try write("alpha")
        let straight = try write("cutout")
        let multiplied = try write("cutout", "--premultiplied")
        var changed = 0
        for i in 0..<photo.width * photo.height {
            let a = Int(alpha.pixels[i])
            #expect(straight.pixels[4 * i + 3] == a && multiplied.pixels[4 * i + 3] == a)
            for c in 0..<3 {
                let color = Int(straight.pixels[4 * i + c])
                #expect(Int(multiplied.pixels[4 * i + c]) == (color * a + 127) / 255)
                if color != photo.pixels[3 * i + c] {
                    #expect(a < 255)
                    changed += 1
                }
            }
        }
        #expect(changed > 1000)
    }

    /// Hair takes the colour, one target after the other, as strong as is said; what is not asked for stays.
    @Test func recoloring() throws {
        func write(_ colors: String..., more: String...) throws -> Photo {
            let outcome = try Program.run(
                arguments: ["segment", Fixture.astronaut, "-o", "r.png"]
                    + colors.flatMap { ["--recolor", $0] }
                    + more, in: folder)
            #expect(outcome.code == 0, "\(outcome.errors)")
            return try folder.photo("r.png")
        }
        let photo = try Photo.read(path: Fixture.astronaut)
        let hair = try EveryOutput.ofAstronaut.get().probabilities
        let violet = try write("hair=#8a2be2")
        #expect(violet.channels == 3 && violet.width == photo.width)
        let count = photo.width * photo.height
        func mean(_ picture: Photo, _ pixels: [Int]) -> [Double] {
            (0..<3).map { c in
                pixels.reduce(0) { $0 + Double(picture.pixels[3 * $1 + c]) } / Double(pixels.count)
            }
        }
        let sure = (0..<count).filter { hair.floats[2 * count + $0] > 0.95 }
        for (got, wanted) in zip(mean(violet, sure), [0x8A, 0x2B, 0xE2]) {
            #expect(abs(got - Double(wanted)) < 40)
        }
        let far = (0..<count).filter { hair.floats[2 * count + $0] < 0.001 }
        #expect(far.allSatisfy { violet.pixels[3 * $0] == photo.pixels[3 * $0] })
        #expect(try write("hair=#8a2be200").pixels == photo.pixels)
        let both = try write("hair=#8a2be2,face=#3a8f3a", more: "--output", "recolor")
        #expect(try write("hair=#8a2be2", "face=#3a8f3a").pixels == both.pixels)
        #expect(both.pixels != violet.pixels)
    }

    @Test(arguments: [
        (["--recolor", "hair"], "--recolor: \"hair\" does not begin with face=, hair= or head="),
        (["--recolor", "nose=#123456"], "\"nose=#123456\" does not begin with face=, hair= or head="),
        (["--recolor", "hair=violet"], "\"violet\" is not a colour like #8a2be2"),
        (["--recolor", "hair=#8a2be"], "\"#8a2be\" is not a colour like #8a2be2"),
        (["--recolor", "hair=#-8a2be"], "\"#-8a2be\" is not a colour like #8a2be2"),
        (["--recolor", ","], "--recolor: no colour is named"),
        (["--output", "recolor"], "--output recolor needs --recolor"),
        (["--output", "alpha", "--recolor", "hair=#8a2be2"], "--recolor is about --output recolor"),
    ])
    func colorsThatAreNone(_ given: [String], _ message: String) throws {
        let outcome = try Program.run(arguments: ["segment", Fixture.astronaut] + given, in: folder)
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
}
