// What the tests share: the files that Fixtures/make.py made, the values in them, and a folder to write to.

import Glibc
import Testing

@testable import Media

enum Fixture {
    static let folder = directory(#filePath) + "/Fixtures/"

    static func bytes(_ name: String) throws -> [UInt8] { try readFile(folder + name) }

    static func photo(_ name: String) throws -> Photo { try Photo.decode(bytes(name), name: name) }

    /// Networks and arrays that Caffe made; not everyone has them.
    static let shared: String = {
        let root = directory(directory(directory(#filePath)))
        return getenv("FACESEG_FIXTURES").map { String(cString: $0) } ?? root + "/../shared/fixtures"
    }()
    static let hasShared = access(shared + "/inference", R_OK) == 0

    private static func directory(_ path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}

/// The six squares of 8 x 8 pixels in most of the lossy files, upright, row by row.
let squares: [[Int]] = [
    [200, 40, 40], [40, 180, 60], [50, 60, 200], [230, 230, 230], [30, 30, 30], [220, 200, 40],
]

/// 7 x 5 pixels, each one different: RGB, its red alone, and RGBA.
enum Ramp {
    static let rgb = pixels { x, y in [30 * x, 40 * y, 5 * x * y] }
    static let grey = pixels { x, y in [30 * x] }
    static let rgba = pixels { x, y in [30 * x, 40 * y, 5 * x * y, 255 - 20 * x - 10 * y] }
    static let greyAlpha = pixels { x, y in [30 * x, 30 * x, 30 * x, 255 - 20 * x - 10 * y] }

    private static func pixels(_ pixel: (Int, Int) -> [Int]) -> [UInt8] {
        (0..<5).flatMap { y in (0..<7).flatMap { x in pixel(x, y).map { UInt8($0) } } }
    }
}

extension Photo {
    func pixel(_ x: Int, _ y: Int) -> [Int] {
        let start = (y * width + x) * channels
        return pixels[start..<start + channels].map { Int($0) }
    }

    /// Every pixel is within `tolerance` of what stands in `squares` there.
    func shows(_ squares: [[Int]], tolerance: Int) -> Bool {
        guard (width, height, channels) == (24, 16, squares[0].count) else { return false }
        return (0..<height).allSatisfy { y in
            (0..<width).allSatisfy { x in close(pixel(x, y), squares[y / 8 * 3 + x / 8], tolerance) }
        }
    }
}

func close(_ a: [Int], _ b: [Int], _ tolerance: Int) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}

/// The error of something that must fail; an issue is recorded when it does not.
func failure<Result>(_ work: () throws(MediaError) -> Result) -> MediaError? {
    do throws(MediaError) {
        let result = try work()
        Issue.record("no error, but \(result)")
        return nil
    } catch {
        return error
    }
}

/// A folder of its own for a test, gone afterwards.
func inFolder(_ work: (String) throws -> Void) throws {
    var template = Array("/tmp/faceseg-media-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { remove(tree: folder) }
    try work(folder)
}

private func remove(tree path: String) {
    guard remove(path) != 0, let listing = opendir(path) else { return }
    while let entry = readdir(listing) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { remove(tree: path + "/" + name) }
    }
    closedir(listing)
    remove(path)
}

func write(_ bytes: [UInt8], to path: String) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// Small, fast, and the same everywhere: a failing case replays from its seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
