// fsk_convolution: every variant against the definition, summed in double.
import Kernels
import Testing

/// A convolution's sizes. The list is the one for correctness: tails of tiles, of panels and of depth blocks.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
    var batch = 1, groups = 1, channels = 3, height = 9, width = 11, filters = 5
    var kernel = (3, 3), stride = (1, 1), pad = (1, 1), dilation = (1, 1)
    /// Output rows and columns lie so far apart, as the phases of a deconvolution do.
    var spread = 1
    var slope: Float?
    var hasBias = true

    var outHeight: Int { max((height + 2 * pad.0 - dilation.0 * (kernel.0 - 1) - 1) / stride.0 + 1, 0) }
    var outWidth: Int { max((width + 2 * pad.1 - dilation.1 * (kernel.1 - 1) - 1) / stride.1 + 1, 0) }
    var depth: Int { channels * kernel.0 * kernel.1 }
    var testDescription: String {
        "\(batch)x\(groups)x\(channels)x\(height)x\(width) -> \(filters), kernel \(kernel), stride \(stride), "
            + "pad \(pad), dilation \(dilation), spread \(spread)"
    }

    static let all: [ConvolutionCase] = [
        .init(), .init(height: 1, width: 1), .init(filters: 1), .init(filters: 8), .init(filters: 9),
        .init(channels: 1, filters: 17, kernel: (1, 1), pad: (0, 0)),
        .init(channels: 40, height: 13, width: 17, filters: 33),  // several blocks of the depth
        .init(channels: 71, height: 8, width: 8, filters: 24, kernel: (1, 1), pad: (0, 0)),
        .init(channels: 400, height: 3, width: 5, filters: 4, kernel: (1, 1), pad: (0, 0)),
        .init(height: 33, width: 65, filters: 4, kernel: (5, 2), stride: (2, 3), pad: (2, 0)),
        .init(height: 20, width: 20, kernel: (3, 3), pad: (4, 4), dilation: (3, 4)),
        .init(batch: 3, groups: 4, channels: 2, height: 7, width: 9, filters: 3, slope: 0.1),
        .init(groups: 6, channels: 1, height: 16, width: 16, filters: 1, slope: 0),
        .init(height: 12, width: 12, kernel: (2, 2), pad: (-1, -2)),
        .init(height: 30, width: 50, pad: (100, 100), slope: 0),  // the border of FCN
        .init(height: 10, width: 12, kernel: (2, 2), spread: 3, slope: 0.3),
        .init(channels: 100, height: 6, width: 7, filters: 11, kernel: (2, 2), spread: 2, hasBias: false),
        .init(channels: 0, height: 4, width: 5, filters: 3, kernel: (1, 1), pad: (0, 0)),
        .init(channels: 2, height: 40, width: 100, filters: 130, kernel: (1, 1), pad: (0, 0)),
    ]
}

struct ConvolutionTests {
    private struct Numbers { let x: [Float], weights: [Float], bias: [Float] }

    private func numbers(_ c: ConvolutionCase) -> Numbers {
        var random = SplitMix(c.depth, c.height, c.width, c.filters, c.kernel.0)
        return Numbers(
            x: random.floats(c.batch * c.groups * c.channels * c.height * c.width),
            weights: random.floats(c.groups * c.filters * c.depth), bias: random.floats(c.groups * c.filters))
    }

    /// The definition, and the sum of the products' sizes, which bounds the error.
    private func definition(_ c: ConvolutionCase, _ n: Numbers) -> [(value: Double, size: Double)] {
        var y: [(Double, Double)] = []
        for picture in 0..<c.batch {
            for plane in 0..<c.groups * c.filters {
                for row in 0..<c.outHeight {
                    for column in 0..<c.outWidth { y.append(sum(c, n, picture, plane, row, column)) }
                }
            }
        }
        return y
    }

    private func sum(
        _ c: ConvolutionCase, _ n: Numbers, _ picture: Int, _ plane: Int, _ row: Int, _ column: Int
    ) -> (Double, Double) {
        var value = c.hasBias ? Double(n.bias[plane]) : 0, size = abs(value)
        for channel in 0..<c.channels {
            for i in 0..<c.kernel.0 {
                let y = row * c.stride.0 - c.pad.0 + i * c.dilation.0
                guard y >= 0, y < c.height else { continue }
                for j in 0..<c.kernel.1 {
                    let x = column * c.stride.1 - c.pad.1 + j * c.dilation.1
                    guard x >= 0, x < c.width else { continue }
                    let from = picture * c.groups * c.channels + plane / c.filters * c.channels + channel
                    let weight = n.weights[((plane * c.channels + channel) * c.kernel.0 + i) * c.kernel.1 + j]
                    let product = Double(weight) * Double(n.x[(from * c.height + y) * c.width + x])
                    value += product
                    size += abs(product)
                }
            }
        }
        return (value < 0 ? value * Double(c.slope ?? 1) : value, size)
    }

    private func run(_ c: ConvolutionCase, _ n: Numbers, _ bits: UInt32, _ way: Way) -> [Float] {
        let variant = fsk_convolution_choose(bits)
        var pool = way.pool(bits: bits)
        let size = fsk_convolution_packed_size(variant, c.filters, c.depth)
        let packed = aligned(size * c.groups),
            scratch = aligned(
                fsk_convolution_scratch_size(variant) * Int(pool.threads))
        defer { packed.deallocate(); scratch.deallocate() }
        let plane = c.outHeight * c.outWidth * c.spread * c.spread, row = c.outWidth * c.spread
        return n.x.withUnsafeBufferPointer { x in
            n.weights.withUnsafeBufferPointer { weights in
                for group in 0..<c.groups where c.depth > 0 {
                    var filters = fsk_filters(
                        source: weights.baseAddress! + group * c.filters * c.depth, channels: c.channels,
                        height: c.kernel.0, width: c.kernel.1, filter_step: c.depth,
                        channel_step: c.kernel.0 * c.kernel.1, row_step: c.kernel.1, column_step: 1,
                        gain: nil)
                    fsk_convolution_pack(variant, &filters, c.filters, 0, c.filters, packed + group * size)
                }
                return n.bias.withUnsafeBufferPointer { bias in
                    written(c.batch * c.groups * c.filters * plane) { y in
                        var arguments = fsk_convolution(
                            x: x.baseAddress, y: y, weights: packed, bias: c.hasBias ? bias.baseAddress : nil,
                            batch: c.batch, groups: c.groups, channels: c.channels, height: c.height,
                            width: c.width, filters: c.filters, out_height: c.outHeight,
                            out_width: c.outWidth,
                            kernel_height: c.kernel.0, kernel_width: c.kernel.1, stride_height: c.stride.0,
                            stride_width: c.stride.1, pad_height: c.pad.0, pad_width: c.pad.1,
                            dilation_height: c.dilation.0, dilation_width: c.dilation.1,
                            batch_step: c.groups * c.filters * plane, plane_step: plane,
                            row_step: row * c.spread,
                            column_step: c.spread, relu: c.slope == nil ? 0 : 1, slope: c.slope ?? 0)
                        fsk_convolution_run(variant, &arguments, scratch, &pool)
                    }
                }
            }
        }
    }

    private func aligned(_ count: Int) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: count)
    }

    /// The outputs that the convolution writes, without the gaps of a spread one.
    private func pixels(_ c: ConvolutionCase, _ y: [Float]) -> [Float] {
        guard c.spread > 1 else { return y }
        let width = c.outWidth * c.spread, height = c.outHeight * c.spread
        return y.indices.filter { $0 % width % c.spread == 0 && $0 / width % height % c.spread == 0 }.map {
            y[$0]
        }
    }

    @Test(arguments: ConvolutionCase.all)
    func asTheDefinition(_ c: ConvolutionCase) {
        let n = numbers(c), wanted = definition(c, n)
        for bits in runnableBits {
            let name = String(cString: fsk_convolution_name(fsk_convolution_choose(bits)))
            let alone = run(c, n, bits, .alone)
            let got = pixels(c, alone)
            #expect(got.count == wanted.count)
            for (value, want) in zip(got, wanted) {
                let allowed = 4 * Double(c.depth).squareRoot() * Double(Float.ulpOfOne) * want.size + 1e-30
                if abs(Double(value) - want.value) > allowed {
                    Issue.record("\(name): \(value), not \(want.value)")
                    break
                }
            }
            // The same bits whoever runs the tasks.
            let two = bits_(run(c, n, bits, .twoThreads)) == bits_(alone),
                host = bits_(run(c, n, bits, .host)) == bits_(alone)
            #expect(two, "\(name), two threads")
            #expect(host, "\(name), a host's threads")
        }
    }

    private func bits_(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

    static let transformed: [ConvolutionCase] = [
        .init(channels: 16, filters: 16), .init(channels: 17, height: 1, width: 1, filters: 19),
        .init(batch: 2, channels: 20, height: 7, width: 70, filters: 24, pad: (0, 2), slope: 0),
        .init(channels: 16, height: 33, width: 5, filters: 130, pad: (100, 3), slope: 0.25),
        .init(channels: 100, height: 40, width: 40, filters: 17, hasBias: false),
    ]

    @Test(arguments: transformed)
    func winogradAsTheDefinition(_ c: ConvolutionCase) {
        let n = numbers(c), wanted = definition(c, n)
        for cpu in runnableBits {
            let variant = fsk_convolution_choose(cpu)
            let packed = aligned(fsk_winograd_packed_size(variant, c.filters, c.channels))
            defer { packed.deallocate() }
            n.weights.withUnsafeBufferPointer { weights in
                var filters = fsk_filters(
                    source: weights.baseAddress, channels: c.channels, height: 3, width: 3,
                    filter_step: c.depth,
                    channel_step: 9, row_step: 3, column_step: 1, gain: nil)
                fsk_winograd_pack(variant, &filters, 0, c.filters, packed)
            }
            var first: [UInt32]?
            for way in Way.allCases {
                var pool = way.pool(bits: cpu)
                let scratch = aligned(fsk_winograd_scratch_size(variant, c.channels) * Int(pool.threads))
                defer { scratch.deallocate() }
                let y = withArrays(n.x, n.bias) { x, bias, _ in
                    written(wanted.count) { y in
                        var arguments = fsk_winograd(
                            x: x, y: y, weights: packed, bias: c.hasBias ? bias : nil, batch: c.batch,
                            channels: c.channels, height: c.height, width: c.width, filters: c.filters,
                            out_height: c.outHeight, out_width: c.outWidth, pad_height: c.pad.0,
                            pad_width: c.pad.1, relu: c.slope == nil ? 0 : 1, slope: c.slope ?? 0)
                        fsk_winograd_run(variant, &arguments, scratch, &pool)
                    }
                }
                // The transforms' own sums cost some three times the definition's error.
                let factor = 16 * Double(c.depth).squareRoot() * Double(Float.ulpOfOne)
                let wrong = zip(y, wanted).first { abs(Double($0) - $1.value) > factor * $1.size + 1e-30 }
                #expect(wrong == nil, "\(way), \(String(cString: fsk_cpu_name(cpu)))")
                let isSame = first == nil || first == bits_(y)
                #expect(isSame, "\(way) gives other bits")
                first = bits_(y)
            }
        }
    }

    static let depthwise: [ConvolutionCase] = [
        .init(groups: 5, channels: 1, filters: 1),
        .init(groups: 1, channels: 1, height: 1, width: 1, filters: 1),
        .init(
            batch: 2, groups: 3, channels: 1, height: 300, width: 70, filters: 1, kernel: (5, 3), pad: (2, 0)),
        .init(groups: 2, channels: 1, height: 9, width: 700, filters: 1, stride: (2, 2), slope: 0),
        .init(
            groups: 2, channels: 1, height: 30, width: 31, filters: 1, stride: (3, 1), dilation: (2, 5),
            slope: 0.2),
        .init(
            groups: 4, channels: 1, height: 12, width: 13, filters: 1, kernel: (2, 2), pad: (-1, 1), spread: 2
        ),
        .init(
            groups: 3, channels: 1, height: 8, width: 8, filters: 1, kernel: (1, 1), pad: (4, 3),
            hasBias: false),
    ]

    @Test(arguments: depthwise)
    func depthwiseAsTheDefinition(_ c: ConvolutionCase) {
        let n = numbers(c), wanted = definition(c, n)
        let plane = c.outHeight * c.outWidth * c.spread * c.spread
        for cpu in runnableBits {
            for way in Way.allCases {
                var pool = way.pool(bits: cpu)
                let y = withArrays(n.x, n.weights, n.bias) { x, weights, bias in
                    written(c.batch * c.groups * plane) { y in
                        var arguments = fsk_depthwise(
                            x: x, y: y, weights: weights, bias: c.hasBias ? bias : nil, batch: c.batch,
                            channels: c.groups, height: c.height, width: c.width, out_height: c.outHeight,
                            out_width: c.outWidth, kernel_height: c.kernel.0, kernel_width: c.kernel.1,
                            stride_height: c.stride.0, stride_width: c.stride.1, pad_height: c.pad.0,
                            pad_width: c.pad.1, dilation_height: c.dilation.0, dilation_width: c.dilation.1,
                            plane_step: plane, row_step: c.outWidth * c.spread * c.spread,
                            column_step: c.spread,
                            relu: c.slope == nil ? 0 : 1, slope: c.slope ?? 0)
                        fsk_depthwise_run(&arguments, &pool)
                    }
                }
                let allowed = wanted.map { 8 * Double(Float.ulpOfOne) * $0.size + 1e-30 }
                let wrong = zip(zip(pixels(c, y), wanted), allowed).first {
                    abs(Double($0.0.0) - $0.0.1.value) > $0.1
                }
                #expect(wrong == nil, "\(way), \(String(cString: fsk_cpu_name(cpu)))")
            }
        }
    }

    @Test func everyProcessorHasItsVariant() {
        let names = Set(
            runnableBits.map { String(cString: fsk_convolution_name(fsk_convolution_choose($0))) })
        #expect(names.count == runnableBits.count)
    }

    @Test func reluKeepsNaN() {
        var c = ConvolutionCase()
        c.slope = 0
        let n = numbers(c), broken = Numbers(x: n.x.map { _ in .nan }, weights: n.weights, bias: n.bias)
        for bits in runnableBits {
            let isKept = run(c, broken, bits, .alone).allSatisfy(\.isNaN)
            #expect(isKept)
        }
    }

    @Test func cancelledTasksAreNotBegun() {
        let c = ConvolutionCase(), n = numbers(c)
        let flag = UnsafeMutablePointer<fsk_flag>.allocate(capacity: 1)
        flag.initialize(to: fsk_flag(value: 1))
        defer { flag.deallocate() }
        let variant = fsk_convolution_choose(0)
        let packed = aligned(fsk_convolution_packed_size(variant, c.filters, c.depth))
        let scratch = aligned(fsk_convolution_scratch_size(variant))
        defer { packed.deallocate(); scratch.deallocate() }
        var pool = Way.alone.pool(bits: 0, cancelled: UnsafePointer(flag))
        let y = n.x.withUnsafeBufferPointer { x in
            written(c.filters * c.outHeight * c.outWidth) { y in
                var arguments = fsk_convolution()
                (arguments.x, arguments.y, arguments.weights) = (x.baseAddress, y, UnsafePointer(packed))
                (arguments.batch, arguments.groups, arguments.channels) = (1, 1, c.channels)
                (arguments.height, arguments.width, arguments.filters) = (c.height, c.width, c.filters)
                (arguments.out_height, arguments.out_width) = (c.outHeight, c.outWidth)
                (arguments.kernel_height, arguments.kernel_width) = c.kernel
                (arguments.stride_height, arguments.stride_width) = (1, 1)
                fsk_convolution_run(variant, &arguments, scratch, &pool)
            }
        }
        let isUntouched = y.allSatisfy { $0.bitPattern == 0x7FAB_CDEF }
        #expect(isUntouched)
    }
}
