// PhotoStage: the way of a photo into the network's input: reduced, enlarged, laid on its canvas, mean and scale
// applied. Made once for a size, then allocates nothing.
import Kernels

/// Memory of one stage after the other: that the system gives new pages each time takes as long as the work.
final class PhotoMemory {
    fileprivate var reduced: Buffer?, working: Buffer?, rows: Buffer?

    /// As many floats or more.
    fileprivate func buffer(
        _ place: ReferenceWritableKeyPath<PhotoMemory, Buffer?>, count: Int
    ) throws(FaceSegError) -> Buffer {
        if let kept = self[keyPath: place], kept.count >= count { return kept }
        self[keyPath: place] = nil
        let made = try Buffer(count: count)
        self[keyPath: place] = made
        return made
    }
}

final class PhotoStage {
    let frame: Frame
    let width: Int, height: Int, pixelBytes: Int
    private let preprocessing: Preprocessing
    /// From photo to reduced size, where rows and columns separate.
    private let straight: (vertical: ResamplingTable, horizontal: ResamplingTable)?
    /// From reduced to working size, where they differ.
    private let enlarging: PlaneResampling?
    private let reduced: Buffer, working: Buffer, rows: Buffer
    private let gain: Buffer, shift: Buffer, canvas: Buffer
    private let exposure: ExposureStage?
    private let isForVideo: Bool
    /// Read instead of the photo's pixels, where rows and columns separate, by a stage for video.
    var video: FrameView?

    /// - isForVideo: whether there may be ``video``.
    /// - memory: that of stages which are used no more.
    init(
        _ photo: PixelView, _ frame: Frame, _ preprocessing: Preprocessing, isForVideo: Bool = false,
        workers: Workers, memory: PhotoMemory = PhotoMemory()
    ) throws(FaceSegError) {
        self.frame = frame
        (self.preprocessing, self.isForVideo) = (preprocessing, isForVideo)
        (width, height, pixelBytes) = (photo.width, photo.height, photo.format.bytes)
        let region = frame.region, small = frame.reduced, large = frame.working
        straight =
            frame.isStraight
            ? (
                ResamplingTable(
                    length: photo.height, from: region.y, span: region.height, count: small.height),
                ResamplingTable(length: photo.width, from: region.x, span: region.width, count: small.width)
            ) : nil
        enlarging = small != large ? PlaneResampling(from: small, to: large) : nil
        reduced = try memory.buffer(\.reduced, count: 3 * small.width * small.height)
        working = try memory.buffer(
            \.working, count: small != large ? 3 * large.width * large.height : 0)
        let rowLength = max(
            photo.width * photo.format.bytes + 1, small.width,
            isForVideo ? FrameView.resamplingScratch(width: photo.width) : 0)
        rows = try memory.buffer(\.rows, count: workers.threads * rowLength)
        gain = try Buffer(Array(repeating: preprocessing.scale, count: 3))
        shift = try Buffer(preprocessing.mean.map { -$0 * preprocessing.scale })
        canvas = try Buffer(preprocessing.canvasColor)
        exposure = preprocessing.exposure == .brightened ? try ExposureStage() : nil
    }

    /// Whether this stage serves another photo and frame too.
    func serves(_ photo: PixelView, _ frame: Frame, isForVideo: Bool) -> Bool {
        self.frame == frame && self.isForVideo == isForVideo
            && (width, height, pixelBytes) == (photo.width, photo.height, photo.format.bytes)
    }

    /// The photo at the network's size, without canvas, mean and scale: `[3, frame.working]`, B, G, R, 0...255. Valid
    /// after ``fill``.
    var planes: UnsafePointer<Float> { UnsafePointer((enlarging == nil ? reduced : working).start) }

    /// Fills the network's input `[1, 3, frame.input.height, frame.input.width]`.
    func fill(_ input: Tensor, _ photo: PixelView, _ workers: Workers) {
        resample(photo, workers)
        enlarging?.run(reduced.start, count: 3, to: working.start, lines: rows.start, workers)
        lay(planes, on: input, workers)
        exposure?.run(
            planes, on: input,
            part: (frame.top, frame.left, frame.working.width, frame.working.height), workers)
        var normalization = fsk_affine(
            x: input.read, y: input.start, outer: 1, channels: 3, inner: input.shape.inner(1),
            gain: UnsafePointer(gain.start), shift: UnsafePointer(shift.start), relu: false, negative_slope: 0
        )
        workers.withPool { fsk_affine_run(&normalization, $0) }
    }

    /// The photo's own colours, B, G, R, at its own size.
    static func planes(of photo: PixelView, _ workers: Workers) throws(FaceSegError) -> PhotoStage {
        try upright(photo, Frame(wholeOf: photo.width, photo.height), mostPixels: .max, workers)
    }

    /// The region of a frame, upright, at the photo's own size or reduced to so many pixels: ``planes``.
    static func upright(
        _ photo: PixelView, _ frame: Frame, mostPixels: Int, _ workers: Workers
    ) throws(FaceSegError) -> PhotoStage {
        let pixels = frame.uprightWidth * frame.uprightHeight
        let longest = max(frame.uprightWidth, frame.uprightHeight)
        var preprocessing = Preprocessing()
        (preprocessing.workingSize, preprocessing.reduceSize) = (nil, nil)
        if pixels > Double(mostPixels) {
            preprocessing.workingSize = max(Int(longest * (Double(mostPixels) / pixels).squareRoot()), 1)
        }
        let upright = try Frame(
            width: photo.width, height: photo.height, region: frame.region, orientation: frame.orientation,
            preprocessing)
        let stage = try PhotoStage(photo, upright, preprocessing, workers: workers)
        stage.resample(photo, workers)
        return stage
    }

    private func resample(_ photo: PixelView, _ workers: Workers) {
        guard let straight else { return warp(photo.borrowed, workers) }
        let (vertical, horizontal) = straight
        if let video {
            video.resample(vertical, horizontal, to: reduced.start, scratch: rows.start, workers)
        } else {
            photo.resample(vertical, horizontal, to: reduced.start, scratch: rows.start, workers)
        }
    }

    /// More points a pixel are taken than the photo has, up to this many a side.
    private static let mostSamples = 64

    private func warp(_ photo: fsk_photo, _ workers: Workers) {
        let across = frame.uprightWidth / Double(frame.reduced.width)
        let down = frame.uprightHeight / Double(frame.reduced.height)
        let color = preprocessing.canvasColor
        var arguments = fsk_photo_warp(
            photo: photo, map: AffineMap.scale(across, down).then(frame.toPhoto).forKernels,
            planes: reduced.start,
            height: frame.reduced.height, width: frame.reduced.width,
            samples: min(max(Int(max(across, down).rounded(.up)), 1), PhotoStage.mostSamples),
            outside: (color[0], color[1], color[2]))
        workers.withPool { fsk_photo_warp_run(&arguments, $0) }
    }

    /// Puts the working picture into the middle of its canvas.
    private func lay(_ planes: UnsafePointer<Float>, on input: Tensor, _ workers: Workers) {
        let (picture, whole) = (frame.working, frame.input)
        let plane = whole.width * whole.height
        if picture != whole {
            var fill = fsk_strided_copy()
            fill.rank = 2
            fill.source = UnsafePointer(canvas.start)
            fill.destination = input.start
            fill.extent.0 = 3
            fill.extent.1 = plane
            fill.source_stride.0 = 1
            fill.destination_stride.0 = plane
            fill.destination_stride.1 = 1
            workers.withPool { fsk_strided_copy_run(&fill, $0) }
        }
        var copy = fsk_strided_copy()
        copy.rank = 3
        copy.source = planes
        copy.destination = input.start + frame.top * whole.width + frame.left
        (copy.extent.0, copy.extent.1, copy.extent.2) = (3, picture.height, picture.width)
        copy.source_stride.0 = picture.width * picture.height
        (copy.source_stride.1, copy.source_stride.2) = (picture.width, 1)
        copy.destination_stride.0 = plane
        (copy.destination_stride.1, copy.destination_stride.2) = (whole.width, 1)
        workers.withPool { fsk_strided_copy_run(&copy, $0) }
    }
}

extension PixelView {
    /// Makes planes B, G, R, `[3, vertical.count, horizontal.count]`, 0...255.
    ///
    /// - scratch: a row of the photo's bytes and one float more for each worker.
    func resample(
        _ vertical: ResamplingTable, _ horizontal: ResamplingTable, to planes: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, _ workers: Workers
    ) {
        ResamplingTable.withTables(vertical, horizontal) { vertical, horizontal in
            var arguments = fsk_photo_resampling(
                photo: borrowed, vertical: vertical, horizontal: horizontal, planes: planes,
                scratch: scratch)
            workers.withPool { fsk_photo_resampling_run(&arguments, $0) }
        }
    }

    /// The C form.
    var borrowed: fsk_photo {
        fsk_photo(
            pixels: pixels, row_bytes: rowBytes, width: width, height: height, pixel_bytes: format.bytes,
            blue: format.channels.blue, green: format.channels.green, red: format.channels.red)
    }
}

extension AffineMap {
    var forKernels: fsk_affine_map { fsk_affine_map(xx: xx, xy: xy, x0: x0, yx: yx, yy: yy, y0: y0) }
}
