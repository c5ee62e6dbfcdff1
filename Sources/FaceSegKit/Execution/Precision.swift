// Precision: what a segmenter's products are multiplied in. What goes in, what comes out and what lies between are
// floats either way.

/// How exactly a ``Segmenter`` computes.
public enum Precision: Int32, Sendable, CaseIterable {
    /// Floats: Caffe's scores within 1e-4 of the largest.
    case exact = 0
    /// Products of 16 bits, or of 8 for layers of four million weights and more, with sums of 32, where the processor
    /// has such kernels (AVX-512 with VNNI and BF16), and exact elsewhere: up to twice as fast, with FCN-8s's scores
    /// within two hundredths of the largest.
    case fast = 1
}
