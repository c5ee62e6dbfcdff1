// TrainingData: the data set of a run: read ahead and augmented for training, in order for validation.
import FaceSegKit
import Media

/// Where samples come from and what is done to them.
package struct TrainingData: Sendable {
    package let set: DataSet
    package let request: DataRequest

    /// - folder: takes the place of the net's own.
    package init(_ request: DataRequest, folder: String?, split: String? = nil) throws(FaceSegError) {
        guard let folder = folder ?? request.folder else {
            throw .argument("the data layer names no folder; name one with --data")
        }
        self.request = request
        do throws(MediaError) {
            set = DataSet(joining: try DataSet.open(folder, split: split ?? request.split))
        } catch { throw FaceSegError(error) }
    }

    func cache(bytes: Int) -> SampleCache { TrainingData.cache(set, bytes: bytes) }

    /// What augmentation may take from the set: scenes are its photos without masks, heads those whose every pixel is
    /// labelled.
    func sources(bytes: Int) -> AugmentationSources {
        func draw(_ photos: [LabelledPhoto]) -> SampleDraw? {
            photos.isEmpty
                ? nil : TrainingData.cache(DataSet(title: "", photos: photos), bytes: bytes / 2).draw
        }
        var sources = AugmentationSources()
        sources.scenes = draw(set.photos.filter { $0.labels == .background })
        sources.heads = draw(set.photos.filter(\.labels.isWhole))
        return sources
    }

    private static func cache(_ set: DataSet, bytes: Int) -> SampleCache {
        return SampleCache(count: set.count, byteLimit: bytes) { (index) throws(MediaError) in
            try set.sample(at: index)
        }
    }
}

extension Batch {
    /// What a net's inputs take.
    func blobs(_ request: DataRequest) throws(FaceSegError) -> Solver.Batch {
        let data = try Shape([samples.count, 3, height, width]),
            label = try Shape([samples.count, 1, height, width])
        return Solver.Batch(filling: [
            request.data: (data, filling(data) { $0.writePlanes(to: $1, mean: request.mean) }),
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
