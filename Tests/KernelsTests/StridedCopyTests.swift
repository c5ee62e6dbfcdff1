// fsk_strided_copy against an index walk: the layouts of Concat, Slice, Crop, Tile, Permute, and odd ones.
import Kernels
import Testing

/// One axis of a copy: its extent and its two strides.
private struct Axis {
    let extent: Int, source: Int, destination: Int
}

/// Source offset and destination offset of every index.
private func walk(_ axes: ArraySlice<Axis>, _ s: Int = 0, _ d: Int = 0) -> [(source: Int, destination: Int)] {
    guard let axis = axes.first else { return [(s, d)] }
    return (0..<axis.extent).flatMap {
        walk(axes.dropFirst(), s + $0 * axis.source, d + $0 * axis.destination)
    }
}

/// Copies from `source + first` into a buffer of `count` numbers that are -1 where nothing came.
private func copy(_ axes: [Axis], _ source: [Float], first: Int = 0, count: Int) -> [Float] {
    sameEverywhere(count, over: [Float](repeating: -1, count: count)) { pool, y in
        source.withUnsafeBufferPointer { x in
            var c = fsk_strided_copy()
            c.source = x.baseAddress.map { $0 + first }
            c.destination = y
            c.rank = axes.count
            fill(&c.extent, axes.map(\.extent))
            fill(&c.source_stride, axes.map(\.source))
            fill(&c.destination_stride, axes.map(\.destination))
            fsk_strided_copy_run(&c, pool)
        }
    }
}

private func fill<Tuple>(_ tuple: inout Tuple, _ values: [Int]) {
    withUnsafeMutableBytes(of: &tuple) { $0.copyBytes(from: values.withUnsafeBytes { Array($0) }) }
}

private func check(
    _ axes: [Axis], _ source: [Float], first: Int = 0, count: Int, at place: SourceLocation = #_sourceLocation
) {
    var want = [Float](repeating: -1, count: count)
    for pair in walk(axes[...]) { want[pair.destination] = source[first + pair.source] }
    #expect(copy(axes, source, first: first, count: count) == want, sourceLocation: place)
}

private let numbers = (0..<200_000).map { Float($0) }

struct StridedCopyTests {
    @Test func oneNumberAndNone() {
        #expect(copy([], [7], count: 1) == [7])
        #expect(copy([Axis(extent: 1, source: 5, destination: 9)], [7], count: 1) == [7])
        let empty = [Axis(extent: 3, source: 1, destination: 1), Axis(extent: 0, source: 1, destination: 1)]
        #expect(copy(empty, [7], count: 3) == [-1, -1, -1])
    }

    @Test(arguments: lengths)
    func rows(n: Int) {
        check([Axis(extent: n, source: 1, destination: 1)], numbers, count: n)
        check([Axis(extent: n, source: 0, destination: 1)], numbers, first: 5, count: n)
        check([Axis(extent: n, source: 3, destination: 2)], numbers, count: 2 * n)
        check([Axis(extent: n, source: -1, destination: 1)], numbers, first: n, count: n)
    }

    /// A crop keeps its rows, a slice of channels becomes one run, a tile reads the same run again.
    @Test func byHand() {
        let plane: [Float] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]  // [3, 4]
        let crop = [Axis(extent: 2, source: 4, destination: 2), Axis(extent: 2, source: 1, destination: 1)]
        #expect(copy(crop, plane, first: 5, count: 4) == [5, 6, 9, 10])
        let transposed = [
            Axis(extent: 4, source: 1, destination: 3), Axis(extent: 3, source: 4, destination: 1),
        ]
        #expect(copy(transposed, plane, count: 12) == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
        let tile = [Axis(extent: 2, source: 0, destination: 3), Axis(extent: 3, source: 1, destination: 1)]
        #expect(copy(tile, plane, first: 3, count: 6) == [3, 4, 5, 3, 4, 5])
    }

    /// Enough for several tasks: one run, long rows, short rows, a transposition.
    @Test func large() {
        check([Axis(extent: severalSlices, source: 1, destination: 1)], numbers, count: severalSlices)
        check(
            [
                Axis(extent: 2, source: 50_000, destination: 40_000),
                Axis(extent: 40_000, source: 1, destination: 1),
            ],
            numbers, count: 80_000)
        check(
            [Axis(extent: 1100, source: 130, destination: 90), Axis(extent: 90, source: 1, destination: 1)],
            numbers, first: 20, count: 99_000)
        check(
            [Axis(extent: 301, source: 1, destination: 307), Axis(extent: 307, source: 301, destination: 1)],
            numbers, count: 301 * 307)
    }

    /// Any order of axes on both sides, gaps, repeats and mirrors, up to the largest rank.
    @Test(arguments: 0..<80)
    func anyLayout(seed: Int) {
        var random = SplitMix(seed)
        let rank = seed % (Int(FSK_STRIDED_COPY_RANK) + 1)
        let extents = (0..<rank).map { _ in Int(random.next() % 3) + 1 }
        let (source, _) = strides(extents, &random), (destination, count) = strides(extents, &random)
        var first = 0
        let axes = (0..<rank).map { i in
            let kind = random.next() % 6  // 0: repeats, 1: mirrors
            if kind == 1 { first += (extents[i] - 1) * source[i] }
            let step = kind == 0 ? 0 : kind == 1 ? -source[i] : source[i]
            return Axis(extent: extents[i], source: step, destination: destination[i])
        }
        check(axes, numbers, first: first, count: count)
    }

    /// Strides of a box whose axes lie in any order, now and then with a gap; and the numbers it spans.
    private func strides(_ extents: [Int], _ random: inout SplitMix) -> (strides: [Int], count: Int) {
        var strides = extents, step = 1
        let isInOrder = random.next() % 3 == 0
        let order = isInOrder ? extents.indices.reversed() : extents.indices.shuffled(using: &random)
        for axis in order {
            strides[axis] = step
            step *= extents[axis]
            if random.next() % 5 == 0 { step += 1 }
        }
        return (strides, step)
    }
}
