// BlobTests: every blob inside the nets whose inner blobs Caffe wrote down, one by one through the C face.
import FaceSegC
import Foundation
import Media
import Testing

struct BlobTests {
    static let nets =
        Fixtures.hasAll
        ? Fixtures.nets(in: Fixtures.all).filter {
            FileManager.default.fileExists(atPath: $0.file("blobs.npz"))
        } : []

    @Test(.enabled(if: Fixtures.hasAll, "no fixtures at \(Fixtures.all.path())"), arguments: nets)
    func everyBlobAsCaffes(_ net: Fixtures.Net) throws {
        let input = try NumpyArray.read(path: net.file("input.npy"))
        let blobs = try NumpyArchive.read(path: net.file("blobs.npz"))
        let session = try HostSession(HostModel(path: net.file("caffemodel"), prototxt: net.file("prototxt")))
        #expect(!blobs.isEmpty)
        for (name, wanted) in blobs where !name.contains("_split_") {
            let got = try session.forward(input.floats, shape: input.shape, blob: name)
            #expect(got.shape == wanted.shape, "\(name)")
            let error = relativeError(got.numbers, wanted.floats)
            #expect(error <= 2e-5, "\(net.testDescription), \(name): \(error)")
        }
    }
}
