// PictureWindow: pictures on a screen and keys that are pressed there, by SDL. Of one thread.
import VideoLibraries

public final class PictureWindow {
    private let handle: OpaquePointer

    /// - Throws: ``MediaError`` where there is no screen, or no SDL.
    public init(title: String, width: Int, height: Int) throws(MediaError) {
        var words = Words()
        guard let opened = fsv_window_open(title, Int32(width), Int32(height), &words.bytes) else {
            throw MediaError(path: "window", reason: words.text)
        }
        handle = opened
    }

    deinit { fsv_window_close(handle) }

    /// - frame: as large as the window was opened for.
    public func show(_ frame: VideoFrame) throws(MediaError) {
        var words = Words()
        guard fsv_window_show(handle, frame.pixels, &words.bytes) == 0 else {
            throw MediaError(path: "window", reason: words.text)
        }
    }

    public enum Key: Equatable {
        case closed
        case character(Character)
    }

    /// What was pressed since the last call; nil: nothing more.
    public func key() -> Key? {
        let key = fsv_window_key(handle)
        if key == Int32(FSV_NO_KEY) { return nil }
        guard key > 0, let scalar = Unicode.Scalar(UInt32(key)) else { return .closed }
        return .character(Character(scalar))
    }
}
