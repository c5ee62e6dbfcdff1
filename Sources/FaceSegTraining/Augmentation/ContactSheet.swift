// ContactSheet: what training sees, for human eyes.
import Media

/// Samples side by side, their labels drawn over: face red, hair green, other classes blue; what is ignored
/// is dark, what is known not to be a class has stripes of that class's color.
///
/// - Parameters:
///   - columns: nil: as many as make the sheet nearly square.
///   - cell: Longest side of a cell in pixels; larger samples are reduced.
/// - Precondition: There is a sample at least.
package func contactSheet(of samples: [Sample], columns: Int? = nil, cell: Int = 256) -> Photo {
    precondition(!samples.isEmpty)
    let gap = 4, most = max((Photo.maximumSide - gap) / (cell + gap), 1)
    let columns = min(columns ?? Int(Double(samples.count).squareRoot().rounded(.up)), most)
    let cells = samples.map { $0.fitted(to: cell).tinted() }.prefix(most * columns)
    let width = cells.map(\.width).max()!, height = cells.map(\.height).max()!
    let rows = (cells.count + columns - 1) / columns
    var sheet = Sample(
        name: "", width: gap + columns * (width + gap), height: gap + rows * (height + gap),
        color: Color(255, 255, 255))
    for (i, picture) in cells.enumerated() {
        let place = (gap + i % columns * (width + gap), gap + i / columns * (height + gap))
        sheet.draw(
            Layer(picture),
            Placement(scale: (1, 1), from: (0, 0), to: (Double(place.0), Double(place.1))))
    }
    return Photo(width: sheet.width, height: sheet.height, channels: 3, pixels: sheet.pixels)
}

extension Sample {
    fileprivate func fitted(to longest: Int) -> Sample {
        let share = Double(longest) / Double(max(width, height))
        if share >= 1 { return self }
        return resized(
            width: max(Int(Double(width) * share), 1), height: max(Int(Double(height) * share), 1))
    }

    fileprivate func tinted() -> Sample {
        var tinted = self
        for (i, label) in labels.enumerated() {
            guard let tint = tint(of: label, x: i % width, y: i / width) else { continue }
            // Borders of areas are drawn in full.
            let isBorder = i % width > 0 && labels[i - 1] != label || i >= width && labels[i - width] != label
            let share = isBorder ? 255 : 90
            for (c, value) in [tint.red, tint.green, tint.blue].enumerated() {
                let below = Int(pixels[3 * i + c])
                tinted.pixels[3 * i + c] = UInt8(below + (Int(value) - below) * share / 255)
            }
        }
        return tinted
    }

    private func tint(of label: UInt8, x: Int, y: Int) -> Color? {
        if let excluded = Sample.excluded(by: label) { return (x + y) % 8 == 0 ? color(of: excluded) : nil }
        return label == 0 ? nil : label == Sample.ignored ? .black : color(of: label)
    }

    private func color(of label: UInt8) -> Color {
        switch label {
        case 0: Color(128, 128, 128)
        case 1: Color(255, 40, 40)
        case 2: Color(40, 220, 40)
        default: Color(40, 80, 255)
        }
    }
}
