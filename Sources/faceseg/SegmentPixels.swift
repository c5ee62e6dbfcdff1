// SegmentPixels: between a photo's pixels, the planes that the library fills, and the bytes of a file.
import FaceSegKit
import Glibc
import Media

typealias Color = (r: UInt8, g: UInt8, b: UInt8)

/// The colours of PASCAL VOC: bits 0, 3, 6 ... of the class fill red from its top bit down, 1, 4, 7 ...
/// green, 2, 5, 8 ... blue.
let vocPalette: [Color] = (0..<256).map { label in
    func channel(_ first: Int) -> UInt8 {
        (0..<8).reduce(0) { $0 | UInt8(label >> (first + 3 * $1) & 1) << UInt8(7 - $1) }
    }
    return (channel(0), channel(1), channel(2))
}

/// A plane's bytes, as `fill` leaves them.
func bytes(
    width: Int, height: Int, _ pixelBytes: Int = 1, _ element: PlaneView.Element = .byte,
    fill: (PlaneView) throws -> Void
) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: width * height * pixelBytes)
    try bytes.withUnsafeMutableBytes { bytes in
        try fill(PlaneView(start: bytes.baseAddress!, rowBytes: width * pixelBytes, element: element))
    }
    return bytes
}

extension Photo {
    /// The same pixels for the library, while `pixels` lasts.
    func view(_ pixels: UnsafeBufferPointer<UInt8>) throws(FaceSegError) -> PixelView {
        let format: PixelView.Format = channels == 1 ? .gray : channels == 3 ? .rgb : .rgba
        return try PixelView(
            pixels: pixels.baseAddress!, width: width, height: height, rowBytes: width * channels,
            format: format)
    }

    /// R, G, B of the photo's size.
    func view(recolored plane: PlaneView) throws(FaceSegError) -> PixelView {
        try PixelView(
            pixels: plane.start.assumingMemoryBound(to: UInt8.self), width: width, height: height,
            rowBytes: plane.rowBytes, format: .rgb)
    }

    /// `pixelBytes` for each pixel of the photo, as `fill` leaves them.
    func plane(
        _ pixelBytes: Int, _ element: PlaneView.Element = .byte, _ fill: (PlaneView) throws -> Void
    ) throws -> [UInt8] {
        try faceseg.bytes(width: width, height: height, pixelBytes, element, fill: fill)
    }

    /// RGBA; alpha is `mask` times the photo's own.
    ///
    /// - colors: R, G, B of each pixel where the mask is soft; nil: the photo's own.
    /// - isPremultiplied: colours are multiplied by alpha.
    func cut(by mask: [UInt8], colors: [UInt8]? = nil, isPremultiplied: Bool = false) -> [UInt8] {
        let count = width * height, (green, blue) = channels == 1 ? (0, 0) : (1, 2)
        return [UInt8](unsafeUninitializedCapacity: 4 * count) { out, filled in
            pixels.withUnsafeBufferPointer { pixels in
                for i in 0..<count {
                    let from = channels * i, own = channels == 4 ? Int(pixels[from + 3]) : 255
                    let alpha = (own * Int(mask[i]) + 127) / 255
                    var color = (pixels[from], pixels[from + green], pixels[from + blue])
                    if let colors, mask[i] < 255 {
                        color = (colors[3 * i], colors[3 * i + 1], colors[3 * i + 2])
                    }
                    let share = { isPremultiplied ? UInt8((Int($0) * alpha + 127) / 255) : $0 }
                    out[4 * i] = share(color.0)
                    out[4 * i + 1] = share(color.1)
                    out[4 * i + 2] = share(color.2)
                    out[4 * i + 3] = UInt8(alpha)
                }
            }
            filled = 4 * count
        }
    }
}

/// How often each label occurs, up to the highest one that does.
func occurrences(_ labels: [UInt8]) -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for label in labels { counts[Int(label)] += 1 }
    return Array(counts[...(counts.lastIndex { $0 > 0 } ?? 0)])
}

/// - palette: colours of one channel's numbers, where those are labels.
func encode(
    _ format: FileFormat, width: Int, height: Int, channels: Int, _ pixels: [UInt8], palette: [Color]?
) throws(MediaError) -> [UInt8] {
    switch format {
    case .png:
        if let palette {
            return try encodePalettePNG(width: width, height: height, indices: pixels, palette: palette)
        }
        return try encodePNG(width: width, height: height, channels: channels, pixels: pixels, fast: true)
    case .jpeg:
        return try encodeJPEG(width: width, height: height, channels: channels, pixels: pixels)
    case .webp:
        // WebP has no grey; an alpha picture keeps its values as three equal channels.
        if channels == 1 {
            return try encodeWebP(
                width: width, height: height, channels: 3, pixels: pixels.flatMap { [$0, $0, $0] })
        }
        return try encodeWebP(width: width, height: height, channels: channels, pixels: pixels, quality: 92)
    case .numpy:
        let shape = [height, width] + (channels == 1 ? [] : [channels])
        return NumpyArray.encodeUInt8(shape: shape, values: pixels)
    }
}

/// Seconds of a clock that is never set.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
