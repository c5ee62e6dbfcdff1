// OKLab: sRGB as light and as lightness and hue, in double precision, a colour at a time. Pictures are the kernels'.
#if canImport(Glibc)
    import Glibc
#endif

/// A colour whose lightness, hue and chroma are even to the eye.
///
/// - Source: Ottosson, "A perceptual color space for image processing", 2020.
struct OKLab: Equatable {
    /// 0 black ... 1 white.
    var lightness: Double
    /// Green to red, and blue to yellow; 0 is grey.
    var a: Double, b: Double
}

/// A colour of linear sRGB, 0 ... 1 where a screen can show it.
struct Light: Equatable {
    var red: Double, green: Double, blue: Double

    init(red: Double, green: Double, blue: Double) { (self.red, self.green, self.blue) = (red, green, blue) }

    init(_ lab: OKLab) {
        let l = lab.lightness + 0.3963377774 * lab.a + 0.2158037573 * lab.b
        let m = lab.lightness - 0.1055613458 * lab.a - 0.0638541728 * lab.b
        let s = lab.lightness - 0.0894841775 * lab.a - 1.2914855480 * lab.b
        let (long, middle, short) = (l * l * l, m * m * m, s * s * s)
        red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
        green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
        blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    }

    /// Of an sRGB byte (IEC 61966-2-1), 0 ... 1.
    static func of(byte: UInt8) -> Double {
        let value = Double(byte) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    /// Of all bytes.
    static let table: [Float] = (0...255).map { Float(of(byte: UInt8($0))) }

    /// Whether a screen can show it, but for rounding.
    var isShown: Bool { [red, green, blue].allSatisfy { -1e-6...1 + 1e-6 ~= $0 } }
}

extension OKLab {
    init(_ light: Light) {
        let (red, green, blue) = (light.red, light.green, light.blue)
        let long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        let middle = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        let short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    }

    /// The same lightness and hue, and as much chroma as a screen can show.
    var shown: OKLab {
        if Light(self).isShown { return self }
        var low = 0.0, high = 1.0
        let grayer = { (share: Double) in OKLab(lightness: lightness, a: a * share, b: b * share) }
        for _ in 0..<20 {
            let middle = (low + high) / 2
            if Light(grayer(middle)).isShown { low = middle } else { high = middle }
        }
        return grayer(low)
    }
}
