// fsk_resampling: photos and planes at other sizes, warps, and rows of results, against plain sums in double.
import Kernels
import Testing

private struct Photo {
    let bytes: [UInt8], width: Int, height: Int, pixel: Int, rowBytes: Int

    init(width: Int, height: Int, pixel: Int, seed: Int = 0) {
        var random = SplitMix(width, height, pixel, seed)
        (self.width, self.height, self.pixel) = (width, height, pixel)
        rowBytes = width * pixel + 5
        bytes = (0..<rowBytes * height).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// Channels of blue, green, red in R, G, B(, A) or grey.
    var channels: [Int] { pixel == 1 ? [0, 0, 0] : [2, 1, 0] }

    func value(_ x: Int, _ y: Int, _ channel: Int) -> Double {
        Double(bytes[y * rowBytes + x * pixel + channels[channel]])
    }

    func withC<Result>(_ body: (fsk_photo) -> Result) -> Result {
        bytes.withUnsafeBufferPointer {
            body(
                fsk_photo(
                    pixels: $0.baseAddress, row_bytes: rowBytes, width: width, height: height,
                    pixel_bytes: pixel,
                    blue: channels[0], green: channels[1], red: channels[2]))
        }
    }
}

private struct Table {
    let first: [Int32], weights: [Float], taps: Int
    var count: Int { first.count }

    init(length: Int, taps: Int, count: Int) {
        var random = SplitMix(length, taps, count)
        self.taps = taps
        first = (0..<count).map { _ in Int32(random.next() % UInt64(length - taps + 1)) }
        weights = random.floats(taps * count, in: 0...1)
    }

    func withC<Result>(_ body: (fsk_table) -> Result) -> Result {
        first.withUnsafeBufferPointer { first in
            weights.withUnsafeBufferPointer {
                body(fsk_table(first: first.baseAddress, weights: $0.baseAddress, taps: taps, count: count))
            }
        }
    }

    func terms(_ i: Int) -> [(index: Int, weight: Double)] {
        (0..<taps).map { (Int(first[i]) + $0, Double(weights[i * taps + $0])) }
    }
}

struct ResamplingTests {
    @Test(arguments: [1, 3, 4], [(1, 1), (2, 2), (5, 7)])
    func photoAsTheSum(pixel: Int, taps: (Int, Int)) {
        let photo = Photo(width: 37, height: 23, pixel: pixel)
        let vertical = Table(length: 23, taps: taps.0, count: 9),
            horizontal = Table(
                length: 37, taps: taps.1, count: 14)
        var wanted: [Double] = []
        for channel in 0..<3 {
            for row in 0..<9 {
                for column in 0..<14 {
                    var sum = 0.0
                    for (y, v) in vertical.terms(row) {
                        for (x, h) in horizontal.terms(column) { sum += v * h * photo.value(x, y, channel) }
                    }
                    wanted.append(sum)
                }
            }
        }
        for bits in runnableBits {
            for way in Way.allCases {
                var pool = way.pool(bits: bits)
                var scratch = [Float](repeating: .nan, count: 37 * 4 * Int(pool.threads))
                let got = written(wanted.count) { planes in
                    photo.withC { photo in
                        vertical.withC { vertical in
                            horizontal.withC { horizontal in
                                scratch.withUnsafeMutableBufferPointer { scratch in
                                    var arguments = fsk_photo_resampling(
                                        photo: photo, vertical: vertical, horizontal: horizontal,
                                        planes: planes,
                                        scratch: scratch.baseAddress)
                                    fsk_photo_resampling_run(&arguments, &pool)
                                }
                            }
                        }
                    }
                }
                expectClose(got, wanted, relative: 1e-5, absolute: 1e-3)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 6])
    func planeRowAsTheSum(taps: Int) {
        var random = SplitMix(taps)
        let plane = random.floats(19 * 31)
        let vertical = Table(length: 19, taps: min(taps, 2), count: 5),
            horizontal = Table(
                length: 31, taps: taps, count: 41)
        for row in 0..<5 {
            let wanted = (0..<41).map { column in
                vertical.terms(row).reduce(0.0) { sum, v in
                    sum
                        + horizontal.terms(column).reduce(0.0) {
                            $0 + v.weight * $1.weight * Double(plane[v.index * 31 + $1.index])
                        }
                }
            }
            for bits in runnableBits {
                var sums = [Float](repeating: .nan, count: 31)
                let got = written(41) { out in
                    vertical.withC { vertical in
                        horizontal.withC { horizontal in
                            var (vertical, horizontal) = (vertical, horizontal)
                            fsk_plane_row(plane, 31, &vertical, row, &horizontal, &sums, out, bits)
                        }
                    }
                }
                expectClose(got, wanted, relative: 1e-5, absolute: 1e-5)
            }
        }
    }

    /// A map that moves by whole pixels picks them; what lies outside has the colour for that.
    @Test func warpByWholePixels() {
        let photo = Photo(width: 12, height: 10, pixel: 3)
        var pool = Way.twoThreads.pool()
        let got = written(3 * 10 * 12) { planes in
            photo.withC { photo in
                var arguments = fsk_photo_warp(
                    photo: photo, map: fsk_affine_map(xx: 1, xy: 0, x0: 3, yx: 0, yy: 1, y0: -2),
                    planes: planes,
                    height: 10, width: 12, samples: 1, outside: (7, 8, 9))
                fsk_photo_warp_run(&arguments, &pool)
            }
        }
        for channel in 0..<3 {
            for v in 0..<10 {
                for u in 0..<12 {
                    let inside = u + 3 < 12 && v - 2 >= 0
                    let wanted = inside ? photo.value(u + 3, v - 2, channel) : Double(7 + channel)
                    #expect(Double(got[(channel * 10 + v) * 12 + u]) == wanted)
                }
            }
        }
    }

    /// Sixteen points a pixel of a photo reduced fourfold are its area's mean.
    @Test func warpThatShrinksIsTheMean() {
        let photo = Photo(width: 16, height: 8, pixel: 4)
        var pool = Way.alone.pool()
        let got = written(3 * 2 * 4) { planes in
            photo.withC { photo in
                var arguments = fsk_photo_warp(
                    photo: photo, map: fsk_affine_map(xx: 4, xy: 0, x0: 0, yx: 0, yy: 4, y0: 0),
                    planes: planes,
                    height: 2, width: 4, samples: 4, outside: (0, 0, 0))
                fsk_photo_warp_run(&arguments, &pool)
            }
        }
        var wanted: [Double] = []
        for channel in 0..<3 {
            for v in 0..<2 {
                for u in 0..<4 {
                    var sum = 0.0
                    for i in 0..<16 { sum += photo.value(4 * u + i % 4, 4 * v + i / 4, channel) }
                    wanted.append(sum / 16)
                }
            }
        }
        expectClose(got, wanted, absolute: 1e-3)
    }

    @Test(arguments: lengths)
    func labelsAreTheFirstLargest(count: Int) {
        var random = SplitMix(count)
        let rows = random.floats(3 * (count + 2), in: 0...1).map { ($0 * 8).rounded() / 8 }  // ties happen
        let step = count + 2
        let wanted = (0..<count).map { i in
            (0..<3).max { (rows[$0 * step + i], -$0) < (rows[$1 * step + i], -$1) }!
        }
        for bits in runnableBits {
            var labels = [UInt8](repeating: 99, count: count + 4)
            fsk_label_row(rows, 3, step, count, &labels, bits)
            #expect(labels.prefix(count).map(Int.init) == wanted)
            #expect(labels.suffix(4) == [99, 99, 99, 99])
        }
    }

    @Test func bytesAreRoundedAndHeld() {
        let numbers: [Float] = [
            0, 1, 0.5, -3, 7, 1 / 255, 1.49 / 255, 1.51 / 255, .nan, .infinity, -.infinity,
        ]
        for bits in runnableBits {
            var bytes = [UInt8](repeating: 77, count: numbers.count + 1)
            fsk_byte_row(numbers, numbers.count, &bytes, bits)
            #expect(bytes == [0, 255, 128, 0, 255, 1, 1, 2, 0, 255, 0, 77])
        }
    }

    /// VOC's palette: class 1 is (128, 0, 0), class 2 (0, 128, 0), class 15 (192, 128, 128).
    @Test func overlayIsHalfThePalette() {
        let photo = Photo(width: 4, height: 2, pixel: 3)
        var rgb = [UInt8](repeating: 0, count: 12)
        photo.withC { photo in
            var photo = photo
            fsk_overlay_row(&photo, 1, [0, 1, 2, 15], &rgb)
        }
        let palette = [[0, 0, 0], [128, 0, 0], [0, 128, 0], [192, 128, 128]]
        for pixel in 0..<4 {
            for c in 0..<3 {
                let value = Int(photo.value(pixel, 1, 2 - c))
                #expect(Int(rgb[3 * pixel + c]) == (pixel == 0 ? value : (value + palette[pixel][c] + 1) / 2))
            }
        }
    }
}
