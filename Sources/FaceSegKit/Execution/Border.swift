// Border: pixels that no image reaches, computed once on a smaller picture and then only copied. Where a network pads
// its input widely, as FCN does, that saves a third of the work. Here: whether it pays, which smaller picture serves,
// and the tables that its values leave.

/// What a plan may leave out, and where to find it.
struct Border: Sendable {
    /// Of the values of a network for which there is one.
    let reaches: [Int: Reach]
    /// A smaller input whose values agree, and what is known of it.
    let smallShape: Shape
    let smallReaches: [Int: Reach]

    /// Share of the multiply-adds that must be saved.
    private static let leastSaving = 0.05
    /// Sides of input that are looked at. Strides of FCN's kin multiply up to 32.
    private static let mostSide = 1024

    /// nil: nothing can be left out, or too little.
    init?(_ fused: FusedNetwork, of network: Network, shapes: [Shape?]) {
        guard network.inputs.count == 1, let input = shapes[network.inputs[0].value], input.rank == 4 else {
            return nil
        }
        let reaches = fused.reaches(of: network, shapes: shapes)
        guard Border.saving(fused, network, shapes, reaches) >= Border.leastSaving,
            let height = Border.smaller(fused, network, input, axis: 2, reaches),
            let width = Border.smaller(fused, network, input, axis: 3, reaches),
            height * width * 2 < input[2] * input[3],
            let small = try? Shape([1, input[1], height, width]),
            let smallShapes = try? fused.shapes(of: network, [small])
        else { return nil }
        self.reaches = reaches
        smallShape = small
        smallReaches = fused.reaches(of: network, shapes: smallShapes)
        guard reaches.allSatisfy({ $1.isWhole || smallReaches[$0].map($1.agrees) ?? false }) else {
            return nil
        }
    }

    /// Share of the convolutions' multiply-adds that reach no image.
    private static func saving(
        _ fused: FusedNetwork, _ network: Network, _ shapes: [Shape?], _ reaches: [Int: Reach]
    ) -> Double {
        var all = 0.0, saved = 0.0
        for layer in fused.layers {
            guard case .convolution(let convolution) = layer.operation else { continue }
            let shape = shapes[layer.outputs[0]]!, input = shapes[layer.inputs[0]]!
            let pixel =
                Double(convolution.window.area) * Double(input[1]) / Double(convolution.group)
                * Double(shape[1])
            all += pixel * Double(shape[2] * shape[3])
            guard let reach = reaches[layer.outputs[0]], !reach.box.isEmpty else { continue }
            saved += pixel * Double(shape[2] * shape[3] - reach.box.area)
        }
        return all > 0 ? saved / all : 0
    }

    /// The smallest side, along one axis, whose values agree with the input's; nil: there is none.
    private static func smaller(
        _ fused: FusedNetwork, _ network: Network, _ input: Shape, axis: Int, _ reaches: [Int: Reach]
    ) -> Int? {
        func side(_ reach: Reach) -> ReachSide { axis == 2 ? reach.vertical : reach.horizontal }
        for length in 1..<min(input[axis], mostSide) {
            // Only sides that leave the same over at the first layers' strides can agree.
            guard (input[axis] - length) % 4 == 0 || input[axis] < 64 else { continue }
            var sides = [1, input[1], input[2], input[3]]
            sides[axis] = length
            guard let shape = try? Shape(sides), let shapes = try? fused.shapes(of: network, [shape]) else {
                continue
            }
            let small = fused.reaches(of: network, shapes: shapes)
            let agrees = reaches.allSatisfy { value, reach in
                side(reach).isWhole || small[value].map { side(reach).agrees(with: side($0)) } ?? false
            }
            if agrees { return length }
        }
        return nil
    }
}

extension ReachSide {
    /// Whether the input reaches all of it.
    var isWhole: Bool { reached == 0..<count }
}

extension Reach {
    var isWhole: Bool { vertical.isWhole && horizontal.isWhole }
}

extension Box {
    var isEmpty: Bool { rows.isEmpty || columns.isEmpty }
}

/// The pixels of a value's frame: each of them is one of the table's.
struct BorderTable: Sendable {
    /// `[blocks, rows, columns, channels of a block]`.
    let numbers: Buffer
    let height: Int, width: Int
}

/// Which pixel of a table stands for each row (or column) of a value's memory, and from which pixel of the smaller
/// picture it came.
struct BorderIndex: Sendable, Equatable {
    /// For each row of the memory: an index of `twins`, or -1 outside the picture.
    let indices: [Int32]
    let twins: [Int]

    init(_ memory: Range<Int>, _ side: ReachSide, small: ReachSide) {
        var indices: [Int32] = [], twins: [Int] = []
        for at in memory {
            guard at >= 0, at < side.count else {
                indices.append(-1)
                continue
            }
            let twin = side.twin(of: at, in: small)
            let known = twins.lastIndex(of: twin)
            if known == nil { twins.append(twin) }
            indices.append(Int32(known ?? twins.count - 1))
        }
        (self.indices, self.twins) = (indices, twins)
    }

    private init(_ indices: ArraySlice<Int32>, twins: [Int]) {
        (self.indices, self.twins) = (Array(indices), twins)
    }

    /// Those of some of the rows of the memory.
    func part(_ rows: Range<Int>) -> BorderIndex { BorderIndex(indices[rows], twins: twins) }

    /// Where all `count` pixels of the picture are one.
    init(_ memory: Range<Int>, count: Int) {
        (indices, twins) = (memory.map { (0..<count).contains($0) ? 0 : -1 }, [0])
    }
}

/// Where a value's frame is to come from.
struct BorderIndices: Sendable, Equatable {
    let rows: BorderIndex, columns: BorderIndex

    init(_ box: Box, _ reach: Reach, small: Reach) {
        rows = BorderIndex(box.rows, reach.vertical, small: small.vertical)
        columns = BorderIndex(box.columns, reach.horizontal, small: small.horizontal)
    }

    /// Where all pixels of a value are one.
    init(_ box: Box, constant shape: Shape) {
        rows = BorderIndex(box.rows, count: shape[2])
        columns = BorderIndex(box.columns, count: shape[3])
    }

    private init(rows: BorderIndex, columns: BorderIndex) { (self.rows, self.columns) = (rows, columns) }

    /// For memory that holds some of the rows.
    func rows(_ part: Range<Int>) -> BorderIndices {
        BorderIndices(rows: rows.part(part), columns: columns)
    }

    /// A table for so many blocks of channels, not filled yet.
    func table(planes: Int) throws(FaceSegError) -> BorderTable {
        let count = planes * rows.twins.count * columns.twins.count * BlockKernels.width
        let numbers = try HostMemory.without { () throws(FaceSegError) in try Buffer(count: count) }
        return BorderTable(numbers: numbers, height: rows.twins.count, width: columns.twins.count)
    }
}
