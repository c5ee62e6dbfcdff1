// PhotoRows: from looks at a photo, or at parts of it, to rows at the photo's size. Who looks is the segmenter.

/// The network's answer to a part of a photo, in its plan's memory until the plan runs again.
struct Look {
    let frame: Frame
    /// Probabilities `[1, classes, height, width]`.
    let maps: Tensor
    let plan: Plan
    /// With its coefficients, where there is to be refinement.
    let refining: GuidedStage?
    /// Likewise by the dense CRF.
    let refined: CRFLook?
}

/// Maps somewhere.
struct MapValues {
    let start: UnsafePointer<Float>
    /// Keeps them.
    let owner: AnyObject

    init(start: UnsafePointer<Float>, owner: AnyObject) { (self.start, self.owner) = (start, owner) }

    init(copying maps: Tensor) throws(FaceSegError) {
        let buffer = try Buffer(count: maps.shape.count)
        buffer.start.update(from: maps.read, count: maps.shape.count)
        self.init(start: UnsafePointer(buffer.start), owner: buffer)
    }
}

/// How probabilities come to the photo's size.
enum PhotoRows {
    case linear(ResultStage, MapValues)
    /// The photo, or a copy of it.
    case guided(GuidedStage, PixelView)
    case merged(MergedRows)

    /// Whether every row has a part, which is the whole of it.
    var coverPhoto: Bool {
        switch self {
        case .linear(let stage, _): stage.coversPhoto
        case .guided(let stage, _): stage.coversPhoto
        case .merged: true
        }
    }

    /// Before the first row.
    func begin() {
        switch self {
        case .linear(let stage, _): stage.begin()
        case .guided(let stage, _): stage.begin()
        case .merged(let rows): rows.begin()
        }
    }

    /// Row `row` with the probabilities there; nil: it is outside the region. Several threads, each a worker of its
    /// own.
    func part(_ row: Int, worker: Int, _ cpu: UInt32) -> RowPart? {
        switch self {
        case .linear(let stage, let maps): stage.part(row, maps.start, worker: worker, cpu)
        case .guided(let stage, let photo): stage.part(row, of: photo, worker: worker, cpu)
        case .merged(let rows): rows.part(row, worker: worker, cpu)
        }
    }
}
