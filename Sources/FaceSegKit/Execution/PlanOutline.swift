// PlanOutline: what a plan will hold, worked out from shapes alone: nothing is allocated and no weight is read.

struct PlanOutline {
    /// Of every value that the wanted ones need.
    let shapes: [Shape?]
    let arranged: ArrangedNetwork
    let geometry: Geometry
    /// What need not be computed each time; nil: everything must.
    let border: Border?
    let banding: Banding
    /// Which stages go by bands, and where all values lie.
    let arena: Arena
    /// Bytes that a run takes, or finding the border before it.
    private(set) var bytes: Int

    /// - watched: values of the network that are looked at after each band.
    /// - Throws: ``FaceSegError/memory(needed:reason:)`` with the least that it takes, and errors of shapes.
    init(
        _ fused: FusedNetwork, of network: Network, inputShapes: [Shape], threads: Int,
        precision: Precision = .exact, _ holding: Holding = .limit(nil), skipsBorders: Bool = true,
        watched: [Int] = []
    ) throws(FaceSegError) {
        let shapes = try fused.shapes(of: network, inputShapes)
        border = skipsBorders ? Border(fused, of: network, shapes: shapes) : nil
        arranged = ArrangedNetwork(fused, of: network, shapes: shapes)
        geometry = Geometry(
            arranged, of: network, shapes: shapes, reaches: border?.reaches.mapValues(\.box))
        banding = Banding(
            arranged, shapes: shapes, geometry: geometry, precision: precision, watched: watched)
        self.shapes = shapes
        let (arena, least) = banding.arena(holding, threads: threads)
        (self.arena, bytes) = (arena, arena.bytes)
        var needed = least
        if let border {
            let framed = framed
            let small = Result { () throws(FaceSegError) in
                try PlanOutline(
                    fused.prefix(making: framed), of: network, inputShapes: [border.smallShape],
                    threads: threads, precision: precision, holding, skipsBorders: false, watched: framed)
            }
            switch small {
            case .success(let outline): bytes = max(bytes, outline.bytes)
            case .failure(.memory(let least, _)): needed = max(needed ?? 0, least)
            case .failure(let error): throw error
            }
        }
        if let needed, case .limit(let limit?) = holding {
            throw .memory(
                needed: max(needed, bytes),
                reason: "the least for this size, and the limit is \(limit) bytes; use a smaller size or "
                    + "raise it")
        }
    }

    /// The bytes of the smallest limit that does not throw.
    static func least(
        _ fused: FusedNetwork, of network: Network, inputShapes: [Shape], threads: Int, precision: Precision
    ) throws(FaceSegError) -> Int {
        do {
            return try PlanOutline(
                fused, of: network, inputShapes: inputShapes, threads: threads, precision: precision,
                .limit(0)
            ).bytes
        } catch .memory(let needed, _) {
            return needed
        }
    }

    var precision: Precision { banding.precision }

    /// Values of the network whose frames a border fills, in their order.
    var framed: [Int] {
        guard let border else { return [] }
        return Set(
            arranged.values.indices.compactMap { index in
                let value = arranged.values[index].value
                guard let box = geometry.boxes[index], let computed = geometry.computed[index],
                    box != computed,
                    let reach = border.reaches[value], !reach.isWhole
                else { return nil }
                return value
            }
        ).sorted()
    }
}
