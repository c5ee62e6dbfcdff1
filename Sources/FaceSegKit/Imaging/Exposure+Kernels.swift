// Exposure: which curve brightens a dark picture for the network, which saw few of them. Photos and results stay as they
// are: only the network's input follows the curve.
import Kernels

#if canImport(Glibc)
    import Glibc
#endif

/// What is done for dark photos.
public enum Exposure: Int, Sendable, CaseIterable {
    /// Nothing: as Caffe's networks see photos.
    case kept = 0
    /// The network sees dark photos brighter: times up to 2, so that the brightest twentieth is at 0.8, and then by a
    /// gamma of 0.5 or more that brings the mean towards 0.3 (of luma, 0...1). Others it sees as they are, and what lies
    /// between changes gradually.
    case brightened = 1
}

/// From a picture's histogram to its curve.
struct ExposureCurve {
    /// Factor of all colors, and the exponent after that, of 0...1.
    let gain: Float, exponent: Float

    private static let bright: Float = 0.8, share = 0.95, mostGain: Float = 2
    private static let mean: Float = 0.3, leastExponent: Float = 0.5
    /// The gamma is whole from this gain on.
    private static let wholeGain: Float = 1.3

    /// - histogram: how many pixels are of each luma, 0...255.
    /// - Returns: nil where the picture is bright enough.
    init?(histogram: [UInt32]) {
        let pixels = histogram.reduce(0) { $0 + Int($1) }
        var darker = 0
        guard
            let level = histogram.firstIndex(where: {
                darker += Int($0); return Double(darker) >= Self.share * Double(pixels)
            }),
            pixels > 0
        else { return nil }
        let scale = Float(histogram.count - 1)
        gain = min(Self.bright * scale / max(Float(level), 1), Self.mostGain)
        guard gain > 1 else { return nil }
        var sum: Double = 0
        for (value, count) in histogram.enumerated() {
            sum += Double(min(Float(value) * gain / scale, 1)) * Double(count)
        }
        let mean = max(Float(sum / Double(pixels)), 0.01)
        let whole = mean < Self.mean ? max(logf(Self.mean) / logf(mean), Self.leastExponent) : 1
        exponent = 1 - (1 - whole) * min((gain - 1) / (Self.wholeGain - 1), 1)
    }

    /// What each of 0...255 becomes.
    var table: [Float] {
        (0..<Int(FSK_TONES)).map { powf(min(Float($0) / 255 * gain, 1), exponent) * 255 }
    }
}

/// Brightens a picture within a network's input. Made once for a size, then allocates nothing but the curve.
struct ExposureStage {
    private let curve: Buffer

    init() throws(FaceSegError) { curve = try Buffer(count: Int(FSK_TONES)) }

    /// - planes: the picture, `[3, pixels]`, B, G, R, 0...255.
    /// - input: `[3, height, width]`; the same picture in a part of it.
    /// - part: where.
    func run(
        _ planes: UnsafePointer<Float>, on input: Tensor,
        part: (top: Int, left: Int, width: Int, height: Int), _ workers: Workers
    ) {
        let bins = [UInt32](unsafeUninitializedCapacity: Int(FSK_TONES)) { bins, count in
            fsk_luma_histogram(planes, part.width * part.height, bins.baseAddress!, workers.cpu)
            count = Int(FSK_TONES)
        }
        guard let found = ExposureCurve(histogram: bins) else { return }
        for (i, value) in found.table.enumerated() { curve.start[i] = value }
        let width = input.shape[3], height = input.shape[2]
        var arguments = fsk_tone(
            x: input.start + part.top * width + part.left, channels: 3, height: part.height,
            width: part.width, plane_step: width * height, row_step: width,
            curve: UnsafePointer(curve.start))
        workers.withPool { fsk_tone_run(&arguments, $0) }
    }
}
