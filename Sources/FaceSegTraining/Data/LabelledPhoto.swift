// LabelledPhoto: one photo of a data set and where its labels come from, as files; reading them into a
// Sample.
import Media

package struct LabelledPhoto: Sendable, Equatable {
    /// The photo's file name without its ending.
    package let name: String
    package let photo: String
    package internal(set) var labels: LabelSource
    /// A file that may be there.
    package let superpixels: String?
    /// A PNG that is not 0 where someone is who can be cut out, from head to foot.
    package let silhouette: String?
    /// Others in the photo are called background.
    package let labelsOnePerson: Bool

    package init(
        name: String, photo: String, labels: LabelSource, superpixels: String? = nil,
        silhouette: String? = nil, labelsOnePerson: Bool = false
    ) {
        (self.name, self.photo, self.labels, self.superpixels) = (name, photo, labels, superpixels)
        (self.silhouette, self.labelsOnePerson) = (silhouette, labelsOnePerson)
    }

    /// - Throws: ``MediaError`` when a file cannot be read, or photo and mask differ in size.
    package func sample() throws(MediaError) -> Sample {
        let photo = try Photo.read(path: photo)
        guard let mask = try labels.read() else {
            return Sample(
                name: name, width: photo.width, height: photo.height, pixels: photo.rgb,
                labels: [UInt8](repeating: 0, count: photo.width * photo.height))
        }
        guard let fitting = labels.fit(photo, to: mask) else {
            throw MediaError(
                path: labels.path ?? name,
                reason: "\(mask.width) x \(mask.height) labels, but \(self.photo) has \(photo.width) x "
                    + "\(photo.height) pixels; they must be equal")
        }
        return Sample(
            name: name, width: mask.width, height: mask.height, pixels: fitting.rgb, labels: mask.labels)
    }
}

/// Where a photo's labels come from.
package enum LabelSource: Sendable, Equatable {
    /// Nothing: all is background.
    case background
    /// A PNG of labels, each replaced by what stands at its place, where something does.
    case indices(String, meanings: [UInt8])
    /// A PPM in LFW Part Labels' colours.
    case lfwColors(String)
    /// CelebAMask-HQ's parts: what lies over all before comes last.
    case parts([Part])
    /// A PNG of labels in place of others.
    indirect case mended(String, LabelSource)

    /// White where the label holds.
    package struct Part: Sendable, Equatable {
        package let path: String, label: UInt8
    }

    /// Masks of which every number is a class.
    var isWhole: Bool {
        switch self {
        case .background: false
        case .indices(_, let meanings): meanings.allSatisfy { $0 < 128 }
        case .lfwColors, .parts: true
        case .mended(_, let labels): labels.isWhole
        }
    }

    /// For messages.
    fileprivate var path: String? {
        switch self {
        case .background: nil
        case .indices(let path, _), .lfwColors(let path), .mended(let path, _): path
        case .parts(let parts): parts.first?.path
        }
    }

    /// nil: all is background.
    fileprivate func read() throws(MediaError) -> Mask? {
        switch self {
        case .background: return nil
        case .indices(let path, let meanings):
            let mask = try Mask.read(path: path)
            if meanings.isEmpty { return mask }
            let table = (0...255).map { $0 < meanings.count ? meanings[$0] : UInt8($0) }
            return Mask(width: mask.width, height: mask.height, labels: mask.labels.map { table[Int($0)] })
        case .lfwColors(let path): return try lfwMask(Photo.read(ppm: path), path)
        case .mended(let path, _): return try Mask.read(path: path)
        case .parts(let parts): return try merged(parts)
        }
    }

    /// The photo in the mask's size; nil where it has another. CelebAMask-HQ's photos alone are larger: a
    /// pixel is the mean of those that it covers.
    fileprivate func fit(_ photo: Photo, to mask: Mask) -> Photo? {
        if (photo.width, photo.height) == (mask.width, mask.height) { return photo }
        guard case .parts = self else { return nil }
        let factor = photo.width / mask.width
        guard factor > 1, (photo.width, photo.height) == (factor * mask.width, factor * mask.height) else {
            return nil
        }
        return photo.reduced(by: factor)
    }
}

extension Photo {
    /// `[height, width, 3]`; alpha is passed over.
    package var rgb: [UInt8] {
        if channels == 3 { return pixels }
        return [UInt8](unsafeUninitializedCapacity: 3 * width * height) { rgb, count in
            for pixel in stride(from: 0, to: pixels.count, by: channels) {
                for channel in 0..<3 { rgb[count + channel] = pixels[pixel + (channels == 1 ? 0 : channel)] }
                count += 3
            }
        }
    }

    /// Means of squares of pixels.
    ///
    /// - Precondition: the sides are multiples of `factor`.
    fileprivate func reduced(by factor: Int) -> Photo {
        let (columns, rows) = (width / factor, height / factor)
        var sums = [Int](repeating: 0, count: columns * rows * channels)
        for y in 0..<height {
            for x in 0..<width {
                let sum = (y / factor * columns + x / factor) * channels, pixel = (y * width + x) * channels
                for channel in 0..<channels { sums[sum + channel] += Int(pixels[pixel + channel]) }
            }
        }
        let count = factor * factor
        return Photo(
            width: columns, height: rows, channels: channels,
            pixels: sums.map { UInt8(($0 + count / 2) / count) })
    }
}
