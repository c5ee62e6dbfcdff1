// Bands: stages that run one after the other for some rows of their outputs, then for the next ones, so that what lies
// between them is never held whole. Here: which rows each band computes and holds. Which stages go by bands, and how
// many those are, is BandSearch's.
//
// A band that needs rows which the one before had too computes them again. Winograd's tiles begin at the same rows as
// without bands, so the numbers are the same to the bit.

/// Rows of the values that a band makes, by the root of each (``Banding/roots``).
struct Band: Sendable {
    /// What its stage computes; may be none.
    fileprivate(set) var computed: [Int: Range<Int>] = [:]
    /// What memory holds of a value that ends with the band.
    fileprivate(set) var held: [Int: Range<Int>] = [:]
}

/// Stages that run band by band.
struct Loop: Sendable {
    let stages: Range<Int>
    let bands: [Band]
}

/// How much a plan may hold.
enum Holding {
    /// Bytes; nil: any, but values that are much larger than the caches go by bands all the same.
    case limit(Int?)
    /// Whatever it is with these loops: for tests.
    case loops((Banding) -> [Loop])
}

/// What the bands of an arranged network follow from.
struct Banding: Sendable {
    let arranged: ArrangedNetwork
    let shapes: [Shape?]
    let geometry: Geometry
    let precision: Precision
    /// For each value the first that is the same numbers in the same memory.
    let roots: [Int]
    /// The stage that makes a root, -1 for inputs, and the last that reads it; past all stages: it is an output.
    let made: [Int], lastUse: [Int]
    /// Rows that a value's stage computes when it runs once, and rows that its memory then holds; nil: not of four
    /// dimensions.
    let computed: [Range<Int>?], held: [Range<Int>?]
    /// Rows that are computed together, from the first on.
    let tiles: [Int]
    let goesByRows: [Bool]
    /// Roots that are looked at after each band.
    let watched: Set<Int>

    /// - watched: values of the network whose rows must all be computed, though not held.
    init(
        _ arranged: ArrangedNetwork, shapes: [Shape?], geometry: Geometry, precision: Precision,
        watched: [Int]
    ) {
        (self.arranged, self.shapes, self.geometry, self.precision) = (arranged, shapes, geometry, precision)
        let stages = arranged.stages, values = arranged.values
        func shape(_ index: Int) -> Shape { shapes[values[index].value]! }
        var roots = Array(values.indices), made = [Int](repeating: -1, count: values.count)
        var lastUse = made, tiles = [Int](repeating: 1, count: values.count)
        for (index, stage) in stages.enumerated() {
            for output in stage.outputs {
                if stage.isView { roots[output] = roots[stage.inputs[0]] } else { made[output] = index }
                tiles[output] = stage.tile(stage.inputs.first.map(shape), precision)
            }
            for value in stage.inputs + stage.outputs { lastUse[roots[value]] = index }
        }
        for value in arranged.outputs { lastUse[roots[value]] = stages.count }
        (self.roots, self.made, self.lastUse, self.tiles) = (roots, made, lastUse, tiles)
        func rows(_ boxes: [Box?], _ index: Int) -> Range<Int>? {
            if let box = boxes[index] { return box.rows }
            return shape(index).rank == 4 ? 0..<shape(index)[2] : nil
        }
        computed = values.indices.map { rows(geometry.computed, $0) }
        held = values.indices.map { rows(geometry.boxes, $0) }
        goesByRows = stages.map { stage in
            stage.goesByRows(
                isBlocked: stage.outputs.contains { geometry.boxes[$0] != nil },
                shapes: (stage.inputs + stage.outputs).map(shape))
        }
        self.watched = Set(
            values.indices.filter { values[$0].arrangement == .blocks && watched.contains(values[$0].value) }
                .map { roots[$0] })
    }

    func shape(_ index: Int) -> Shape { shapes[arranged.values[index].value]! }

    /// Floats of a value of which so many rows are held; nil: all of it.
    func size(_ index: Int, rows: Int? = nil) -> Int {
        let shape = shape(index)
        guard case .blocks(let channels) = arranged.values[index].arrangement else {
            return rows.map { shape[0] * shape[1] * $0 * shape[3] } ?? shape.count
        }
        let box = geometry.boxes[index]!
        return shape[0] * ((shape[1] + channels - 1) / channels) * (rows ?? box.rows.count)
            * box.columns.count * channels
    }

    /// Whether a value is there before these stages or after them, and so is held whole.
    func isWhole(_ index: Int, in stages: Range<Int>) -> Bool {
        let root = roots[index]
        return made[root] < stages.lowerBound || lastUse[root] >= stages.upperBound
    }

    /// All bands of a loop.
    func loop(_ stages: Range<Int>, bands count: Int) -> Loop {
        var ends: [Int: Int] = [:]
        return Loop(stages: stages, bands: (0..<count).map { band($0, of: count, in: stages, ends: &ends) })
    }

    /// One band of `count`.
    ///
    /// - ends: by root, the row before which earlier bands have computed what lasts; values that have none yet get one
    ///   as if there had been earlier bands.
    func band(_ index: Int, of count: Int, in stages: Range<Int>, ends: inout [Int: Int]) -> Band {
        var band = Band(), needs: [Int: Range<Int>] = [:]
        func need(_ root: Int, _ rows: Range<Int>) {
            needs[root] = needs[root].map { $0.union(rows) } ?? rows
        }
        for at in stages.reversed() {
            let stage = arranged.stages[at]
            guard !stage.isView, let output = stage.outputs.first, let full = computed[output] else {
                continue
            }
            if isWhole(output, in: stages) {
                band.computed[output] = part(output, index, of: count, needs[output], ends: &ends)
            } else {
                if watched.contains(output) {
                    let rows = part(output, index, of: count, nil, ends: &ends)
                    if !rows.isEmpty { need(output, rows) }
                }
                let needed = needs[output] ?? full.lowerBound..<full.lowerBound
                let rows = needed.clamped(to: full)
                let own = rows.isEmpty ? needed.lowerBound..<needed.lowerBound : grown(rows, output)
                band.computed[output] = own
                band.held[output] = own.isEmpty ? needed : needed.union(own)
            }
            let own = band.computed[output]!
            guard !own.isEmpty else { continue }
            for (position, input) in stage.inputs.enumerated() {
                let rows = stage.reads(
                    position, for: own, isBlocked: geometry.boxes[input] != nil && stage.isLayer,
                    input: shape(input), output: shape(output))
                if let rows { need(roots[input], rows) }
            }
        }
        return band
    }

    /// The rows of a lasting value that a band adds: what it needs of them, or its share where it needs none.
    private func part(
        _ value: Int, _ index: Int, of count: Int, _ needed: Range<Int>?, ends: inout [Int: Int]
    ) -> Range<Int> {
        let full = computed[value]!
        func share(_ index: Int) -> Int {
            grown(full.lowerBound..<full.lowerBound + full.count * index / count, value).upperBound
        }
        let first = ends[value] ?? (index == 0 ? full.lowerBound : needed?.lowerBound ?? share(index))
        let from = min(max(first, full.lowerBound), full.upperBound)
        var to = share(index + 1)
        if let needed, index + 1 < count {
            to = grown(full.lowerBound..<min(max(needed.upperBound, from), full.upperBound), value).upperBound
        }
        ends[value] = max(from, to)
        return from..<max(from, to)
    }

    /// Whole tiles.
    private func grown(_ rows: Range<Int>, _ value: Int) -> Range<Int> {
        let full = computed[value]!, tile = tiles[value]
        let lower = (rows.lowerBound - full.lowerBound) / tile * tile + full.lowerBound
        let upper = (rows.upperBound - full.lowerBound + tile - 1) / tile * tile + full.lowerBound
        return lower..<max(lower, min(upper, full.upperBound))
    }
}

extension Stage {
    var isLayer: Bool { if case .layer = work { true } else { false } }

    /// Whether its outputs are its input's numbers, under another name.
    var isView: Bool {
        if case .layer(let layer) = work, case .identity = layer.operation { true } else { false }
    }

    /// Whether it goes over memory without asking where in the picture a number is.
    var isFlat: Bool { if case .layer(let layer) = work { layer.operation.isFlat } else { false } }

    /// Rows of the output that are computed together.
    fileprivate func tile(_ input: Shape?, _ precision: Precision) -> Int {
        guard case .layer(let layer) = work, case .convolution(let convolution) = layer.operation, let input
        else { return 1 }
        return convolution.form(input, precision).tile(convolution)
    }
}
