// FrameView+Kernels: a frame's red, green and blue, at its own size and at the network's.
import Kernels

extension FrameView {
    /// - rgb: `[height, width, 3]`, written.
    func convert(to rgb: UnsafeMutablePointer<UInt8>, _ workers: Workers) {
        var arguments = fsk_yuv(frame: borrowed, rgb: rgb)
        workers.withPool { fsk_yuv_run(&arguments, $0) }
    }

    /// Makes planes B, G, R, `[3, vertical.count, horizontal.count]`, 0...255.
    ///
    /// - scratch: ``resamplingScratch(width:)`` floats for each worker.
    func resample(
        _ vertical: ResamplingTable, _ horizontal: ResamplingTable, to planes: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, _ workers: Workers
    ) {
        ResamplingTable.withTables(vertical, horizontal) { vertical, horizontal in
            var arguments = fsk_frame_resampling(
                frame: borrowed, vertical: vertical, horizontal: horizontal, planes: planes,
                scratch: scratch)
            workers.withPool { fsk_frame_resampling_run(&arguments, $0) }
        }
    }

    static func resamplingScratch(width: Int) -> Int { fsk_frame_scratch(width) }

    /// The C form.
    private var borrowed: fsk_frame {
        fsk_frame(
            luma: luma, chroma: (chroma.blue, chroma.red), luma_row_bytes: lumaRowBytes,
            chroma_row_bytes: (chromaRowBytes.blue, chromaRowBytes.red), chroma_step: chromaStep,
            width: width, height: height, is_bt709: matrix == .bt709, is_full_range: isFullRange)
    }
}
