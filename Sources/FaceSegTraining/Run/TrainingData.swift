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
    /// What a net's inputs take. Labels are numbers, as Caffe has them.
    func blobs(_ request: DataRequest) throws(FaceSegError) -> Solver.Batch {
        let count = names.count
        return Solver.Batch([
            request.data: (try Shape([count, 3, height, width]), planes),
            request.label: (try Shape([count, 1, height, width]), labels.map { Float($0) }),
        ])
    }
}
