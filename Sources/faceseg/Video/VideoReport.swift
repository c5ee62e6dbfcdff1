// VideoReport: what is said of a video at its end: a line for people, or an object for programs.
import Media

struct VideoReport {
    private let call: VideoCall, name: String

    /// - name: of what was read.
    init(_ call: VideoCall, _ name: String) { (self.call, self.name) = (call, name) }

    func tell(_ summary: VideoSummary, _ writer: VideoWriter) throws(CommandError) {
        let line = call.isJSON ? object(summary, writer).line : sentence(summary, writer)
        if call.out == standardFile { Console.remark(line) } else { try Console.line(line) }
    }

    private func sentence(_ summary: VideoSummary, _ writer: VideoWriter) -> String {
        let times = summary.times.milliseconds(frames: summary.frames).map {
            "\($0.stage.rawValue) \(oneDigit($0.time))"
        }
        let stopped = summary.isStopped ? ", stopped" : ""
        return "\(name): \(writer.width) x \(writer.height), \(summary.frames) frames\(stopped), "
            + "\(oneDigit(rate(summary))) frames/s (ms: \(times.joined(separator: ", "))) -> "
            + (call.out == standardFile ? "standard output" : call.out)
    }

    private func object(_ summary: VideoSummary, _ writer: VideoWriter) -> JSON {
        let times = summary.times.milliseconds(frames: summary.frames)
        return .object([
            ("video", .text(name)), ("written", .text(call.out)),
            ("output", .text(call.look.output.rawValue)),
            ("width", .integer(writer.width)), ("height", .integer(writer.height)),
            ("codec", .text(writer.codec)), ("frames", .integer(summary.frames)),
            ("audio_streams", .integer(call.hasAudio ? summary.facts.audioStreams : 0)),
            ("stopped", .truth(summary.isStopped)), ("damaged_packets", .integer(summary.damagedPackets)),
            ("seconds", .number(rounded(summary.seconds))),
            ("frames_per_second", .number(rounded(rate(summary)))),
            (
                "milliseconds_per_frame",
                .object(times.map { ($0.stage.rawValue, .number(rounded($0.time))) })
            ),
        ])
    }

    private func rate(_ summary: VideoSummary) -> Double { Double(summary.frames) / summary.seconds }

    private func rounded(_ number: Double) -> Double { (number * 1000).rounded() / 1000 }
}
