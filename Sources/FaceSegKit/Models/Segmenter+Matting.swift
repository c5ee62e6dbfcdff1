// Segmenter+Matting: alpha of the last photo by a trimap of its probabilities. How it is solved stands in Refinement.

extension Segmenter {
    /// Alpha of some classes together into `out`.
    ///
    /// What lies far from all that the network is sure of is drawn to what it believes; where it is sure of no
    /// pixel, alpha is as guided refinement gives it.
    func mattedAlpha(
        _ classes: [Int], _ result: PhotoResult, into out: PlaneView
    ) throws(FaceSegError) {
        let width = result.layout.width, height = result.layout.height
        let matting = Matting(workers, isAlone: false)
        let likelihood = try Buffer(bytes: width * height)
        try sum(
            classes, result, PlaneView(start: likelihood.start, rowBytes: width, element: .byte))
        let prior = try Buffer(count: likelihood.count)
        nonisolated(unsafe) let from = likelihood.bytes, to = prior.bytes
        workers.forEachWorker(height) { row, _ in
            for i in row * width..<(row + 1) * width { to[i] = Self.decided(from[i]) }
        }
        let trimap = try alone { () throws(FaceSegError) in
            try matting.trimap(likelihood, width: width, height: height)
        }
        guard let trimap else { return try sum(classes, result, out, isDecided: true) }
        let known = try PlaneView(start: trimap.start, rowBytes: width, element: .byte)
        let drawn = try PixelView(
            pixels: prior.bytes, width: width, height: height, rowBytes: width, format: .gray)
        try alone { () throws(FaceSegError) in
            try matting.alpha(of: result.kept, trimap: known, prior: drawn, into: out)
        }
    }

    /// What pixels are drawn to: 25 % and less is nothing, 75 % and more is all, so that what the network hardly believes
    /// leaves no shadow.
    private static func decided(_ likelihood: UInt8) -> UInt8 {
        UInt8(min(max(2 * Int(likelihood) - 127, 0), 255))
    }
}
