// Interpolation: layers of package forks that enlarge or shrink planes.

/// Bilinear resizing with aligned corners: `Interp` of DeepLab and PSPNet. Source: DeepLab's `interp_layer.cpp`.
///
/// The side s first loses the padding (0 or less), then becomes, in this order of preference: `height` and
/// `width`; the size of a second input; (s - 1) / shrink + 1, then s + (s - 1)(zoom - 1).
package struct Interp: ShapedOperation {
    package let height: Int, width: Int, zoom: Int, shrink: Int, padBegin: Int, padEnd: Int
    var inputCounts: ClosedRange<Int> { 1...2 }

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let input = try inputs[0].planes(layer: layer)
        let left = (input.height + padBegin + padEnd, input.width + padBegin + padEnd)
        guard left.0 >= 1, left.1 >= 1 else {
            throw .shape(layer: layer, expected: "something left after padding", got: "\(inputs[0])")
        }
        if inputs.count == 2 {
            let reference = try inputs[1].planes(layer: layer)
            return [
                try Shape([input.batch, input.channels, reference.height, reference.width], layer: layer)
            ]
        }
        let size = height > 0 && width > 0 ? (height, width) : (zoomed(left.0), zoomed(left.1))
        return [try Shape([input.batch, input.channels, size.0, size.1], layer: layer)]
    }

    private func zoomed(_ side: Int) -> Int {
        let shrunk = (side - 1) / shrink + 1
        return shrunk + (shrunk - 1) * (zoom - 1)
    }
}

/// Each pixel as a square of `factor` pixels a side: `Upsample` of package forks, without a mask.
package struct Upsample: ShapedOperation {
    package let factor: Int

    func outputShapes(_ inputs: [Shape], layer: String) throws(FaceSegError) -> [Shape] {
        let input = try inputs[0].planes(layer: layer)
        return [
            try Shape(
                [input.batch, input.channels, input.height * factor, input.width * factor], layer: layer)
        ]
    }
}
