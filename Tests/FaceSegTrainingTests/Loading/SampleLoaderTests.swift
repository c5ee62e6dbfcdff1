// The loader: the same batches whatever the threads, from any draw on, and what it does with broken samples.
import FaceSegKit
import Glibc
import Media
import Synchronization
import Testing

@testable import FaceSegTraining

@Suite struct SampleLoaderTests {
    static func broken(_ index: Int) -> FaceSegError {
        .file(path: "\(index).jpg", byte: nil, reason: "cut off")
    }

    /// Fifty samples; those with numbers in `broken` cannot be read. Threads do not take equally long.
    static func cache(count: Int = 50, broken: Set<Int> = [], byteLimit: Int = 1 << 20) -> SampleCache {
        SampleCache(count: count, byteLimit: byteLimit) { index throws(MediaError) in
            usleep(UInt32(index % 7 * 200))
            if broken.contains(index) { throw MediaError(path: "\(index).jpg", reason: "cut off") }
            return .patterned(width: 12 + index % 5, height: 10, name: "\(index)")
        }
    }

    static let recipe = Recipe.light(size: 16)

    static func batches(
        _ count: Int, of cache: SampleCache = cache(), from firstDraw: Int = 0, _ options: LoadingOptions
    ) throws -> [Batch] {
        let loader = try SampleLoader(cache, options: options, firstDraw: firstDraw) { _ in Self.recipe }
        return try (0..<count).map { _ in try loader.next() }
    }

    func options(_ change: (inout LoadingOptions) -> Void = { _ in }) -> LoadingOptions {
        var options = LoadingOptions()
        options.batch = 4
        change(&options)
        return options
    }

    @Test(arguments: [2, 3, 8])
    func threadsDoNotMatter(threads: Int) throws {
        let one = try Self.batches(5, options())
        #expect(try Self.batches(5, options { ($0.threads, $0.ahead) = (threads, 3) }) == one)
        #expect(one.map(\.firstDraw) == [0, 4, 8, 12, 16] && Set(one.flatMap(\.names)).count > 10)
        #expect(one.allSatisfy { $0.samples.count == 4 && ($0.width, $0.height) == (16, 16) })
    }

    @Test func goesOnAtAnyDraw() throws {
        let all = try Self.batches(6, options { $0.threads = 2 })
        #expect(try Self.batches(3, from: 12, options { $0.threads = 3 }) == Array(all[3...]))
    }

    @Test func theSeedMatters() throws {
        #expect(try Self.batches(2, options()) != Self.batches(2, options { $0.seed = 2 }))
    }

    @Test func sameSampleAnewEachTime() throws {
        let batch = try Self.batches(1, of: Self.cache(count: 1), options())[0]
        #expect(batch.names == ["0", "0", "0", "0"] && Set(batch.samples.map(\.pixels)).count == 4)
    }

    @Test func inOrderAndRoundAgain() throws {
        let batches = try Self.batches(
            3, of: Self.cache(count: 5), options { ($0.order, $0.threads) = (.inOrder, 2) })
        #expect(batches.flatMap(\.names) == ["0", "1", "2", "3", "4", "0", "1", "2", "3", "4", "0", "1"])
    }

    /// Three quarters of some 800 draws, and a quarter; six deviations are 0.09.
    @Test func shares() throws {
        let shares = [DrawShare(samples: 3..<5, weight: 3), DrawShare(samples: 7..<8, weight: 1)]
        let names = try Self.batches(200, options { $0.order = .shared(shares) }).flatMap(\.names)
        #expect(Set(names) == ["3", "4", "7"])
        let rare = Double(names.count { $0 == "7" }) / Double(names.count)
        #expect(abs(rare - 0.25) < 0.09)
    }

    @Test func brokenOnesAreSkippedAndNamed() throws {
        let cache = Self.cache(count: 6, broken: [1, 2])
        let inOrder = try Self.batches(2, of: cache, options { ($0.order, $0.threads) = (.inOrder, 2) })
        #expect(inOrder[0].names == ["0", "3", "3", "3"] && inOrder[1].names == ["4", "5", "0", "3"])
        #expect(
            inOrder[0].skipped == [1, 2, 2].map(Self.broken) && inOrder[1].skipped == [1, 2].map(Self.broken))
        let random = try Self.batches(8, of: cache, options { $0.threads = 2 })
        #expect(random.allSatisfy { Set($0.names).isDisjoint(with: ["1", "2"]) })
        #expect(random.contains { !$0.skipped.isEmpty })
        #expect(try Self.batches(8, of: cache, options()) == random)
    }

    @Test func brokenOnesEndItWhenAsked() throws {
        let options = options { ($0.order, $0.threads, $0.broken) = (.inOrder, 3, .fatal) }
        let loader = try SampleLoader(Self.cache(broken: [6]), options: options) { _ in Self.recipe }
        #expect(try loader.next().names == ["0", "1", "2", "3"])
        #expect(throws: Self.broken(6)) { try loader.next() }
        #expect(throws: Self.broken(6)) { try loader.next() }
    }

    @Test func allBroken() throws {
        let loader = try SampleLoader(Self.cache(count: 3, broken: [0, 1, 2]), options: options()) { _ in
            Self.recipe
        }
        #expect(throws: FaceSegError.self) { try loader.next() }
    }

    @Test func sizesOfABatchAgree() throws {
        let loader = try SampleLoader(Self.cache(), options: options { $0.order = .inOrder }) { _ in
            Recipe([])
        }
        #expect(
            throws: FaceSegError.argument(
                "1 is 13 x 10 after augmentation, 0 of the same batch 12 x 10; let the recipe end in one size, "
                    + "or take batches of 1")
        ) { try loader.next() }
    }

    @Test func recipesMayDependOnTheDraw() throws {
        let loader = try SampleLoader(Self.cache(), options: options()) { .light(size: $0 < 4 ? 16 : 24) }
        #expect(try loader.next().width == 16 && loader.next().width == 24)
    }

    @Test func stopsWhileThreadsWaitOrWork() throws {
        for _ in 0..<5 {
            let loader = try SampleLoader(Self.cache(), options: options { $0.threads = 4 }) { _ in
                Self.recipe
            }
            loader.stop()
            #expect(throws: FaceSegError.cancelled) { try loader.next() }
        }
    }

    @Test func senselessOptions() {
        for (change, message) in [
            ({ $0.batch = 0 }, "batch 0 is not from 1 to 65536"),
            ({ $0.threads = 65 }, "threads 65 is not from 1 to 64"),
            ({ $0.ahead = 0 }, "ahead 0 is not from 1 to 64"),
        ] as [((inout LoadingOptions) -> Void, String)] {
            #expect(throws: FaceSegError.argument(message)) { try Self.batches(0, options(change)) }
        }
        #expect(throws: FaceSegError.argument("the data set has no sample")) {
            try Self.batches(0, of: Self.cache(count: 0), options())
        }
        #expect(throws: FaceSegError.argument("draw -1 is below 0")) {
            try Self.batches(0, from: -1, options())
        }
    }
}

@Suite struct SampleCacheTests {
    /// Two of three samples of 4 bytes a pixel fit.
    @Test func keepsAsMuchAsItMay() throws {
        let reads = Mutex<[Int]>([])
        let cache = SampleCache(count: 3, byteLimit: 2 * 4 * 20 + 79) { index throws(MediaError) in
            reads.withLock { $0.append(index) }
            return .patterned(width: 5, height: 4, name: "\(index)")
        }
        for _ in 0..<3 { for i in 0..<3 { #expect(try cache.sample(at: i).name == "\(i)") } }
        #expect(reads.withLock { $0 } == [0, 1, 2, 2, 2])
    }

    @Test func drawsAreOfAnySample() throws {
        let cache = SampleCache(count: 3, byteLimit: 0) { index throws(MediaError) in
            .patterned(name: "\(index)")
        }
        var random = SampleRandom(seed: 1)
        let draw = try #require(cache.draw(of: [0, 2]))
        #expect(Set(try (0..<40).map { _ in try draw(&random).name }) == ["0", "2"])
        #expect(cache.draw(of: []) == nil)
    }

    @Test func planesAreBlueGreenRed() {
        let two = Sample(name: "", width: 2, height: 1, pixels: [10, 20, 30, 40, 50, 60], labels: [0, 0])
        let planes = [Float](unsafeUninitializedCapacity: 6) { planes, count in
            two.writePlanes(to: planes.baseAddress!, mean: [1, 2.5, 3], scale: 0.5)
            count = 6
        }
        #expect(planes == [14.5, 29.5, 8.75, 23.75, 3.5, 18.5])
    }
}
