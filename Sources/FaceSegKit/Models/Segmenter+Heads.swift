// Segmenter+Heads: the heads of the last photo one by one: a map of whose each pixel is, boxes and areas. Finding them is
// Segmenter+Crowds'.

/// What is counted of a head's pixels.
private struct HeadCount {
    var face = 0, hair = 0, left = Int.max, right = -1, top = Int.max, bottom = -1

    mutating func add(x: Int, y: Int, isFace: Bool) {
        if isFace { face += 1 } else { hair += 1 }
        (left, right) = (min(left, x), max(right, x))
        (top, bottom) = (min(top, y), max(bottom, y))
    }

    mutating func add(_ other: HeadCount) {
        face += other.face
        hair += other.hair
        (left, right) = (min(left, other.left), max(right, other.right))
        (top, bottom) = (min(top, other.top), max(bottom, other.bottom))
    }
}

extension Segmenter {
    /// The heads of the last photo, larger ones first: faces with their hair, and hair alone.
    ///
    ///     try segmenter.run(rgb.span, width: width, height: height)
    ///     for head in try segmenter.heads() { print(head.number, head.columns, head.rows, head.faceArea) }
    ///
    /// Two faces that touch are one head here; hair between two faces is the nearer one's.
    ///
    /// - Throws: ``FaceSegError/argument(_:)`` if the model has no classes "face" and "hair",
    ///   ``FaceSegError/noResult``, ``FaceSegError/memory(needed:reason:)``, ``FaceSegError/cancelled``.
    public func heads() throws(FaceSegError) -> [HeadInstance] { try countHeads(nil) }

    /// The same with the number of the head at each pixel into `out`, bytes; 0: no head's.
    ///
    /// - Parameter out: As wide and high as the photo.
    /// - Throws: As ``heads()``, and ``FaceSegError/argument(_:)`` for floats or rows that are too short.
    public func headNumbers(into out: PlaneView) throws(FaceSegError) -> [HeadInstance] {
        guard out.element == .byte else { throw .argument("numbers are bytes: the plane's type must be U8") }
        guard let result else { throw .noResult }
        try out.check(width: result.layout.width)
        return try countHeads(out)
    }

    private func countHeads(_ out: PlaneView?) throws(FaceSegError) -> [HeadInstance] {
        guard let result else { throw .noResult }
        guard let (face, hair) = model.faceAndHair, let numbers = headNumbers(of: result) else {
            throw .argument("the model has no classes named face and hair, so it tells no heads")
        }
        workers.allow()
        let width = result.layout.width, classes = result.classes, cpu = workers.cpu,
            threads = workers.threads
        let lines = try Buffer(bytes: threads * 2 * width)
        let counts = UnsafeMutablePointer<HeadCount>.allocate(capacity: threads * 256)
        counts.initialize(repeating: HeadCount(), count: threads * 256)
        defer { counts.deallocate() }
        nonisolated(unsafe) let numberOf = numbers, plane = out, totals = counts, memory = lines.bytes
        try forEachRow(result) { row, worker, probabilities in
            let labels = memory + worker * 2 * width
            let numbers = plane?.bytes(row) ?? labels + width
            labelRow(probabilities, classes, width, labels, cpu)
            numberOf.fill(numbers, row: row, width: width)
            for x in 0..<width {
                guard labels[x] == face || labels[x] == hair else { numbers[x] = 0; continue }
                if numbers[x] > 0 {
                    totals[worker * 256 + Int(numbers[x])].add(x: x, y: row, isFace: labels[x] == face)
                }
            }
        }
        return (0..<numbers.confidences.count).compactMap { index in
            var count = HeadCount()
            for worker in 0..<threads { count.add(counts[worker * 256 + index + 1]) }
            guard count.face + count.hair > 0 else { return nil }
            return HeadInstance(
                number: index + 1, columns: count.left..<count.right + 1, rows: count.top..<count.bottom + 1,
                faceArea: count.face, hairArea: count.hair, confidence: numbers.confidences[index])
        }
    }
}
