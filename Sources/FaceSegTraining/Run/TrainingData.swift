// TrainingData: the data set of a run: read ahead and augmented for training, in order for validation.
import FaceSegKit
import Media

/// Where samples come from and what is done to them.
package struct TrainingData: Sendable {
    package let set: DataSet
    package let request: DataRequest
    /// In what order its samples come.
    package let order: DrawOrder

    /// - folder: takes the place of the net's own.
    /// - mended: see ``DataSet/mended(from:)``; there must be some mask in it for some photo.
    package init(
        _ request: DataRequest, folder: String?, split: String? = nil, mended: String? = nil
    ) throws(FaceSegError) {
        guard let folder = folder ?? request.folder else {
            throw .argument("the data layer names no folder; name one with --data")
        }
        self.request = request
        var sets: [DataSet]
        do throws(MediaError) {
            sets = try DataSet.open(folder, split: split ?? request.split)
        } catch { throw FaceSegError(error) }
        if let mended {
            let found = sets.map { $0.mended(from: mended) }
            guard zip(found, sets).contains(where: { $0.photos != $1.photos }) else {
                throw .argument(
                    "\(mended) has no mask for any photo of \(folder); `faceseg mend` writes SET/NAME.png")
            }
            sets = found
        }
        guard let shares = request.shares else {
            set = DataSet(joining: sets)
            order = request.isRandom ? .withReplacement : .inOrder
            return
        }
        if let name = shares.keys.sorted().first(where: { name in !sets.contains { $0.title == name } }) {
            let titles = sets.map(\.title).joined(separator: ", ")
            throw .argument("there is a share of \(name), but \(folder) has \(titles)")
        }
        let shared = sets.filter { shares[$0.title] != nil }
        set = DataSet(joining: shared)
        order = request.isRandom ? .shared(TrainingData.shares(of: shared, shares)) : .inOrder
    }

    private static func shares(of sets: [DataSet], _ weights: [String: Double]) -> [DrawShare] {
        var first = 0
        return sets.map { set in
            defer { first += set.count }
            return DrawShare(samples: first..<first + set.count, weight: Float(weights[set.title]!))
        }
    }

    func cache(bytes: Int) -> SampleCache {
        SampleCache(count: set.count, byteLimit: bytes) { (index) throws(MediaError) in
            try set.sample(at: index)
        }
    }

    /// What augmentation may take from the set: scenes are its photos without masks, heads those whose every pixel is
    /// labelled, people those that have a silhouette.
    func sources(_ samples: SampleCache) -> AugmentationSources {
        func places(_ isOne: (LabelledPhoto) -> Bool) -> [Int] {
            set.photos.indices.filter { isOne(set.photos[$0]) }
        }
        var sources = AugmentationSources()
        sources.scenes = samples.draw(of: places { $0.labels == .background })
        sources.heads = samples.draw(of: places(\.labels.isWhole))
        sources.people = people(places { $0.silhouette != nil }, samples)
        return sources
    }

    private func people(_ places: [Int], _ samples: SampleCache) -> PeopleInScene.Draw? {
        guard !places.isEmpty else { return nil }
        return { (random) throws(FaceSegError) in
            let place = places[random.integer(in: 0...places.count - 1)]
            let path = set.photos[place].silhouette!, sample = try samples.sample(at: place), mask: Mask
            do throws(MediaError) { mask = try Mask.read(path: path) } catch { throw FaceSegError(error) }
            guard (mask.width, mask.height) == (sample.width, sample.height),
                let person = Silhouette(sample, mask: mask.labels)
            else {
                throw .file(
                    path: path, byte: nil,
                    reason: "is not \(sample.width) x \(sample.height) like its photo, or shows nobody")
            }
            return person
        }
    }
}

extension Batch {
    /// What a net's inputs take.
    func blobs(_ request: DataRequest) throws(FaceSegError) -> Solver.Batch {
        let data = try Shape([samples.count, 3, height, width]),
            label = try Shape([samples.count, 1, height, width])
        return Solver.Batch(filling: [
            request.data: (
                data, filling(data) { $0.writePlanes(to: $1, mean: request.mean, scale: request.scale) }
            ),
            request.label: (label, filling(label) { $0.writeLabels(to: $1) }),
        ])
    }

    private func filling(
        _ shape: Shape, _ write: @escaping @Sendable (Sample, UnsafeMutablePointer<Float>) -> Void
    ) -> Solver.Batch.Fill {
        { [samples] numbers, workers in
            nonisolated(unsafe) let start = numbers.baseAddress!
            let step = shape.inner(0)
            workers.forEachWorker(samples.count) { index, _ in write(samples[index], start + index * step) }
        }
    }
}
