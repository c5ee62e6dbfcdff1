// FrameView+Kernels: a frame's red, green and blue.
import Kernels

extension FrameView {
    /// - rgb: `[height, width, 3]`, written.
    func convert(to rgb: UnsafeMutablePointer<UInt8>, _ workers: Workers) {
        var arguments = fsk_yuv(
            luma: luma, chroma: (chroma.blue, chroma.red), luma_row_bytes: lumaRowBytes,
            chroma_row_bytes: (chromaRowBytes.blue, chromaRowBytes.red), chroma_step: chromaStep,
            width: width, height: height, is_bt709: matrix == .bt709, is_full_range: isFullRange, rgb: rgb)
        workers.withPool { fsk_yuv_run(&arguments, $0) }
    }
}
