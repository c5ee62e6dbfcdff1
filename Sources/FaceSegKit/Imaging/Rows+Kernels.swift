// Rows: single calls of row kernels, for those who do not import Kernels.
import Kernels

func labelRow(
    _ probabilities: UnsafePointer<Float>, _ classes: Int, _ width: Int,
    _ labels: UnsafeMutablePointer<UInt8>,
    _ cpu: UInt32
) {
    fsk_label_row(probabilities, classes, width, width, labels, cpu)
}

func byteRow(
    _ numbers: UnsafePointer<Float>, _ width: Int, _ bytes: UnsafeMutablePointer<UInt8>, _ cpu: UInt32
) {
    fsk_byte_row(numbers, width, bytes, cpu)
}

func alphaRow(_ numbers: UnsafeMutablePointer<Float>, _ width: Int, _ cpu: UInt32) {
    fsk_alpha_row(numbers, width, cpu)
}

func overlayRow(
    _ photo: PixelView, _ row: Int, _ labels: UnsafePointer<UInt8>, _ rgb: UnsafeMutablePointer<UInt8>
) {
    var borrowed = photo.borrowed
    fsk_overlay_row(&borrowed, row, labels, rgb)
}

extension Tensor {
    /// Scores `[1, C, H, W]` to probabilities.
    func softmaxInPlace(_ workers: Workers) {
        var arguments = fsk_softmax(
            x: read, y: start, outer: shape[0], channels: shape[1], inner: shape.inner(1))
        workers.withPool { fsk_softmax_run(&arguments, $0) }
    }
}
