// PlaneDepthwise: what PlaneProduct does, where each plane has a filter of its own: scores that are enlarged, mostly.
import FaceSegKit
import Kernels

struct PlaneDepthwise {
    private let window: Window, large: Shape, small: Shape

    init(window: Window, large: Shape, small: Shape) {
        (self.window, self.large, self.small) = (window, large, small)
    }

    func slide(
        _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, large from: UnsafePointer<Float>,
        small to: UnsafeMutablePointer<Float>, _ workers: Workers
    ) {
        var arguments = fsk_depthwise(
            x: from, y: to, weights: weights, bias: bias, batch: large[0], channels: large[1],
            height: large[2], width: large[3], out_height: small[2], out_width: small[3],
            kernel_height: window.vertical.kernel, kernel_width: window.horizontal.kernel,
            stride_height: window.vertical.stride, stride_width: window.horizontal.stride,
            pad_height: window.vertical.pad, pad_width: window.horizontal.pad,
            dilation_height: window.vertical.dilation, dilation_width: window.horizontal.dilation,
            plane_step: small[2] * small[3], row_step: small[3], column_step: 1, relu: 0, slope: 0)
        workers.withPool { fsk_depthwise_run(&arguments, 1, $0) }
    }

    /// The phases of the stride, all in one run.
    func spread(
        _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?, small from: UnsafePointer<Float>,
        large to: UnsafeMutablePointer<Float>, _ workers: Workers
    ) {
        var turned: [Float] = [], starts: [Int] = []
        for (vertical, horizontal) in window.phases {
            starts.append(turned.count)
            turned += taps(weights, vertical, horizontal)
        }
        turned.withUnsafeBufferPointer { turned in
            let phases = zip(window.phases, starts).compactMap { sides, start in
                phase(sides.vertical, sides.horizontal, turned.baseAddress! + start, bias, from, to)
            }
            workers.withPool { fsk_depthwise_run(phases, phases.count, $0) }
        }
    }

    /// `[channels, rows, columns]` of those that reach the phase's pixels.
    private func taps(
        _ weights: UnsafePointer<Float>, _ vertical: PhaseSide, _ horizontal: PhaseSide
    ) -> [Float] {
        (0..<large[1]).flatMap { channel in
            (0..<vertical.taps).flatMap { row in
                (0..<horizontal.taps).map { column in
                    let y = vertical.kernel - row * vertical.kernelStep
                    let x = horizontal.kernel - column * horizontal.kernelStep
                    return weights[channel * window.area + y * window.horizontal.kernel + x]
                }
            }
        }
    }

    /// nil: there are no such pixels.
    private func phase(
        _ vertical: PhaseSide, _ horizontal: PhaseSide, _ weights: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>?, _ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>
    ) -> fsk_depthwise? {
        let rows = vertical.count(of: large[2], stride: window.vertical.stride)
        let columns = horizontal.count(of: large[3], stride: window.horizontal.stride)
        guard rows > 0, columns > 0 else { return nil }
        return fsk_depthwise(
            x: from, y: to + vertical.first * large[3] + horizontal.first, weights: weights, bias: bias,
            batch: small[0], channels: small[1], height: small[2], width: small[3], out_height: rows,
            out_width: columns, kernel_height: vertical.taps, kernel_width: horizontal.taps,
            stride_height: 1, stride_width: 1, pad_height: vertical.pad, pad_width: horizontal.pad,
            dilation_height: vertical.dilation, dilation_width: horizontal.dilation,
            plane_step: large[2] * large[3], row_step: window.vertical.stride * large[3],
            column_step: window.horizontal.stride, relu: 0, slope: 0)
    }
}
