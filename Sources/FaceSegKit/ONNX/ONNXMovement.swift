// ONNXMovement: layers that cut, repeat, enlarge or shrink, in ONNX's words.

extension ONNXLayer {
    mutating func convert(_ slice: Slice) throws(FaceSegError) {
        let axis = try at(slice.axis), sizes = integers(made.map { $0[axis] }, "sizes")
        add("Split", [input, sizes], outputs, [("axis", .int(axis))])
    }

    mutating func convert(_ crop: Crop) throws(FaceSegError) {
        cut(input, from: try crop.begin(given, layer: name), to: made[0].dimensions, output: outputs[0])
    }

    mutating func convert(_ tile: Tile) throws(FaceSegError) {
        var repeats = Array(repeating: 1, count: rank)
        repeats[try at(tile.axis)] = tile.tiles
        finish("Tile", [input, integers(repeats, "repeats")])
    }

    mutating func convert(_ interp: Interp) {
        var sides = given[0].dimensions, value = input
        if interp.padBegin != 0 || interp.padEnd != 0 {
            for axis in 2...3 { sides[axis] += interp.padBegin + interp.padEnd }
            value = cut(input, from: [0, 0, -interp.padBegin, -interp.padBegin], to: sides)
        }
        // No region and no scales: both are empty names.
        finish(
            "Resize", [value, "", "", integers(made[0].dimensions, "sizes")],
            [("mode", .text("linear")), ("coordinate_transformation_mode", .text("align_corners"))])
    }

    mutating func convert(_ upsample: Upsample) {
        finish(
            "Resize", [input, "", "", integers(made[0].dimensions, "sizes")],
            [
                ("mode", .text("nearest")), ("nearest_mode", .text("floor")),
                ("coordinate_transformation_mode", .text("asymmetric")),
            ])
    }

    /// The part of `sides` that begins there.
    @discardableResult
    private mutating func cut(
        _ value: String, from begin: [Int], to sides: [Int], output: String? = nil
    ) -> String {
        let ends = zip(begin, sides).map { $0 + $1 }
        return node("Slice", [value, integers(begin, "begin"), integers(ends, "end")], output: output)
    }
}
