// CrowdTests: which pixels are one head, which parts of a photo are looked at, and a photo of three heads of known
// places.
import Foundation
import Media
import Testing

@testable import FaceSegKit

struct CrowdTests {
    /// Maps drawn as text: F face, h hair, . background.
    private func search(_ rows: [String]) -> HeadSearch {
        let text = rows.map(Array.init), width = text[0].count
        let face: [Float] = text.flatMap { $0.map { $0 == "F" ? 0.9 : 0.05 } }
        let hair: [Float] = text.flatMap { $0.map { $0 == "h" ? 0.9 : 0.05 } }
        return HeadSearch(width: width, height: rows.count, face: face, hair: hair)
    }

    @Test func twoHeadsShareTheirHair() {
        let found = search([
            "hhhhhhhhhhhhhhhhhhhh",
            "hFFFFhhhhhhhhhhFFFFh",
            "hFFFFhhhhhhhhhhFFFFh",
            "hFFFFh........hFFFFh",
            "hFFFFh........hFFFFh",
            "....................",
        ])
        #expect(found.heads.count == 2)
        let left = found.heads.firstIndex { $0.face!.left == 1 }!
        #expect(found.heads[left].face == PixelBox(left: 1, top: 1, right: 5, bottom: 5))
        #expect(found.heads.allSatisfy { $0.faceArea == 16 && $0.box.height == 5 })
        for x in 0..<20 { #expect((found.owners[x] == left) == (x < 10), "column \(x)") }
        #expect(found.owners[5 * 20] == -1)
        #expect(abs(found.heads[0].confidence - 0.95) < 1e-5)
    }

    @Test func aNeckBelowABeardIsNoHead() {
        let found = search([
            "..hhhhhh..", "..FFFFFF..", "..FFFFFF..", "..FFFFFF..", "..FFFFFF..", "..FFFFFF..", "..hhhhhh..",
            "...FFFF...", "...FFFF...", "...FFFF...", "..........",
        ])
        #expect(found.heads.count == 1)
        #expect(found.heads[0].faceArea == 42 && found.heads[0].hairArea == 12)
        #expect(found.heads[0].box == PixelBox(left: 2, top: 0, right: 8, bottom: 10))
    }

    @Test func hairAloneIsAHeadAndSpecksAreNone() {
        let found = search([
            "hhhhhhhh.....F", "hhhhhhhh......", "hhhhhhhh...hh.", "hhhhhhhh......", "..............",
        ])
        #expect(found.heads.count == 1)
        #expect(found.heads[0].face == nil && found.heads[0].hairArea == 32)
        #expect(found.owners[13] == -1 && found.owners[2 * 14 + 11] == -1)
    }

    @Test func componentsTouchAtCorners() {
        let text = Array("#..#.#..#......#")  // 4 x 4
        let parts = Components(width: 4, height: 4, map: text.map { $0 == "#" ? 4 : 1 }, bits: 4)
        #expect(parts.parts.map(\.area).sorted() == [1, 1, 3])
    }

    /// Every head of 24 to 2000 pixels, anywhere, lies whole in a tile of a level that takes its size.
    @Test(arguments: [(1280, 1000), (4000, 3000), (16_384, 700), (900, 5000)])
    func everyHeadIsInATile(_ size: (width: Int, height: Int)) {
        let tiles = Pyramid.tiles(width: size.width, height: size.height, smallest: 24, whole: 256)
        let base = 256.0 / Double(max(size.width, size.height))
        var chance = Chance(seed: size.width)
        for _ in 0..<300 {
            let head = Double.random(in: 24...min(2000, Double(size.height)), using: &chance)
            let x = Double.random(in: 0...max(Double(size.width) - head, 0), using: &chance)
            let y = Double.random(in: 0...max(Double(size.height) - head, 0), using: &chance)
            let isSeen = tiles.contains { tile in
                let seen = head * tile.scale
                return seen >= 15.9 && seen <= Double(PyramidTile.mostHead) && x >= tile.left - 1e-6
                    && y >= tile.top - 1e-6 && x + head <= tile.left + tile.width + 1e-6
                    && y + head <= tile.top + tile.height + 1e-6
            }
            #expect(isSeen || head * base >= 12, "\(head) pixels at \(x), \(y)")
        }
        #expect(tiles.allSatisfy { $0.left + $0.width <= Double(size.width) + 1e-6 && $0.side <= 960 })
    }

    @Test func smallPhotosHaveNoTiles() {
        #expect(Pyramid.tiles(width: 250, height: 250, smallest: 24, whole: 256).isEmpty)
        #expect(CrowdSearch.automatic.smallest(width: 1000, height: 1000) == nil)
        #expect(CrowdSearch.automatic.smallest(width: 1000, height: 1001) == 24)
    }

    // --- Three copies of the astronaut's head and shoulders in a plain photo.

    private static let width = 1500, height = 1000
    /// Left, top and side of each copy; the head is 0.62 as high, at 0.03 below the top.
    private static let copies = [(60, 80, 90), (300, 500, 200), (800, 150, 640)]

    private func photo() throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let astronaut = try Photo.read(path: root + "/examples/photos/astronaut.png")
        var pixels = [UInt8](repeating: 150, count: Self.width * Self.height * 3)
        let part = 256  // of the astronaut: columns 100 ..< 356, rows 0 ..< 256
        for (left, top, side) in Self.copies {
            for y in 0..<side {
                for x in 0..<side {
                    let from = (y * part / side * astronaut.width + 100 + x * part / side) * 3
                    let to = ((top + y) * Self.width + left + x) * 3
                    for c in 0..<3 { pixels[to + c] = astronaut.pixels[from + c] }
                }
            }
        }
        return pixels
    }

    @Test func headsOfAllSizesAreFound() throws {
        let pixels = try photo()
        let segmenter = try Segmenter(Model.builtIn())
        try segmenter.run(pixels.span, width: Self.width, height: Self.height)
        let heads = try segmenter.heads(), labels = try segmenter.labels()
        for (left, top, side) in Self.copies {
            let found = heads.filter {
                $0.columns.lowerBound >= left - 4 && $0.columns.upperBound <= left + side + 4
                    && $0.rows.lowerBound >= top - 4 && $0.rows.upperBound <= top + side + 4
                    && $0.rows.count > side / 2
            }
            #expect(found.count == 1, "\(side): \(heads)")
            #expect(found.allSatisfy { $0.faceArea > side * side / 12 && $0.hairArea > side * side / 12 })
        }
        let sizes = heads.map { $0.columns.count * $0.rows.count }
        #expect(sizes[0] == sizes.max())
        // Numbers are those of labelled pixels, and areas count them.
        var numbers = [UInt8](repeating: 9, count: Self.width * Self.height)
        let again = try numbers.withUnsafeMutableBytes {
            try segmenter.headNumbers(
                into: PlaneView(start: $0.baseAddress!, rowBytes: Self.width, element: .byte))
        }
        #expect(again == heads)
        for head in heads {
            let own = numbers.indices.filter { numbers[$0] == UInt8(head.number) }
            #expect(own.count { labels.pixels[$0] == 1 } == head.faceArea)
            #expect(own.count { labels.pixels[$0] == 2 } == head.hairArea)
        }
    }

    /// Of one look at the whole photo, too, and with no search of small ones there is none of the smallest.
    @Test func withoutACrowd() throws {
        let pixels = try photo(), segmenter = try Segmenter(Model.builtIn(), crowds: .off)
        try segmenter.run(pixels.span, width: Self.width, height: Self.height)
        let heads = try segmenter.heads()
        let (left, top, side) = Self.copies[2]
        #expect(
            heads.contains {
                $0.columns.lowerBound > left - 9 && $0.rows.lowerBound > top - 9 && $0.rows.count > side / 2
            })
        let none = try Segmenter(Model.builtIn())
        #expect(throws: FaceSegError.noResult) { try none.heads() }
    }

    @Test func threadsAndOrderChangeNothing() throws {
        let pixels = try photo(), model = try Model.builtIn()
        let results = try [1, 3].map { threads in
            let segmenter = try Segmenter(model, threads: threads)
            try segmenter.run(pixels.span, width: Self.width, height: Self.height)
            let hair = try segmenter.probability(of: 2).pixels
            let heads = try segmenter.heads()
            return (hair, heads, try segmenter.probability(of: 2).pixels)
        }
        #expect((results[0].0 == results[1].0 && results[0].0 == results[0].2) as Bool)
        #expect(results[0].1 == results[1].1)
    }

    /// A net of three classes at the size that it declares and of two at the photo's: nothing beyond them is read.
    @Test func fewerClassesThanNames() throws {
        let text = """
            input: "data" input_shape { dim: 1 dim: 3 dim: 64 dim: 96 }
            layer { name: "r" type: "Reshape" bottom: "data" top: "r"
              reshape_param { shape { dim: 1 dim: -1 dim: 64 dim: 96 } } }
            """
        let model = try Model.ofText(text, options: ModelOptions(workingSize: 64, reduceSize: 0))
        #expect(model.info.classNames == ["background", "face", "hair"])
        let side = 1024, pixels = (0..<side * side * 3).map { UInt8(truncatingIfNeeded: $0 &* 37 >> 4) }
        let results = try [CrowdSearch.off, .heads(from: 200)].map { crowds in
            let segmenter = try Segmenter(model, crowds: crowds)
            let labels = try segmenter.segment(pixels.span, width: side, height: side).pixels
            #expect(throws: FaceSegError.self) { try segmenter.heads() }
            return labels
        }
        #expect((results[0] == results[1]) as Bool)
    }

    @Test func progressRisesAndCancels() throws {
        let pixels = try photo(), segmenter = try Segmenter(Model.builtIn())
        var shares: [Float] = []
        try segmenter.run(pixels.span, width: Self.width, height: Self.height) {
            shares.append($0); return true
        }
        #expect(shares == shares.sorted() && shares.last == 1)
        let nobody = [UInt8](repeating: 128, count: pixels.count)
        shares = []
        try segmenter.run(nobody.span, width: Self.width, height: Self.height) {
            shares.append($0)
            return true
        }
        #expect(shares == shares.sorted() && shares.last == 1)
        for stop: Float in [0.1, 0.3, 0.6] {
            #expect(throws: FaceSegError.cancelled) {
                try segmenter.run(pixels.span, width: Self.width, height: Self.height) { $0 < stop }
            }
            #expect(throws: FaceSegError.noResult) { try segmenter.labels() }
        }
    }
}
