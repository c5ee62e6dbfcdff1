// FailureTests: what the world does to a program: full disks, readers that go away, damaged files, missing rights.
// Each ends with code 1, a message that says what and where, and no half a file.
import Foundation
import Media
import Testing

struct FailureTests {
    private let folder = Folder()

    /// Every command prints; none may lose that in silence.
    @Test(arguments: [
        "--version", "--help", "info", "info --json", "segment photo.png", "segment photo.png --json",
    ])
    func outputThatCannotBeWritten(line: String) throws {
        try folder.copy(Fixture.astronaut, "photo.png")
        let full = try Program.shell("\"$0\" \(line) > /dev/full", in: folder)
        #expect(full.code == 1)
        #expect(full.errors == "faceseg: standard output: cannot be written: No space left on device\n")
        let closed = try Program.shell("\"$0\" \(line) >&-", in: folder)
        #expect(closed.code == 1)
        #expect(closed.errors == "faceseg: standard output: cannot be written: Bad file descriptor\n")
        let deaf = try Program.shell("{ \"$0\" \(line); echo $? > code; } | :", in: folder)
        // The reader may be slower than the program; if it is not, the program says so.
        let code = try folder.text("code")
        #expect(code == (deaf.errors.isEmpty ? "0\n" : "1\n"))
        #expect(
            deaf.errors.isEmpty || deaf.errors == "faceseg: standard output: cannot be written: Broken pipe\n"
        )
    }

    /// `sleep` sees to it that the reader is gone, as it is for `faceseg ... | head -n 1`.
    @Test func aReaderThatIsGone() throws {
        let outcome = try Program.shell("{ sleep 0.3; \"$0\" info; echo $? > code; } | :", in: folder)
        #expect(try folder.text("code") == "1\n")
        #expect(outcome.errors == "faceseg: standard output: cannot be written: Broken pipe\n")
    }

    /// A picture must not get the number of a closed standard file, or a message would be written into it. While
    /// the photo, a pipe, is waited for, the system shows what stands there instead.
    @Test func closedStandardFilesStayTaken() throws {
        let outcome = try Program.shell(
            """
            mkfifo photo.png
            "$0" segment photo.png -o out.png <&- >&- 2>&- & program=$!
            sleep 0.5
            readlink /proc/$program/fd/0 /proc/$program/fd/1 /proc/$program/fd/2
            cat '\(Fixture.astronaut)' > photo.png
            wait $program; echo $?
            """, in: folder)
        #expect(outcome.lines == ["/dev/null", "/dev/null", "/dev/null", "1"], "its line is lost, so 1")
        #expect(try folder.photo("out.png").width == 512)
    }

    /// A limit on the size of files fails as a full disk does, and needs no rights.
    @Test(arguments: [
        "segment photo.png -o out.png", "segment photo.png -o out.npy --output probabilities",
        "forward net.caffemodel net.prototxt --input x.npy -o out.npy",
        "convert net.caffemodel -o out.caffemodel",
    ])
    func filesThatCannotBeWritten(line: String) throws {
        try folder.copy(Fixture.astronaut, "photo.png")
        for ending in ["caffemodel", "prototxt", "input.npy"] {
            try folder.copy(
                Fixture.small + "light_unet." + ending, ending == "input.npy" ? "x.npy" : "net." + ending)
        }
        let before = try folder.names()
        let outcome = try Program.shell("trap '' XFSZ; ulimit -f 8; exec \"$0\" \(line)", in: folder)
        #expect(outcome.code == 1)
        let out = line.split(separator: " ").first { $0.hasPrefix("out.") } ?? ""
        #expect(outcome.errors == "faceseg: \(out): cannot be written: File too large\n")
        #expect(outcome.output == "")
        #expect(try folder.names() == before, "no temporary file stays")
    }

    @Test func aFullDisk() throws {
        try folder.makeFolder("disk")
        try folder.copy(Fixture.astronaut, "photo.png")
        let mounted = try Program.shell("mount -t tmpfs -o size=64k tmpfs disk", in: folder)
        try withKnownIssue("a small disk needs the superuser: \(mounted.errors)") {
            try #require(mounted.code == 0)
        } when: {
            mounted.code != 0
        }
        guard mounted.code == 0 else { return }
        defer { _ = try? Program.shell("umount disk", in: folder) }
        let outcome = try Program.run("segment", "photo.png", "-o", "disk", in: folder)
        #expect(outcome.code == 1)
        #expect(
            outcome.errors == "faceseg: disk/photo.faceseg.png: cannot be written: No space left on device\n")
        #expect(try folder.names("disk") == [])
    }

    @Test(arguments: [
        ("segment gone.jpg", "gone.jpg: cannot be read: No such file or directory"),
        ("segment cut.jpg", "cut.jpg: the JPEG is cut off; copy the file again"),
        ("segment empty.jpg", "empty.jpg: the file is empty"),
        ("segment none -o out", "none: no .jpg, .jpeg, .png or .webp file is in this folder"),
        ("segment photo.png -o gone/out.png", "gone/out.png: cannot be created: No such file or directory"),
        ("segment photo.png -o empty.jpg/", "empty.jpg/: the folder cannot be made: File exists"),
        (
            "segment photo.png --model gone.caffemodel",
            "gone.caffemodel: cannot be opened: No such file or directory"
        ),
        ("info gone.caffemodel", "gone.caffemodel: cannot be opened: No such file or directory"),
        (
            "info net.caffemodel --prototxt gone.prototxt",
            "gone.prototxt: cannot be opened: No such file or directory"
        ),
        ("forward cut.caffemodel --input gone.npy -o y.npy", nil),
        ("info cut.caffemodel", nil), ("convert cut.caffemodel -o new.caffemodel", nil),
        ("segment photo.png --model cut.caffemodel", nil),
        (
            "forward net.caffemodel --input gone.npy -o y.npy",
            "gone.npy: cannot be opened: No such file or directory"
        ),
    ])
    func files(line: String, message: String?) throws {
        try prepareFiles()
        let before = try folder.names()
        let outcome = try Program.shell("\"$0\" \(line)", in: folder)
        #expect(outcome.code == 1)
        let expected = "faceseg: " + (message.map { $0 + "\n" } ?? "cut.caffemodel: ")
        #expect(outcome.errors.hasPrefix(expected), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(try folder.names() == before)
    }

    private func prepareFiles() throws {
        let photo = try Photo.read(path: Fixture.astronaut)
        try folder.copy(Fixture.astronaut, "photo.png")
        let jpeg = try encodeJPEG(width: photo.width, height: photo.height, channels: 3, pixels: photo.pixels)
        try folder.write(Array(jpeg.prefix(jpeg.count / 2)), "cut.jpg")
        try folder.write([], "empty.jpg")
        try folder.makeFolder("none")
        try folder.copy(Fixture.small + "light_unet.prototxt", "net.prototxt")
        try folder.copy(Fixture.small + "light_unet.caffemodel", "net.caffemodel")
        let model = try folder.bytes("net.caffemodel")
        try folder.write(Array(model.prefix(model.count / 2)), "cut.caffemodel")
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
    func aFolderWithoutRights() throws {
        try folder.makeFolder("secret")
        chmod(folder.file("secret"), 0)
        defer { chmod(folder.file("secret"), 0o700) }
        let outcome = try Program.run("segment", "secret", "-o", "out", in: folder)
        #expect(outcome.code == 1)
        #expect(outcome.errors == "faceseg: secret: cannot be read: Permission denied\n")
    }

    /// Every model that is cut off somewhere gives an error, wherever that is.
    @Test func modelsCutAnywhere() throws {
        let model = [UInt8](try Data(contentsOf: URL(filePath: Fixture.small + "ops_deconv.caffemodel")))
        for part in 0..<16 {
            try folder.write(Array(model.prefix(model.count * part / 16)), "cut.caffemodel")
            let outcome = try Program.run(
                "segment", Fixture.astronaut, "--model", "cut.caffemodel", "-o", "o.png", in: folder)
            #expect(outcome.code == 1)
            #expect(outcome.errors.hasPrefix("faceseg: "))
        }
    }
}
