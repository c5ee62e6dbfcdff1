// CorruptionNoise: the damages by chance. Numbers are on a scale of 0...1.
import Glibc

func addNoise(deviation: Float, to pixels: inout [UInt8], random: inout SampleRandom) {
    for i in pixels.indices { pixels[i] = byte(Float(pixels[i]) + 255 * deviation * random.normal()) }
}

/// As if white were so many photons, and each level its share.
func countPhotons(atWhite photons: Float, in pixels: inout [UInt8], random: inout SampleRandom) {
    var table = PoissonTable { Float($0) / 255 * photons }
    for i in pixels.indices {
        pixels[i] = byte(255 / photons * Float(table.count(pixels[i], random: &random)))
    }
}

/// The square of the light, reduced, with a camera's noise there: 120 photons at white, and its own.
func darken(_ pixels: inout [UInt8], by factor: Float, random: inout SampleRandom) {
    let photons: Float = 120, deviation: Float = 0.018
    var table = PoissonTable { level in
        let light = Float(level) / 255
        return factor * light * light * photons
    }
    for i in pixels.indices {
        let light = Float(table.count(pixels[i], random: &random)) / photons
        pixels[i] = byte(255 * (light + deviation * random.normal()))
    }
}

/// The nearest byte. Cutting off is an instruction, where rounding is a call.
func byte(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 255) + 0.5) }
