// Muon: a matrix's change made orthogonal by five steps of Newton and Schulz. Source: Jordan and others 2024,
// kellerjordan.github.io/posts/muon; the polynomial's coefficients are theirs.
import FaceSegKit
import Gradients
import Kernels

#if canImport(Glibc)
    import Glibc
#endif

/// Works on one parameter after the other.
final class Muon {
    private static let coefficients: (Float, Float, Float) = (3.4445, -4.7750, 2.0315), steps = 5
    private let product: MatrixProduct
    private let x: Buffer, turned: Buffer, next: Buffer, square: Buffer, fourth: Buffer

    /// Whether a parameter is a matrix of filters, each of several channels: not a bias, nor a filter of its own for each
    /// plane.
    static func takes(_ parameter: Parameter) -> Bool {
        parameter.dimensions.count >= 2 && parameter.dimensions[0] > 1 && parameter.dimensions[1] > 1
    }

    /// nil if there is no such parameter.
    init?(_ parameters: [Parameter], threads: Int) throws(FaceSegError) {
        let matrices = parameters.filter { $0.gradient != nil && Muon.takes($0) }
        guard !matrices.isEmpty else { return nil }
        let numbers = matrices.map(\.count).max()!
        let side = matrices.map { min($0.dimensions[0], $0.count / $0.dimensions[0]) }.max()!
        let longest = matrices.map { max($0.dimensions[0], $0.count / $0.dimensions[0]) }.max()!
        product = try MatrixProduct(rows: side, columns: max(side, longest), threads: threads)
        x = try Buffer(count: numbers)
        turned = try Buffer(count: numbers)
        next = try Buffer(count: numbers)
        square = try Buffer(count: side * side)
        fourth = try Buffer(count: side * side)
    }

    /// weights -= decay * weights + rate * sqrt(max(1, rows / columns)) * the orthogonal form of `change`.
    func apply(
        _ change: UnsafePointer<Float>, to parameter: Parameter, rate: Float, decay: Float, _ workers: Workers
    ) {
        let rows = parameter.dimensions[0], columns = parameter.count / rows, count = parameter.count
        let isTall = rows > columns
        let (short, long) = isTall ? (columns, rows) : (rows, columns)
        let norm = workers.withPool { fsg_sum_of_squares(change, count, $0) }.squareRoot()
        let factor = Float(1 / (norm + 1e-7))
        if isTall { transpose(change, rows, columns, to: turned.start, workers) }
        let source = isTall ? UnsafePointer(turned.start) : change
        workers.withPool { fsg_scale_run(source, factor, x.start, count, $0) }
        for _ in 0..<Muon.steps { step(short, long, workers) }
        if isTall { transpose(x.start, short, long, to: turned.start, workers) }
        let scale = -rate * max(1, Float(rows) / Float(columns)).squareRoot()
        let orthogonal = isTall ? turned.start : x.start
        workers.withPool { fsg_combine_run(scale, orthogonal, 1 - decay, parameter.data.start, count, $0) }
    }

    /// x = a x + (b s + c s s) x with s = x x^T.
    private func step(_ short: Int, _ long: Int, _ workers: Workers) {
        let (a, b, c) = Muon.coefficients
        transpose(x.start, short, long, to: turned.start, workers)
        product.run(
            x.start, turned.start, to: square.start, rows: short, inner: long, columns: short, workers)
        product.run(
            square.start, square.start, to: fourth.start, rows: short, inner: short, columns: short, workers)
        workers.withPool { fsg_combine_run(b, square.start, c, fourth.start, short * short, $0) }
        product.run(fourth.start, x.start, to: next.start, rows: short, inner: short, columns: long, workers)
        workers.withPool { fsg_combine_run(1, next.start, a, x.start, short * long, $0) }
    }

    private func transpose(
        _ from: UnsafePointer<Float>, _ rows: Int, _ columns: Int, to: UnsafeMutablePointer<Float>,
        _ workers: Workers
    ) {
        var arguments = fsk_strided_copy()
        (arguments.source, arguments.destination, arguments.rank) = (from, to, 2)
        withUnsafeMutableBytes(of: &arguments.extent) { $0.set([columns, rows]) }
        withUnsafeMutableBytes(of: &arguments.source_stride) { $0.set([1, columns]) }
        withUnsafeMutableBytes(of: &arguments.destination_stride) { $0.set([rows, 1]) }
        workers.withPool { fsk_strided_copy_run(&arguments, $0) }
    }
}
