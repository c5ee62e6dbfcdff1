// LiveRun: a camera's way into a window: one thread reads, one segments, this one draws, shows and listens to keys. Each
// takes the newest that the one before has; what is older is left out.
import FaceSegKit
import FaceSegTraining
import Glibc
import Media

/// What keys change and threads look at.
private struct LiveState {
    var mode: Int, isRefined = true, isMirrored: Bool
    var isStopped = false, dropped = 0
}

private struct Seen: Sendable {
    let frame: VideoFrame, mask: VideoMask, mode: LiveMode
}

struct LiveRun {
    private let call: LiveCall
    private let times = VideoTimes(), total = VideoTimes()
    private let read = Handoff<VideoFrame>(room: 1), seen = Handoff<Seen>(room: 1)
    private let state: Monitor<LiveState>

    init(_ call: LiveCall) {
        self.call = call
        state = Monitor(LiveState(mode: call.firstMode, isMirrored: call.isCamera))
    }

    func run() throws {
        let reader = try VideoReader(call.source),
            segmenters = try call.models.map { try $0.segmenter(isSteady: true) }
        let facts = reader.facts
        let window = try PictureWindow(
            title: "faceseg live: \(reader.name)", width: facts.width, height: facts.height)
        Interruption.waitForWork()
        let start = now()
        let decoder = try Helper(atEnd: { read.finish() }) { try decode(reader) }
        var failure: (any Error)?, frames = 0
        do {
            nonisolated(unsafe) let segmenters = segmenters
            let seer = try Helper(atEnd: { seen.finish() }) { try segment(segmenters) }
            do { frames = try show(window) } catch { failure = error }
            stop()
            let broken = seer.join()
            failure = failure ?? broken
        } catch {
            failure = error
        }
        stop()
        let broken = decoder.join()
        try tell(frames, seconds: now() - start)
        if let failure = failure ?? broken { throw failure }
    }

    private func stop() {
        state.withLock { $0.isStopped = true }
        read.cancel()
    }

    private var isStopped: Bool { Interruption.isAsked || state.withLock { $0.isStopped } }

    private func measure<Result>(_ stage: VideoStage, _ body: () throws -> Result) rethrows -> Result {
        let start = now()
        defer {
            times.add(now() - start, to: stage)
            total.add(now() - start, to: stage)
        }
        return try body()
    }

    private func dropped(_ isDropped: Bool) {
        if isDropped { state.withLock { $0.dropped += 1 } }
    }

    /// A video's frames are due when their time has come, a camera's when they are there.
    private func decode(_ reader: VideoReader) throws {
        var start: Double?
        while !isStopped, let item = try measure(.decode, { try reader.next() }) {
            guard case .frame(let frame) = item else { continue }
            if !call.isCamera {
                let due = Double(frame.time) * reader.facts.tick, begun = start ?? now() - due
                start = begun
                wait(until: begun + due)
            }
            dropped(read.replace(frame))
        }
        // The last one is still to be seen.
        while !isStopped, !read.isOver, read.isWaiting { usleep(1000) }
    }

    private func wait(until time: Double) {
        while !isStopped {
            let left = time - now()
            guard left > 0 else { return }
            usleep(UInt32(min(left, 0.05) * 1e6))
        }
    }

    private func segment(_ segmenters: [Segmenter]) throws {
        var wasRefined = true
        while let frame = read.take() {
            let (mode, isRefined, isMirrored) = state.withLock { ($0.mode, $0.isRefined, $0.isMirrored) }
            let segmenter = segmenters[isRefined ? 0 : 1]
            if isRefined != wasRefined { segmenter.beginVideo() }
            wasRefined = isRefined
            let mask = try measure(.segment) {
                if isMirrored { frame.mirror() }
                try segmenter.run(frame.view)
                return try call.modes[mode].look.mask(segmenter, frame)
            }
            dropped(seen.replace(Seen(frame: frame, mask: mask, mode: call.modes[mode])))
        }
    }

    /// Until somebody ends it; tells how many frames were shown.
    private func show(_ window: PictureWindow) throws -> Int {
        var meter = LiveMeter(times), screenshots = Screenshots(), frames = 0, hasText = true
        while !isStopped, frames < call.frames ?? Int.max {
            var isWanted = false
            while let key = window.key() {
                switch key {
                case .character("s"): isWanted = true
                case .character("t"): hasText.toggle()
                case .character("q"), .character("\u{1B}"), .closed: return frames
                case .character(let letter): change(letter)
                }
            }
            screenshots.isWanted = screenshots.isWanted || isWanted
            guard let next = seen.takeNow() else {
                if seen.isOver { return frames }
                usleep(1000)
                continue
            }
            try measure(.draw) { try next.mode.look.draw(next.mask, on: next.frame) }
            try screenshots.take(next.frame)
            frames += 1
            meter.count()
            if hasText { write(meter.lines(next.mode.name, state.withLock { $0.isRefined }), on: next.frame) }
            try measure(.show) { try window.show(next.frame) }
        }
        return frames
    }

    private func change(_ key: Character) {
        state.withLock { state in
            switch key {
            case " ": state.mode = (state.mode + 1) % call.modes.count
            case "r": state.isRefined.toggle()
            case "m": state.isMirrored.toggle()
            default: break
            }
        }
    }

    private func tell(_ frames: Int, seconds: Double) throws(CommandError) {
        let dropped = state.withLock { $0.dropped }, rate = Double(frames) / seconds
        let times = total.milliseconds(frames: frames)
        guard call.isJSON else {
            let list = times.map { "\($0.stage.rawValue) \(oneDigit($0.time))" }.joined(separator: ", ")
            return try Console.line(
                "\(call.source.name): \(frames) frames, \(dropped) left out, \(oneDigit(rate)) frames/s (ms: \(list))"
            )
        }
        try Console.line(
            JSON.object([
                ("video", .text(call.source.name)), ("frames", .integer(frames)),
                ("left_out", .integer(dropped)),
                ("seconds", .number(seconds)), ("frames_per_second", .number(rate)),
                ("milliseconds_per_frame", .object(times.map { ($0.stage.rawValue, .number($0.time)) })),
            ]).line)
    }
}

extension VideoFrame {
    fileprivate func mirror() {
        for y in 0..<height {
            let row = pixels + 3 * y * width
            for x in 0..<width / 2 {
                let (left, right) = (row + 3 * x, row + 3 * (width - 1 - x))
                for channel in 0..<3 { swap(&left[channel], &right[channel]) }
            }
        }
    }
}
