// Geometry: for each value in blocks, which pixels its stage computes and which its memory holds. Memory has a frame
// around what is computed: the padding that convolutions read, and pixels that no image reaches (Border). Shapes
// alone decide.

/// A rectangle of pixels, which may reach beyond the picture's own rows and columns.
package struct Box: Hashable, Sendable {
    package var rows: Range<Int>, columns: Range<Int>

    /// All pixels of a value.
    package init(_ shape: Shape) { (rows, columns) = (0..<shape[2], 0..<shape[3]) }

    package init(rows: Range<Int>, columns: Range<Int>) { (self.rows, self.columns) = (rows, columns) }

    package func union(_ other: Box) -> Box {
        Box(rows: rows.union(other.rows), columns: columns.union(other.columns))
    }

    package var area: Int { rows.count * columns.count }
}

extension Range<Int> {
    func union(_ other: Range) -> Range {
        Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
    }

    /// What a window that makes these outputs reads.
    package func read(by side: Window.Side) -> Range {
        lowerBound * side.stride - side.pad..<(upperBound - 1) * side.stride - side.pad + side.reach
    }
}

/// Pixels of each arranged value.
struct Geometry: Sendable {
    /// What its stage computes; nil for values in planes.
    let computed: [Box?]
    /// What its memory holds.
    let boxes: [Box?]

    /// - reaches: pixels that depend on the network's inputs, of values that have others; nil: all pixels do.
    init(_ arranged: ArrangedNetwork, of network: Network, shapes: [Shape?], reaches: [Int: Box]?) {
        func shape(_ index: Int) -> Shape { shapes[arranged.values[index].value]! }
        var computed: [Box?] = arranged.values.map {
            $0.arrangement == .planes ? nil : Box(shapes[$0.value]!)
        }
        for stage in arranged.stages {
            guard case .layer(let layer) = stage.work else { continue }
            if case .constant = layer.operation {  // all of it is frame
                for index in stage.outputs { computed[index] = Box(rows: 0..<0, columns: 0..<0) }
            }
            if let reaches {
                for index in stage.outputs where computed[index] != nil {
                    if let reach = reaches[arranged.values[index].value] { computed[index] = reach }
                }
            }
        }
        var classes = Classes(count: arranged.values.count)
        for stage in arranged.stages {
            guard case .layer(let layer) = stage.work, computed[stage.outputs.first ?? 0] != nil,
                layer.operation.isFlat
            else { continue }
            for index in stage.inputs + stage.outputs { classes.join(stage.inputs[0], index) }
        }
        var boxes = computed
        func need(_ index: Int, _ box: Box) {
            let root = classes.root(index)
            boxes[root] = boxes[root].map { $0.union(box) } ?? box
        }
        for index in boxes.indices { if let box = computed[index] { need(index, box) } }
        for stage in arranged.stages {
            for (position, index) in stage.inputs.enumerated() where computed[index] != nil {
                switch stage.work {
                case .toPlanes, .toBlocks: need(index, Box(shape(index)))
                case .layer(let layer):
                    let operation = layer.operation
                    guard !operation.isFlat else { continue }
                    for output in stage.outputs {
                        need(
                            index,
                            operation.reads(
                                position, computed[output] ?? Box(shape(output)), output: shape(output),
                                input: shape(index)))
                    }
                }
            }
        }
        self.computed = computed
        self.boxes = boxes.indices.map { boxes[$0] == nil ? nil : boxes[classes.root($0)] }
    }
}

/// Values whose memory has the same pixels, since a stage goes over all of it at once.
package struct Classes {
    private var parents: [Int]

    package init(count: Int) { parents = Array(0..<count) }

    package func root(_ index: Int) -> Int {
        var at = index
        while parents[at] != at { at = parents[at] }
        return at
    }

    package mutating func join(_ a: Int, _ b: Int) {
        let (a, b) = (root(a), root(b))
        if a != b { parents[max(a, b)] = min(a, b) }
    }
}

extension Operation {
    /// Whether it goes over memory without asking where in the picture a number is.
    package var isFlat: Bool {
        switch self {
        case .unary, .identity, .eltwise: true
        default: false
        }
    }

    /// The pixels of input `position` from which `box` of an output is made.
    fileprivate func reads(_ position: Int, _ box: Box, output: Shape, input: Shape) -> Box {
        switch self {
        case .convolution(let convolution) where position == 0:
            return Box(
                rows: box.rows.read(by: convolution.window.vertical),
                columns: box.columns.read(by: convolution.window.horizontal))
        case .pooling(let pooling):
            guard let window = pooling.window else { return Box(input) }
            let whole = Box(input)
            return Box(
                rows: box.rows.read(by: window.vertical).clamped(to: whole.rows),
                columns: box.columns.read(by: window.horizontal).clamped(to: whole.columns))
        case .deconvolution(let deconvolution):
            let window = deconvolution.window
            var box = Box(input)
            for (vertical, horizontal) in window.phases {
                let rows = vertical.count(of: output[2], stride: window.vertical.stride)
                let columns = horizontal.count(of: output[3], stride: window.horizontal.stride)
                guard rows > 0, columns > 0, vertical.taps > 0, horizontal.taps > 0 else { continue }
                box = box.union(Box(rows: vertical.reads(rows), columns: horizontal.reads(columns)))
            }
            return box
        default: return box  // a residual, or a part of a Concat
        }
    }
}

extension PhaseSide {
    /// Input pixels from which `count` output pixels of this phase are made.
    fileprivate func reads(_ count: Int) -> Range<Int> { reads(0..<count) }

    /// The same of some of them.
    package func reads(_ steps: Range<Int>) -> Range<Int> {
        steps.lowerBound - pad..<steps.upperBound - 1 - pad + (taps - 1) * dilation + 1
    }
}
