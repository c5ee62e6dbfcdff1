// Preprocessing: how a photo becomes a network's input, and what its outputs mean. Travels with the model.

/// From photo to network input.
public struct Preprocessing: Sendable, Equatable {
    /// What surrounds the photo in the network's input.
    public enum Canvas: Int, Sendable {
        /// Nothing: the input has the photo's shape.
        case none = 0
        /// A square of the working size, the photo in its middle.
        case square = 1
    }

    /// Subtracted from 0...255, in the order B, G, R.
    public var mean: [Float] = [104.00699, 116.66877, 122.67892]
    /// Multiplied after that.
    public var scale: Float = 1
    /// Longest side of the photo in the network; nil: as large as it is.
    public var workingSize: Int? = 512
    /// Longest side that larger photos are reduced to before; nil: not at all. FaceFCN was trained on enlarged
    /// photos of 250 pixels and does better on such.
    public var reduceSize: Int? = 250
    /// What surrounds the photo.
    public var canvas = Canvas.none
    /// B, G, R of the canvas, 0...255.
    public var canvasColor: [Float] = [104, 117, 123]
    /// Sides of the input are rounded up to a multiple of this by canvas color.
    public var multipleOf = 1
    /// What is done for dark photos.
    public var exposure = Exposure.kept

    /// FaceFCN's.
    public init() {}

    static let mostWorkingSize = 4096

    /// Checks what a file or a caller says.
    func checked() throws(FaceSegError) -> Preprocessing {
        guard mean.count == 3, canvasColor.count == 3 else {
            throw .argument("mean and canvas color have 3 numbers")
        }
        guard (mean + canvasColor + [scale]).allSatisfy(\.isFinite) else {
            throw .argument("mean \(mean), scale \(scale), canvas color \(canvasColor) must be finite")
        }
        for (what, size) in [("working_size", workingSize ?? 1), ("reduce_size", reduceSize ?? 1)] {
            guard (1...Preprocessing.mostWorkingSize).contains(size) else {
                throw .argument("\(what) \(size) is not between 1 and \(Preprocessing.mostWorkingSize)")
            }
        }
        guard (1...1024).contains(multipleOf) else {
            throw .argument("multiple_of \(multipleOf) is not 1 to 1024")
        }
        guard canvas == .none || workingSize != nil else {
            throw .argument("a square canvas needs a working_size")
        }
        return self
    }
}

/// What a model says of itself, for people.
public struct ModelInfo: Sendable, Equatable {
    /// The network's name.
    public var name = ""
    /// Which of its versions.
    public var version = ""
    /// What it is.
    public var description = ""
    /// What the weights may be used for.
    public var license = ""
    /// How good it is, and on what.
    public var accuracy = ""
    /// One a class; empty: not said.
    public var classNames: [String] = []

    /// Says nothing.
    public init() {}
}

/// What a caller says of a plain Caffe file; nil: what the file's own metadata say, else FaceFCN's.
///
///     let options = ModelOptions(prototxtPath: "deploy.prototxt", classNames: ["background", "face", "hair"])
///     print(try Model.open(path: "their.caffemodel", options: options).info.classNames)
public struct ModelOptions: Sendable, Equatable {
    /// Description of the network, where the caffemodel's own layers are not wanted.
    public var prototxtPath: String?
    /// Subtracted from 0...255: B, G, R.
    public var mean: [Float]?
    /// Multiplied after that.
    public var scale: Float?
    /// Longest side in the network, 1 to 4096; 0: the photo's own size.
    public var workingSize: Int?
    /// Longest side to reduce to before that, 1 to 4096; 0: not reduced.
    public var reduceSize: Int?
    /// One a class.
    public var classNames: [String]?
    /// What is done for dark photos.
    public var exposure: Exposure?

    /// What is not said is nil.
    public init(
        prototxtPath: String? = nil, mean: [Float]? = nil, scale: Float? = nil, workingSize: Int? = nil,
        reduceSize: Int? = nil, classNames: [String]? = nil, exposure: Exposure? = nil
    ) {
        self.prototxtPath = prototxtPath
        (self.mean, self.scale) = (mean, scale)
        (self.workingSize, self.reduceSize) = (workingSize, reduceSize)
        (self.classNames, self.exposure) = (classNames, exposure)
    }
}
