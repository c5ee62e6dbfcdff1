// Layer: a picture that is laid over another. Every step that moves, resizes or pastes does it by this.

/// Pixels and labels, with the share that each covers of what is below.
struct Layer {
    let sample: Sample
    /// `[height, width]`, 255 covers; nil: all covers.
    let alpha: [UInt8]?

    init(_ sample: Sample, alpha: [UInt8]? = nil) { (self.sample, self.alpha) = (sample, alpha) }
}

extension Sample {
    var area: Area { Area(columns: 0..<width, rows: 0..<height) }

    /// A picture of one color and label.
    init(name: String, width: Int, height: Int, color: Color = .black, label: UInt8 = 0) {
        let pixels = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { pixels, count in
            for i in stride(from: 0, to: pixels.count, by: 3) {
                (pixels[i], pixels[i + 1], pixels[i + 2]) = (color.red, color.green, color.blue)
            }
            count = 3 * width * height
        }
        self.init(
            name: name, width: width, height: height, pixels: pixels,
            labels: [UInt8](repeating: label, count: width * height))
    }

    /// Lays a picture over this one: pixels bilinear, after halving where it shrinks to less than half;
    /// labels nearest, where the layer covers half or more. What the layer does not reach stays.
    mutating func draw(_ layer: Layer, _ placement: Placement, within limits: Area? = nil) {
        let (sourceWidth, sourceHeight) = (layer.sample.width, layer.sample.height)
        let target = placement.reach(width: sourceWidth, height: sourceHeight)
            .clipped(to: area).clipped(to: limits ?? area)
        let back = placement.inverse, reduced = Reduced(layer, shrinking: back.scale)
        let sourceLabels = layer.sample.labels.span, sourcePixels = reduced.pixels.span
        let sourceAlpha = reduced.alpha ?? [], alphas = sourceAlpha.span
        // Out of the sample for as long as they are written, so that it has them alone.
        var (ownPixels, ownLabels) = (take(&self.pixels), take(&self.labels))
        defer { (self.pixels, self.labels) = (ownPixels, ownLabels) }
        var pixels = ownPixels.mutableSpan, labels = ownLabels.mutableSpan
        for y in target.rows {
            var walk = Walk(
                from: back.apply(Double(target.columns.lowerBound) + 0.5, Double(y) + 0.5),
                by: (back.matrix[0], back.matrix[2]))
            for i in y * width + target.columns.lowerBound..<y * width + target.columns.upperBound {
                defer { walk.step() }
                guard let place = walk.place(sourceWidth, sourceHeight) else { continue }
                let taps = walk.taps(reduced)  // within the layer, so unchecked
                let alpha = alphas.isEmpty ? 255 : taps.mean { Int(alphas[unchecked: $0]) }
                if alpha == 0 { continue }
                for c in 0..<3 {
                    let color = taps.mean { Int(sourcePixels[unchecked: 3 * $0 + c]) }
                    pixels[3 * i + c] = alpha == 255 ? UInt8(color) : mix(pixels[3 * i + c], color, alpha)
                }
                if alpha >= 128 { labels[i] = sourceLabels[place] }
            }
        }
    }
}

/// `alpha` 255ths of the color, the rest of what is below; rounded.
private func mix(_ below: UInt8, _ color: Int, _ alpha: Int) -> UInt8 {
    UInt8((Int(below) * (255 - alpha) + color * alpha + 127) / 255)
}

/// The array; an empty one stays.
private func take(_ array: inout [UInt8]) -> [UInt8] {
    defer { array = [] }
    return array
}

/// A way through the source along a row of the target, in fixed point with 32 bits of fraction.
private struct Walk {
    var x: Int, y: Int
    let dx: Int, dy: Int

    init(from start: (x: Double, y: Double), by step: (x: Double, y: Double)) {
        let one = 0x1p32
        (x, y) = (Int(start.x * one), Int(start.y * one))
        (dx, dy) = (Int(step.x * one), Int(step.y * one))
    }

    mutating func step() {
        x += dx
        y += dy
    }

    /// The pixel of the source in which this is; nil: outside.
    func place(_ width: Int, _ height: Int) -> Int? {
        let (column, row) = (x >> 32, y >> 32)
        return column >= 0 && column < width && row >= 0 && row < height ? row * width + column : nil
    }

    /// The four centres around.
    func taps(_ reduced: Reduced) -> Taps {
        let half = 1 << 31
        let (u, v) = ((x >> reduced.halvings) - half, (y >> reduced.halvings) - half)
        let left = max(u >> 32, 0), right = min((u >> 32) + 1, reduced.width - 1)
        let upper = max(v >> 32, 0) * reduced.width,
            lower = min((v >> 32) + 1, reduced.height - 1) * reduced.width
        return Taps(
            places: (upper + left, upper + right, lower + left, lower + right), across: (u >> 24) & 255,
            down: (v >> 24) & 255)
    }
}

/// Four pixels and where between them, in 256ths.
private struct Taps {
    let places: (Int, Int, Int, Int), across: Int, down: Int

    @inline(__always) func mean(_ value: (Int) -> Int) -> Int {
        let upper = value(places.0) * (256 - across) + value(places.1) * across
        let lower = value(places.2) * (256 - across) + value(places.3) * across
        return (upper * (256 - down) + lower * down + 0x8000) >> 16
    }
}

/// A layer's pixels, halved until bilinear steps leave none out.
private struct Reduced {
    private(set) var width: Int, height: Int, pixels: [UInt8], alpha: [UInt8]?
    private(set) var halvings = 0

    /// - shrinking: Pixels of the layer for one of the target.
    init(_ layer: Layer, shrinking: Double) {
        (width, height) = (layer.sample.width, layer.sample.height)
        (pixels, alpha) = (layer.sample.pixels, layer.alpha)
        while shrinking >= Double(2 << halvings), min(width, height) > 1 { halve() }
    }

    private mutating func halve() {
        pixels = halved(pixels, channels: 3)
        alpha = alpha.map { halved($0, channels: 1) }
        (width, height, halvings) = ((width + 1) / 2, (height + 1) / 2, halvings + 1)
    }

    /// Means of 2 x 2; at odd ends the last row or column stands twice.
    private func halved(_ values: [UInt8], channels: Int) -> [UInt8] {
        let halfWidth = (width + 1) / 2, halfHeight = (height + 1) / 2, source = values.span
        return [UInt8](unsafeUninitializedCapacity: channels * halfWidth * halfHeight) { means, count in
            for y in 0..<halfHeight {
                let upper = 2 * y * width, lower = min(2 * y + 1, height - 1) * width
                for x in 0..<halfWidth {
                    let left = 2 * x, right = min(2 * x + 1, width - 1)
                    for c in 0..<channels {
                        let sum =
                            Int(source[(upper + left) * channels + c])
                            + Int(source[(upper + right) * channels + c])
                            + Int(source[(lower + left) * channels + c])
                            + Int(source[(lower + right) * channels + c])
                        means[count] = UInt8((sum + 2) >> 2)
                        count += 1
                    }
                }
            }
        }
    }
}
