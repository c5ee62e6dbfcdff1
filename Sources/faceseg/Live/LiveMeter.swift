// LiveMeter, Screenshots: what a live window says of itself, and its pictures in files.
import Media

/// Frames a second and stages' times, of the last half second or so.
struct LiveMeter {
    private let times: VideoTimes
    private var since = now(), frames = 0
    private var rate = "", stages = ""

    private static let pause = 0.5

    init(_ times: VideoTimes) { self.times = times }

    /// A frame is to be shown.
    mutating func count() {
        frames += 1
        let passed = now() - since
        guard passed >= Self.pause else { return }
        rate = "\(oneDigit(Double(frames) / passed)) frames/s, "
        let list = times.milliseconds(frames: frames).map { "\($0.stage.rawValue) \(oneDigit($0.time))" }
        stages = list.joined(separator: " ") + " ms"
        times.clear()
        (since, frames) = (now(), 0)
    }

    func lines(_ mode: String, _ isRefined: Bool) -> [String] {
        [rate + mode + (isRefined ? "" : ", unrefined"), stages]
    }
}

struct Screenshots {
    var isWanted = false
    private var number = 1

    init() {}

    /// The frame under the first name that is free, if somebody asked.
    mutating func take(_ frame: VideoFrame) throws {
        guard isWanted else { return }
        isWanted = false
        while exists(path) { number += 1 }
        let pixels = Array(UnsafeBufferPointer(start: frame.pixels, count: frame.byteCount))
        let bytes = try encodePNG(
            width: frame.width, height: frame.height, channels: 3, pixels: pixels, fast: true)
        try OutputSink.write(bytes, to: path)
        Console.remark("wrote \(path)")
    }

    private var path: String { "faceseg-live-\(number).png" }
}
