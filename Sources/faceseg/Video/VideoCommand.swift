// VideoCommand: a video in, a video out: options and what they mean. How frames go through is VideoRun's, what becomes
// of them VideoLook's.
import FaceSegKit
import Media

let videoCommand = Command(
    name: "video", summary: "a video in; overlay, new background or alpha out, with its sound",
    usage: "VIDEO [-o OUT] [options]",
    about: """
        Finds face, hair and background in each frame of a video, steadily: uncertain pixels follow the frames
        before. VIDEO is anything that FFmpeg reads, or - for standard input. Frames keep their times, and the
        sound is copied as it is. Frames that are stored turned come out upright.

        The result of clip.mp4 is clip.faceseg.mp4; the ending of OUT says what kind of file it is. Videos are
        H.264 where the file takes it, so that an odd side loses its last pixel. -o - writes Y4M to standard
        output, without sound.

        Outputs:
          overlay        each class but the background coloured; the default
          background     another background behind the target: --background
          alpha          grey: how much of each pixel belongs to the target
          recolor        hair or skin in the colours of --recolor

        Ctrl-C ends the video there: what is written can be played. A second one leaves nothing.
        """,
    words: .file(videoEndings),
    ownOptions: [
        Option("-o", value: "OUT", takes: .file(videoEndings), help: "the video to write, or -"),
        Option(
            "--output", value: "WHAT", takes: .choice(VideoOutput.self),
            help: "overlay, background, alpha or recolor"),
        VideoArguments.background, VideoArguments.recolor, VideoArguments.target,
        Option("--no-audio", help: "leaves the sound out"),
        Option("--no-steady", help: "each frame by itself, as `faceseg segment` sees a photo"),
    ] + VideoArguments.model + [
        ModelArguments.precision,
        Option("--json", help: "a line of JSON at the end"),
    ],
    examples: [
        ("clip.mp4", "writes clip.faceseg.mp4: face and hair coloured"),
        ("clip.mp4 -o call.mp4 --background blur --precision fast", "the background out of focus"),
        ("clip.mp4 -o green.mkv --background '#00b140'", "a green screen"),
        ("clip.mp4 -o hair.mp4 --output alpha --target hair", "a grey video of the hair"),
        ("clip.mp4 --recolor hair=#8a2be2", "violet hair"),
        ("- -o - < clip.y4m > result.y4m", "from standard input to standard output"),
    ]
) { arguments in
    try VideoRun(VideoCall(arguments)).run()
}

private let videoEndings = ["mp4", "mkv", "mov", "avi", "webm", "m4v", "y4m"]

/// Options that `video` and `live` share.
enum VideoArguments {
    static let background = Option(
        "--background", value: "B", takes: .file(["jpg", "jpeg", "png", "webp"]),
        help: "of output background: a colour like '#20a0ff', a picture, or blur (default)")
    static let target = Option(
        "--target", value: "WHAT", takes: .choice(TargetName.self),
        help: "of background and alpha: face, hair or head, which is both (default)")
    static let recolor = Option(
        "--recolor", value: "TARGET=#RRGGBB", repeats: true,
        help: "as of `faceseg segment`: hair, face or head in another colour; several with commas")
    static let model =
        ModelArguments.model + [
            ModelArguments.threads, ModelArguments.refinement, ModelArguments.crowds,
        ]

    /// What is asked for, in words or by an option that is about it alone.
    static func output(_ arguments: Arguments, _ recolors: [Recolor]) throws -> VideoOutput {
        let background = arguments.text("--background")
        let output =
            try arguments.choice("--output", VideoOutput.self)
            ?? (background != nil ? .background : recolors.isEmpty ? .overlay : .recolor)
        if output != .background, background != nil {
            throw CommandError.usage("--background is about another output than \(output.rawValue)")
        }
        guard (output == .recolor) != recolors.isEmpty else {
            throw CommandError.usage(
                output == .recolor
                    ? "--output recolor needs --recolor, for example --recolor hair=#8a2be2"
                    : "--recolor is about another output than \(output.rawValue)")
        }
        return output
    }

    static func target(_ arguments: Arguments) throws -> Target {
        try arguments.choice("--target", TargetName.self)?.target ?? .head
    }

    static func look(_ arguments: Arguments) throws -> VideoLook {
        let recolors = try Recolor.all(arguments)
        return try VideoLook(
            output(arguments, recolors), target: target(arguments),
            background: arguments.text("--background").map(Background.init) ?? .blurred(),
            recolors: recolors)
    }
}

/// What one command line asks for; nothing is open yet.
struct VideoCall {
    let source: VideoSource
    /// ``standardFile``: Y4M there.
    let out: String
    let look: VideoLook, model: ModelChoice
    let hasAudio: Bool, isSteady: Bool, isJSON: Bool, threads: Int?

    init(_ arguments: Arguments) throws {
        guard arguments.words.count == 1 else {
            throw CommandError.usage(
                arguments.words.isEmpty ? "no video is named" : "one video at a time, please")
        }
        let word = arguments.words[0]
        source = word == standardFile ? .standardInput : .file(word)
        try checkStandardInput([word] + arguments.texts("--model"))
        out = try Self.out(arguments, word)
        try OutputSink.refuseTerminal(out)
        model = try ModelChoice(arguments)
        threads = try arguments.integer("--threads", 1...1024)
        (hasAudio, isSteady) = (!arguments.has("--no-audio"), !arguments.has("--no-steady"))
        isJSON = arguments.has("--json")
        look = try VideoArguments.look(arguments)
    }

    private static func out(_ arguments: Arguments, _ video: String) throws(CommandError) -> String {
        guard let out = arguments.output("-o") else {
            guard video != standardFile else {
                throw .usage(
                    "a video from standard input has no name: add -o FILE, or -o - for standard output")
            }
            let ending = ending(video), isKnown = videoEndings.contains(ending)
            return (isKnown ? String(video.dropLast(ending.count + 1)) : video)
                + ".\(ResultName.only).\(isKnown ? ending : "mp4")"
        }
        guard out != "" else { throw .usage("-o \"\": the name is empty") }
        let there = FileIdentity(out)
        guard there == nil || there != FileIdentity(video == standardFile ? "/dev/stdin" : video) else {
            throw .usage("\(out) is itself the video to read; give another -o")
        }
        return out
    }
}
