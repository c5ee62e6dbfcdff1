// SegmentResult: one photo segmented and its results written. Colours and layouts of the results stand here;
// encoding is Media's, where they go is SegmentFiles'.
import FaceSegKit
import Glibc
import Media

/// What results are to be like.
struct ResultWish {
    /// Of cut-outs and alpha.
    let target: Target
    /// Cut-outs' colours are multiplied by alpha.
    let isPremultiplied: Bool
    let recolors: [Recolor]

    init(_ arguments: Arguments) throws(CommandError) {
        target = try arguments.choice("--target", TargetName.self)?.target ?? .head
        isPremultiplied = arguments.has("--premultiplied")
        recolors = try Recolor.all(arguments)
    }
}

/// What came of a photo.
struct SegmentResult {
    let width: Int, height: Int
    /// Pixels of each class that occurs.
    let counts: [Int]
    /// From pixels to labels: without reading, writing and opening the model.
    let milliseconds: Double
    let files: [OutputFile]
    /// The heads one by one, if they were asked for.
    let heads: [HeadInstance]?

    /// - progress: is given the share of the network's work that is done, 0 to 1.
    init(
        _ path: String, _ segmenter: Segmenter, _ wish: ResultWish, _ files: [OutputFile],
        progress: @escaping (Float) -> Void
    ) throws {
        let photo =
            path == standardFile
            ? try Photo.decode(readStandardInput(), name: standardInputName) : try Photo.read(path: path)
        (width, height, self.files) = (photo.width, photo.height, files)
        (counts, milliseconds, heads) = try photo.pixels.withUnsafeBufferPointer { pixels in
            let start = now()
            try segmenter.run(photo.view(pixels)) { share in
                progress(share)
                return true
            }
            let labels = try photo.plane(1) { try segmenter.labels(into: $0) }
            let milliseconds = (now() - start) * 1000
            var maker = ResultMaker(photo: photo, segmenter: segmenter, wish: wish, labels: labels)
            for file in files { try maker.write(file) }
            return (occurrences(labels), milliseconds, maker.heads)
        }
    }
}

/// Makes results of the photo that the segmenter has just run.
private struct ResultMaker {
    let photo: Photo, segmenter: Segmenter, wish: ResultWish, labels: [UInt8]
    private(set) var heads: [HeadInstance]?

    init(photo: Photo, segmenter: Segmenter, wish: ResultWish, labels: [UInt8]) {
        (self.photo, self.segmenter, self.wish, self.labels) = (photo, segmenter, wish, labels)
    }

    mutating func write(_ file: OutputFile) throws {
        switch file.output {
        case .labels: try write(channels: 1, labels, palette: vocPalette, to: file)
        case .overlay: try write(channels: 3, photo.plane(3) { try segmenter.overlay(into: $0) }, to: file)
        case .cutout: try write(channels: 4, cutout(), to: file)
        case .recolor: try write(channels: 3, recolored(), to: file)
        case .alpha where file.format == .numpy: try writeAlpha(to: file.path)
        case .alpha: try write(channels: 1, alpha(of: wish.target), to: file)
        case .probabilities: try writeProbabilities(to: file.path)
        case .heads:
            let numbers = try photo.plane(1) { heads = try segmenter.headNumbers(into: $0) }
            try write(channels: 1, numbers, palette: vocPalette, to: file)
        }
    }

    /// With matting each soft pixel has its foreground's colour; without, all have the photo's own.
    private func cutout() throws -> [UInt8] {
        var mask = try alpha(of: wish.target)
        let colors =
            segmenter.refinement == .matting
            ? try photo.plane(3) { try foreground(&mask, into: $0) } : nil
        return photo.cut(by: mask, colors: colors, isPremultiplied: wish.isPremultiplied)
    }

    private func foreground(_ mask: inout [UInt8], into out: PlaneView) throws {
        try photo.pixels.withUnsafeBufferPointer { pixels in
            try mask.withUnsafeMutableBytes { mask in
                let alpha = try PlaneView(
                    start: mask.baseAddress!, rowBytes: photo.width, element: .byte)
                try Matting(segmenter.workers).foreground(of: photo.view(pixels), alpha: alpha, into: out)
            }
        }
    }

    private func alpha(of target: Target) throws -> [UInt8] {
        try photo.plane(1) { try segmenter.alpha(of: target, into: $0) }
    }

    /// Each colour over those before it.
    private func recolored() throws -> [UInt8] {
        let recoloring = Recoloring(segmenter.workers)
        return try photo.plane(3) { out in
            for (index, recolor) in wish.recolors.enumerated() {
                let alpha = try alpha(of: recolor.target)
                try photo.pixels.withUnsafeBufferPointer { pixels in
                    let before = try index == 0 ? photo.view(pixels) : photo.view(recolored: out)
                    try recoloring.recolor(before, alpha, recolor.tint, into: out)
                }
            }
        }
    }

    private func write(
        channels: Int, _ pixels: [UInt8], palette: [Color]? = nil, to file: OutputFile
    ) throws {
        let bytes: [UInt8]
        do throws(MediaError) {
            bytes = try encode(
                file.format, width: photo.width, height: photo.height, channels: channels, pixels,
                palette: palette)
        } catch {
            throw MediaError(path: file.path, reason: error.reason)
        }
        try OutputSink.write(bytes, to: file.path)
    }

    private func writeAlpha(to path: String) throws {
        try writeFloats([], to: path) { _, plane in try segmenter.alpha(of: wish.target, into: plane) }
    }

    private func writeProbabilities(to path: String) throws {
        let classes = segmenter.model.classCount
        guard classes > 0 else {
            throw CommandError.failed(
                "the model does not tell how many classes it has; declare its input's shape")
        }
        try writeFloats([classes], to: path) { try segmenter.probability(of: $0, into: $1) }
    }

    /// A NumPy file `outer + [height, width]`, a plane after the other, so that never more than one is in memory.
    private func writeFloats(
        _ outer: [Int], to path: String, _ fill: (Int, PlaneView) throws -> Void
    ) throws {
        let sink = try OutputSink(path)
        try NumpyArray.floatHeader(shape: outer + [photo.height, photo.width]).withUnsafeBytes {
            try sink.write($0)
        }
        for index in 0..<(outer.first ?? 1) {
            try photo.plane(4, .float) { try fill(index, $0) }.withUnsafeBytes { try sink.write($0) }
        }
        try sink.commit()
    }
}
