// ProductPasses: Convolution, Deconvolution and InnerProduct over planes, of any shape.
import FaceSegKit
import Gradients
import Kernels

/// A convolution, or its transpose.
struct ProductPass: Pass {
    private let site: PassSite, product: PlaneProduct
    private let isTransposed: Bool

    init(_ site: PassSite, _ convolution: Convolution) throws(FaceSegError) {
        (self.site, isTransposed) = (site, false)
        product = try PlaneProduct(
            window: convolution.window, group: convolution.group, large: site.x.shape, small: site.y.shape,
            threads: site.threads)
    }

    init(_ site: PassSite, _ deconvolution: Deconvolution) throws(FaceSegError) {
        (self.site, isTransposed) = (site, true)
        product = try PlaneProduct(
            window: deconvolution.window, group: deconvolution.group, large: site.y.shape,
            small: site.x.shape, threads: site.threads)
    }

    private var weights: Parameter { site.parameters[0] }
    private var bias: Parameter? { site.parameters.count > 1 ? site.parameters[1] : nil }
    private var w: UnsafePointer<Float> { UnsafePointer(weights.data.start) }

    func forward(_ workers: Workers) {
        let bias = bias.map { UnsafePointer($0.data.start) }
        if isTransposed {
            product.spread(w, bias, small: site.x.read, large: site.y.data.start, workers)
        } else {
            product.slide(w, bias, large: site.x.read, small: site.y.data.start, workers)
        }
    }

    func backward(_ workers: Workers) {
        guard let dy = site.dy else { return }
        if let dw = weights.gradient?.start {
            product.addWeightGradient(
                large: isTransposed ? dy : site.x.read, small: isTransposed ? site.x.read : dy, weights: dw,
                bias: nil, workers)
        }
        if let gradient = bias?.gradient { addBiasGradient(dy, gradient.start, workers) }
        guard let dx = site.dx else { return }
        if isTransposed {
            product.slide(w, nil, large: dy, small: dx, workers)
        } else {
            product.spread(w, nil, small: dy, large: dx, workers)
        }
    }

    private func addBiasGradient(
        _ dy: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ workers: Workers
    ) {
        let shape = site.y.shape
        var arguments = fsg_affine(
            x: nil, dy: dy, gain: nil, dx: nil, dgain: nil, dshift: sums, outer: shape[0],
            channels: shape[1], inner: shape[2] * shape[3])
        workers.withPool { fsg_affine_run(&arguments, $0) }
    }
}

/// Every number times its own weight, summed.
struct InnerProductPass: Pass {
    private let site: PassSite, product: InnerProduct
    private let rows: Int
    private let forwards: PlaneProduct, transposed: Buffer?

    init(_ site: PassSite, _ product: InnerProduct) throws(FaceSegError) {
        (self.site, self.product) = (site, product)
        let axis = try site.x.shape.axis(product.axis, layer: site.name)
        rows = site.x.shape.count(0..<axis)
        let one = Window.Side(kernel: 1, stride: 1, pad: 0, dilation: 1)
        forwards = try PlaneProduct(
            window: Window(vertical: one, horizontal: one), group: 1,
            large: Shape([rows, site.x.shape.count / rows, 1, 1]),
            small: Shape([rows, product.outputs, 1, 1]),
            threads: site.threads)
        transposed = product.transposed ? try Buffer(count: site.parameters[0].count) : nil
    }

    func forward(_ workers: Workers) {
        let bias = product.hasBias ? UnsafePointer(site.parameters[1].data.start) : nil
        let weights = site.parameters[0].data.start
        if let transposed { transpose(weights, to: transposed.start) }
        forwards.slide(
            UnsafePointer(transposed?.start ?? weights), bias, large: site.x.read, small: site.y.data.start,
            workers)
    }

    private func transpose(_ from: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>) {
        let inputs = site.parameters[0].count / product.outputs
        for input in 0..<inputs {
            for output in 0..<product.outputs {
                to[output * inputs + input] = from[input * product.outputs + output]
            }
        }
    }

    func backward(_ workers: Workers) {
        guard let dy = site.dy else { return }
        var arguments = fsg_inner_product(
            x: site.x.read, dy: dy, w: UnsafePointer(site.parameters[0].data.start), dx: site.dx,
            dw: site.parameters[0].gradient?.start,
            dbias: product.hasBias ? site.parameters[1].gradient?.start : nil, rows: rows,
            inputs: site.x.shape.count / rows, outputs: product.outputs, is_transposed: product.transposed)
        workers.withPool { fsg_inner_product_run(&arguments, $0) }
    }
}
