// BandSearch: which stages of a plan go by bands, and by how many, so that it takes no more memory than it may: the
// cheapest way from one place where little is held to the next. Shapes, the limit and the number of threads decide;
// results do not depend on it (Bands).

extension Banding {
    /// What a plan takes before it goes by bands, if the limit is not lower; and then a quarter more until no larger
    /// share than this is computed twice.
    private static let usual = 96 << 20, mostTwice = 1.0 / 32
    /// To keep a limit, the largest share that may be computed again, and products that are always allowed: bands of a few
    /// rows through many layers would take a hundred times as long.
    private static let mostAgain = 3.0, alwaysAllowed = 1e9
    /// The search counts values, the layout may leave gaps between them: how often it is tried with less.
    private static let mostTrials = 8

    /// The places of all values; and if they take more than the limit, the least that there is.
    func arena(_ holding: Holding, threads: Int) -> (Arena, least: Int?) {
        switch holding {
        case .loops(let loops): (Arena(self, loops: loops(self), threads: threads), nil)
        case .limit(let limit): arena(limit: limit, threads: threads)
        }
    }

    private func arena(limit: Int?, threads: Int) -> (Arena, least: Int?) {
        let whole = Arena(self, loops: [], threads: threads)
        guard whole.bytes > min(Banding.usual, limit ?? .max) else { return (whole, nil) }
        guard !arranged.stages.isEmpty else {
            return (whole, limit.flatMap { whole.bytes > $0 ? whole.bytes : nil })
        }
        let search = BandSearch(self, threads: threads)
        let work = Double(search.work)
        func found(_ wanted: Int, mostCost: Double) -> Arena? {
            var budget = wanted / MemoryLayout<Float>.size
            for _ in 0..<Banding.mostTrials {
                guard let (loops, cost) = search.loops(budget: budget), Double(cost) <= mostCost else {
                    return nil
                }
                let arena = Arena(self, loops: loops, threads: threads)
                if arena.bytes <= wanted { return arena }
                budget -= (arena.bytes - wanted) / MemoryLayout<Float>.size + 1
            }
            return nil
        }
        let steps = sequence(first: Banding.usual) { $0 + $0 / 4 }.prefix { $0 < whole.bytes }
        let cheap = steps.lazy.compactMap { found($0, mostCost: Banding.mostTwice * work) }.first ?? whole
        guard let limit, cheap.bytes > limit else { return (cheap, nil) }
        let mostCost = max(Banding.mostAgain * work, Banding.alwaysAllowed)
        if let arena = found(limit, mostCost: mostCost) { return (arena, nil) }
        // The search counts no gaps, and some values a little too large: better may be found than what it calls least.
        let first = search.least(below: whole.floats, mostCost: mostCost)
        var least = first.map { Arena(self, loops: $0, threads: threads) } ?? whole
        if whole.bytes < least.bytes { least = whole }
        for _ in 0..<Banding.mostTrials {
            guard let better = found(least.bytes - 1, mostCost: mostCost) else { break }
            least = better
        }
        return (least, least.bytes > limit ? least.bytes : nil)
    }
}

/// The search, by dynamic programming over places between stages.
final class BandSearch {
    private let banding: Banding, threads: Int
    /// Places between stages where a loop may begin or end, the first and the last stage's among them.
    private let cuts: [Int]
    /// Floats that are alive before a stage, and after the last; floats that are held while one runs without bands.
    private let lives: [Int], held: [Int]
    /// By stage: products of one row of its output, and what it costs to begin at all.
    private let rowCosts: [Int]
    private var stages: [Stage] { banding.arranged.stages }
    /// What was found out before, by the loop's first and last stage and its bands.
    private var sizes: [[Int]: (floats: Int, cost: Int)] = [:]

    private static let mostCuts = 40, mostStages = 128, mostBands = 512, leastRows = 4
    /// Products in the time that a step takes to begin; products in the time in which a number is moved.
    private static let beginning = 200_000, moving = 8

    /// A way from one cut to the next, and what it takes.
    private struct Leg {
        let loop: (stages: Range<Int>, bands: Int)?
        let floats: Int, cost: Int
    }

    init(_ banding: Banding, threads: Int) {
        (self.banding, self.threads) = (banding, threads)
        let stages = banding.arranged.stages
        var lives = [Int](repeating: 0, count: stages.count + 1)  // floats that are alive between stages
        var held = [Int](repeating: 0, count: stages.count)
        for value in banding.arranged.values.indices where banding.roots[value] == value {
            let size = banding.size(value), made = banding.made[value]
            let last = max(banding.lastUse[value], made, 0)
            for at in max(made, 0)...min(last, stages.count - 1) { held[at] += size }
            for at in made + 1..<last + 1 { lives[at] += size }
        }
        for at in stages.indices {
            held[at] += banding.scratch(at, nil, threads: threads) - banding.reused(at, in: nil)
        }
        (self.lives, self.held) = (lives, held)
        cuts = BandSearch.cuts(lives, banding.goesByRows)
        rowCosts = stages.map { stage in
            guard let output = stage.outputs.first, banding.shape(output).rank == 4 else { return 0 }
            let row = banding.size(output, rows: 1)
            guard case .layer(let layer) = stage.work else { return row * BandSearch.moving }
            let inputs = layer.inputs.map { banding.shapes[$0]! }, shape = banding.shape(output)
            let box = banding.geometry.computed[output] ?? Box(shape)
            let products = layer.operation.products(inputs, shape, computed: box, banding.precision)
            return products / max(box.rows.count, 1) + row * BandSearch.moving
        }
    }

    /// Where less is alive than on both sides, and where stages end that cannot go by bands.
    private static func cuts(_ lives: [Int], _ goesByRows: [Bool]) -> [Int] {
        let last = lives.count - 1
        var inner = lives.indices.dropFirst().dropLast().filter { at in
            goesByRows[at - 1] != goesByRows[at] || lives[at] <= min(lives[at - 1], lives[at + 1])
        }
        if inner.count > mostCuts {
            inner = inner.sorted { (lives[$0], $0) < (lives[$1], $1) }.prefix(mostCuts).sorted()
        }
        return last > 0 ? [0] + inner + [last] : [0]
    }

    /// The cheapest loops for which no more floats are held at once, and what they cost more than none; nil: there are
    /// none.
    func loops(budget: Int) -> (loops: [Loop], cost: Int)? {
        guard let (cost, legs) = best(budget: budget) else { return nil }
        return (legs.compactMap { $0.loop.map { banding.loop($0.stages, bands: $0.bands) } }, cost)
    }

    /// The loops for which the least floats are held at once, to within a 64th, that cost no more than this; nil: there
    /// are none below so many floats.
    func least(below most: Int, mostCost: Double) -> [Loop]? {
        func affordable(_ budget: Int) -> [Loop]? {
            loops(budget: budget).flatMap { Double($0.cost) <= mostCost ? $0.loops : nil }
        }
        guard var found = affordable(most) else { return nil }
        var (low, high) = (least - 1, most)
        while high - low > high / 64 + 1 {
            let middle = low + (high - low) / 2
            if let loops = affordable(middle) { (found, high) = (loops, middle) } else { low = middle }
        }
        return found
    }

    /// What all stages cost without loops.
    var work: Int {
        stages.indices.reduce(0) { total, at in
            let rows = stages[at].outputs.first.flatMap { banding.computed[$0]?.count } ?? 1
            return sum(total, product([rows, rowCosts[at]]))
        }
    }

    /// The least floats for which there are loops, whatever they cost.
    private var least: Int {
        var least = [Int](repeating: .max, count: cuts.count)
        least[0] = 0
        for from in cuts.indices.dropLast() {
            forEachLeg(from: from) { to, stages in
                let floats = stages.map { smallest($0) } ?? plain(from).floats
                least[to] = min(least[to], max(least[from], floats))
            }
        }
        return least[cuts.count - 1]
    }

    private func best(budget: Int) -> (cost: Int, legs: [Leg])? {
        var ways = [(cost: Int, legs: [Leg])?](repeating: nil, count: cuts.count)
        ways[0] = (0, [])
        for from in cuts.indices.dropLast() {
            guard let way = ways[from] else { continue }
            forEachLeg(from: from) { to, stages in
                let leg = stages.map { loop($0, budget: budget) } ?? plain(from)
                guard let leg, leg.floats <= budget else { return }
                let cost = sum(way.cost, leg.cost)
                if ways[to].map({ cost < $0.cost }) ?? true { ways[to] = (cost, way.legs + [leg]) }
            }
        }
        return ways[cuts.count - 1]
    }

    /// To the next cut without bands, and to each that can be reached with them.
    private func forEachLeg(from: Int, _ body: (_ to: Int, _ loop: Range<Int>?) -> Void) {
        body(from + 1, nil)
        for to in from + 1..<cuts.count {
            guard cuts[to] - cuts[from] <= BandSearch.mostStages,
                (cuts[to - 1]..<cuts[to]).allSatisfy({ banding.goesByRows[$0] })
            else { return }
            body(to, cuts[from]..<cuts[to])
        }
    }

    private func plain(_ from: Int) -> Leg {
        Leg(loop: nil, floats: held[cuts[from]..<cuts[from + 1]].max() ?? 0, cost: 0)
    }

    /// The loop of fewest bands that is no larger than the budget; nil: there is none.
    private func loop(_ stages: Range<Int>, budget: Int) -> Leg? {
        let whole = wholeSize(stages), most = mostBands(stages)
        guard whole <= budget, most >= 2 else { return nil }
        var few = 1, many = 2
        while whole + size(stages, many).floats > budget {
            if many == most { return nil }
            (few, many) = (many, min(many * 2, most))
        }
        while many - few > max(1, few / 8) {
            let middle = (few + many) / 2
            if whole + size(stages, middle).floats > budget { few = middle } else { many = middle }
        }
        let (floats, cost) = size(stages, many)
        return Leg(loop: (stages, many), floats: whole + floats, cost: cost)
    }

    private func smallest(_ stages: Range<Int>) -> Int {
        let most = mostBands(stages)
        guard most >= 2 else { return .max }
        var count = 2, least = size(stages, most).floats
        while count < most {
            least = min(least, size(stages, count).floats)
            count *= 2
        }
        return wholeSize(stages) + least
    }

    /// Floats of the values that last through the loop.
    private func wholeSize(_ stages: Range<Int>) -> Int {
        let made = stages.filter { !self.stages[$0].isView }.flatMap { self.stages[$0].outputs }
        return made.reduce(lives[stages.lowerBound]) { total, value in
            banding.lastUse[value] < stages.upperBound ? total : total + banding.size(value)
        }
    }

    /// Bands of a few rows each of the highest value that comes out.
    private func mostBands(_ stages: Range<Int>) -> Int {
        let outputs = stages.flatMap { self.stages[$0].outputs }.filter {
            banding.isWhole($0, in: stages) || banding.watched.contains($0)
        }
        let bands = outputs.map { value in
            (banding.computed[value] ?? 0..<0).count / max(BandSearch.leastRows, banding.tiles[value])
        }
        return min(bands.max() ?? 0, BandSearch.mostBands)
    }

    /// The largest number of floats that a band in the middle holds at once, and what all bands cost more than none.
    private func size(_ stages: Range<Int>, _ bands: Int) -> (floats: Int, cost: Int) {
        let key = [stages.lowerBound, stages.upperBound, bands]
        if let known = sizes[key] { return known }
        let found = measured(stages, bands)
        sizes[key] = found
        return found
    }

    private func measured(_ stages: Range<Int>, _ bands: Int) -> (floats: Int, cost: Int) {
        var ends: [Int: Int] = [:]
        _ = banding.band(bands / 2 - 1, of: bands, in: stages, ends: &ends)
        let band = banding.band(bands / 2, of: bands, in: stages, ends: &ends)
        var deltas = [Int](repeating: 0, count: stages.count + 1), reused = deltas, cost = 0
        for at in stages {
            guard !self.stages[at].isView, let output = self.stages[at].outputs.first else { continue }
            let rows = (band.computed[output]?.count ?? 0) * bands,
                full = banding.computed[output]?.count ?? 0
            cost = sum(cost, product([max(rows - full, 0), rowCosts[at]]))
            cost = sum(cost, bands * BandSearch.beginning)
            let scratch = banding.scratch(at, [band], threads: threads)
            deltas[at - stages.lowerBound] += scratch
            deltas[at - stages.lowerBound + 1] -= scratch
            guard let held = band.held[output] else { continue }
            let size = banding.size(output, rows: held.count)
            deltas[at - stages.lowerBound] += size
            deltas[max(banding.lastUse[output], at) - stages.lowerBound + 1] -= size
            reused[at - stages.lowerBound] = banding.reused(at, in: stages) > 0 ? size : 0
        }
        var alive = 0, most = 0
        for at in deltas.indices.dropLast() {
            alive += deltas[at]
            most = max(most, alive - reused[at])
        }
        return (most, cost)
    }
}
