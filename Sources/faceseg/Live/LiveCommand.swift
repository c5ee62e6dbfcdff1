// LiveCommand: a camera or a video in a window: options and what they mean. How frames go through is LiveRun's.
import FaceSegKit
import Glibc
import Media

let liveCommand = Command(
    name: "live", summary: "a camera or a video in a window, segmented as it comes",
    usage: "[CAMERA|VIDEO] [options]",
    about: """
        Shows a camera's pictures, or a video's at its own pace, with face and hair coloured, another background
        or alpha alone. CAMERA is a device of Video4Linux or its number; /dev/video0 if none is named. Frames
        that come faster than they can be shown are left out.

        Keys:
          space   the next of: overlay, background, blur, alpha, recolor where --recolor is given
          r       edges refined or not
          m       mirrored or not; cameras are at first
          t       text or none
          s       the picture as faceseg-live-N.png, without text
          q, Esc  the end
        """,
    words: .file(["mp4", "mkv", "mov", "avi", "webm", "m4v", "y4m"]),
    ownOptions: [
        Option(
            "--output", value: "WHAT", takes: .choice(VideoOutput.self),
            help: "at first: overlay (default), background, alpha or recolor"),
        Option(
            "--background", value: "B", takes: .file(["jpg", "jpeg", "png", "webp"]),
            help: "of output background: a colour like '#20a0ff' (default: green), a picture, or blur"),
        VideoArguments.recolor, VideoArguments.target,
        Option("--camera-size", value: "WxH", help: "of the camera's pictures; default: its own"),
        Option("--frames", value: "N", help: "ends after N frames"),
        Option(
            "--precision", value: "P", takes: .choice(PrecisionName.self),
            help: "fast (default): products of 16 bits, or 8, where the processor has them; or exact"),
    ] + VideoArguments.model + [Option("--json", help: "a line of JSON at the end")],
    examples: [
        ("", "the first camera"),
        ("/dev/video2 --camera-size 1280x720 --background beach.jpg", "another one, on a beach"),
        ("clip.mp4 --output alpha --target hair", "a video's hair"),
    ]
) { arguments in
    try LiveRun(LiveCall(arguments)).run()
}

/// What one command line asks for; nothing is open yet.
struct LiveCall {
    let source: VideoSource
    /// What the space bar goes through, and which comes first.
    let modes: [LiveMode], firstMode: Int
    /// As asked, and with the refinement that a key changes to.
    let models: [ModelChoice]
    let frames: Int?, isJSON: Bool

    var isCamera: Bool { if case .camera = source { true } else { false } }

    init(_ arguments: Arguments) throws {
        guard arguments.words.count <= 1 else {
            throw CommandError.usage("one camera or video at a time, please")
        }
        source = try Self.source(arguments)
        let recolors = try Recolor.all(arguments), first = try VideoArguments.output(arguments, recolors)
        modes = try LiveMode.all(arguments, recolors)
        firstMode = modes.firstIndex { $0.look.output == first } ?? 0
        let precision: Precision =
            try arguments.choice("--precision", PrecisionName.self) == .exact ? .exact : .fast
        let refinement = try arguments.refinement()
        let other: Refinement = refinement == Refinement.none ? .guided : .none
        models = [
            try ModelChoice(arguments, precision: precision, refinement: refinement),
            try ModelChoice(arguments, precision: precision, refinement: other),
        ]
        frames = try arguments.integer("--frames", 1...Int.max)
        isJSON = arguments.has("--json")
    }

    private static func source(_ arguments: Arguments) throws -> VideoSource {
        let word = arguments.words.first ?? "0", size = arguments.text("--camera-size")
        if let size { try checkSize(size) }
        if word == standardFile { return .standardInput }
        let path = Int(word) != nil && !exists(word) ? "/dev/video" + word : word
        guard isDevice(path) || path.hasPrefix("/dev/video") else {
            guard size == nil else { throw CommandError.usage("--camera-size is about cameras, not videos") }
            return .file(path)
        }
        guard exists(path) else {
            throw CommandError.failed(
                "\(path): no camera is there; plug one in, or name a video or another device of `ls /dev/video*`"
            )
        }
        return .camera(path, size: size)
    }

    private static func checkSize(_ size: String) throws(CommandError) {
        let sides = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sides.count == 2, sides.allSatisfy({ (1...16384).contains($0) }) else {
            throw .usage("--camera-size: \"\(size)\" is no size like 1280x720")
        }
    }

    private static func isDevice(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
    }
}

/// A way to show frames, by the name that stands in the window.
struct LiveMode: Sendable {
    let name: String, look: VideoLook

    static func all(_ arguments: Arguments, _ recolors: [Recolor]) throws -> [LiveMode] {
        let target = try VideoArguments.target(arguments)
        let background = try Background(arguments.text("--background") ?? "#00b140")
        let modes = try [
            LiveMode(name: "overlay", look: VideoLook(.overlay, target: target)),
            LiveMode(
                name: "background", look: VideoLook(.background, target: target, background: background)),
            LiveMode(name: "blur", look: VideoLook(.background, target: target)),
            LiveMode(name: "alpha", look: VideoLook(.alpha, target: target)),
        ]
        if recolors.isEmpty { return modes }
        return modes + [LiveMode(name: "recolor", look: try VideoLook(.recolor, recolors: recolors))]
    }
}
