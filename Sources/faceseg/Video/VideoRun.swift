// VideoRun: a video's way: one thread decodes, this one segments, a third draws and encodes. What was finished stays:
// where something fails midway the file ends there, and the error is told after that.
import FaceSegKit
import FaceSegTraining
import Media

/// What has become of a video.
struct VideoSummary {
    var frames = 0
    /// Of the whole, from the first frame on.
    var seconds = 0.0
    var damagedPackets = 0
    var isStopped = false
    let facts: VideoFacts
    let times: VideoTimes
}

struct VideoRun {
    private let call: VideoCall
    private let times = VideoTimes()
    private let decoded = Handoff<VideoReader.Item>(room: 4)
    private let segmented = Handoff<Segmented>(room: 4)

    private enum Segmented: Sendable {
        case frame(VideoFrame, VideoMask)
        case audio(AudioPacket)
    }

    init(_ call: VideoCall) { self.call = call }

    func run() throws {
        let reader = try VideoReader(call.source),
            segmenter = try call.model.segmenter(isSteady: call.isSteady)
        let file = try VideoFile(call.out)
        let writer = try VideoWriter(
            descriptor: file.descriptor, name: file.name, format: file.format, like: reader,
            hasAudio: call.hasAudio, threads: call.threads)
        remarkSize(reader.facts, writer)
        let (summary, failure) = try process(reader, segmenter, writer)
        guard summary.frames > 0 else {
            throw failure ?? MediaError(path: reader.name, reason: "not one picture of it can be read")
        }
        try file.commit()
        try VideoReport(call, reader.name).tell(summary, writer)
        if let failure { throw failure }
        if let damage = damage(reader, file.name) { throw damage }
    }

    private func damage(_ reader: VideoReader, _ out: String) -> MediaError? {
        let count = reader.damagedPackets, packets = count == 1 ? "1 packet is" : "\(count) packets are"
        guard count > 0 else { return nil }
        let what = reader.isCutOff ? "is cut off; copy the file again" : "\(packets) damaged"
        return MediaError(path: reader.name, reason: "\(what); \(out) has what could be read")
    }

    private func remarkSize(_ facts: VideoFacts, _ writer: VideoWriter) {
        guard (facts.width, facts.height) != (writer.width, writer.height) else { return }
        Console.remark(
            "\(call.out): \(writer.width) x \(writer.height): H.264 takes even sides only, so the last pixel is left out"
        )
    }

    /// Throws what makes the result unusable; returns what only ends it.
    private func process(
        _ reader: VideoReader, _ segmenter: Segmenter, _ writer: VideoWriter
    ) throws -> (VideoSummary, (any Error)?) {
        var summary = VideoSummary(facts: reader.facts, times: times), failure: (any Error)?
        Interruption.waitForWork()
        if let frames = reader.facts.frames, !call.isJSON { Console.showBar(count: frames) }
        defer { Console.hideBar() }
        let start = now()
        let encoder = try Helper(atEnd: { segmented.cancel() }) { try encode(writer) }
        do {
            let decoder = try Helper(atEnd: { decoded.finish() }) { try decode(reader) }
            do { try segment(segmenter, &summary, since: start) } catch { failure = error }
            decoded.cancel()
            let broken = decoder.join()
            failure = failure ?? broken
        } catch {
            failure = error
        }
        segmented.finish()
        if let broken = encoder.join() { throw broken }
        if summary.frames > 0 { try times.measure(.encode) { try writer.finish() } }
        summary.seconds = now() - start
        summary.damagedPackets = reader.damagedPackets
        return (summary, failure)
    }

    private func decode(_ reader: VideoReader) throws {
        while let item = try times.measure(.decode, { try reader.next() }) {
            guard decoded.put(item) else { return }
        }
    }

    private func segment(_ segmenter: Segmenter, _ summary: inout VideoSummary, since start: Double) throws {
        while let item = decoded.take() {
            if Interruption.isAsked {
                summary.isStopped = true
                return
            }
            switch item {
            case .audio(let packet): guard segmented.put(.audio(packet)) else { return }
            case .frame(let frame):
                let mask = try times.measure(.segment) {
                    try segmenter.run(frame.view)
                    return try call.look.mask(segmenter, frame)
                }
                guard segmented.put(.frame(frame, mask)) else { return }
                summary.frames += 1
                let rate = Double(summary.frames) / (now() - start)
                Console.advanceBar(to: Double(summary.frames), note: "\(oneDigit(rate)) frames/s")
            }
        }
    }

    private func encode(_ writer: VideoWriter) throws {
        while let item = segmented.take() {
            switch item {
            case .audio(let packet): try writer.write(packet)
            case .frame(let frame, let mask):
                try times.measure(.draw) { try call.look.draw(mask, on: frame) }
                try times.measure(.encode) { try writer.write(frame) }
            }
        }
    }
}

/// A thread that may fail.
struct Helper {
    private let thread: WorkerThread
    private let failure = Monitor<(any Error)?>(nil)

    /// - atEnd: called when `body` has returned or failed.
    init(atEnd: @escaping @Sendable () -> Void, _ body: @escaping @Sendable () throws -> Void) throws {
        let failure = failure
        thread = try WorkerThread(isModest: false) {
            do { try body() } catch { failure.withLock { $0 = error } }
            atEnd()
        }
    }

    /// Why it failed, once it has ended.
    func join() -> (any Error)? {
        thread.join()
        return failure.withLock { $0 }
    }
}

extension VideoFrame {
    /// The frame for the library, while the frame lasts.
    var view: PixelView {
        get throws(FaceSegError) {
            try PixelView(pixels: pixels, width: width, height: height, rowBytes: 3 * width, format: .rgb)
        }
    }
}
