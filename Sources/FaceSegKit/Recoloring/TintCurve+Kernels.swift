// TintCurve: which colour each lightness of hair or skin becomes, so that its middle has the tint's colour and shading
// and highlights stay. One colour at a time; pictures are Recoloring's.
import Kernels

#if canImport(Glibc)
    import Glibc
#endif

/// The way from what something is like to a tint.
struct TintCurve {
    /// What is recoloured: the mean of its middle four fifths by lightness.
    let usual: OKLab
    private let tint: OKLab
    /// Of shade and of highlights: below 1 contrast shrinks, as dark hair's must on its way to blond.
    private let shade: Double, highlight: Double

    /// Lightness is held here, so that neither side of the curve is empty.
    private static let tints = 0.08...0.95, usuals = 0.02...0.98
    /// How much of the contrast that proportion would give is kept.
    private static let contrast = (shade: 1.15, highlight: 1.3)
    /// How fast the colour fades towards black and towards white.
    private static let fading = (shade: 0.8, highlight: 0.6)
    /// How much of their own difference in hue from the usual one pixels keep.
    static let keptHue: Float = 0.5

    init(from usual: OKLab, to tint: OKLab) {
        self.usual = usual
        self.tint = tint
        let (m, t) = (held(usual.lightness, Self.usuals), held(tint.lightness, Self.tints))
        shade = min(1, Self.contrast.shade * m / t)
        highlight = min(1, Self.contrast.highlight * (1 - m) / (1 - t))
    }

    /// What a lightness becomes.
    subscript(lightness: Double) -> OKLab {
        let (m, t) = (held(usual.lightness, Self.usuals), held(tint.lightness, Self.tints))
        let l = held(lightness, 0...1)
        let new = l < m ? t * pow(l / m, shade) : 1 - (1 - t) * pow((1 - l) / (1 - m), highlight)
        let chroma =
            new < t ? pow(new / t, Self.fading.shade) : pow((1 - new) / (1 - t), Self.fading.highlight)
        return OKLab(lightness: new, a: tint.a * chroma, b: tint.b * chroma).shown
    }

    /// `[3, FSK_TINTS + 1]`.
    var table: [Float] {
        let colors = (0...Int(FSK_TINTS)).map { self[Double($0) / Double(FSK_TINTS)] }
        return colors.map { Float($0.lightness) } + colors.map { Float($0.a) } + colors.map { Float($0.b) }
    }
}

private func held(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    min(max(value, range.lowerBound), range.upperBound)
}

extension OKLab {
    /// The mean of what lies between the darkest and the lightest tenth; nil: nothing was counted.
    ///
    /// - sums: `[FSK_LIGHTNESSES, FSK_LAB_SUMS]`.
    init?(middleOf sums: UnsafeBufferPointer<Int64>) {
        let bins = Int(FSK_LIGHTNESSES), columns = Int(FSK_LAB_SUMS)
        let total = (0..<bins).reduce(0.0) { $0 + Double(sums[$1 * columns]) }
        guard total > 0 else { return nil }
        var below = 0.0, mean = [0.0, 0.0, 0.0], weight = 0.0
        for bin in 0..<bins {
            let here = Double(sums[bin * columns])
            guard here > 0 else { continue }
            // Of a bin that the border cuts, a share.
            let inside = min(below + here, 0.9 * total) - max(below, 0.1 * total)
            below += here
            guard inside > 0 else { continue }
            weight += inside
            for k in 0..<3 { mean[k] += Double(sums[bin * columns + 1 + k]) * inside / here }
        }
        let unit = weight * Double(FSK_LAB_UNIT)
        self.init(lightness: mean[0] / unit, a: mean[1] / unit, b: mean[2] / unit)
    }
}
