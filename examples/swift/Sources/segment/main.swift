// segment: labels of a photo in memory, from Swift.
import FaceSegKit

let (width, height) = (640, 480)
let rgb = [UInt8](repeating: 128, count: width * height * 3)  // your photo
var labels = [UInt8](repeating: 0, count: width * height)

let segmenter = try Segmenter(Model.builtIn())
try rgb.withUnsafeBufferPointer { pixels in
    try segmenter.run(
        PixelView(pixels: pixels.baseAddress!, width: width, height: height, rowBytes: width * 3, format: .rgb))
    try labels.withUnsafeMutableBytes { labels in
        try segmenter.labels(into: PlaneView(start: labels.baseAddress!, rowBytes: width, element: .byte))
    }
}
print("classes:", segmenter.model.info.classNames, "face pixels:", labels.count { $0 == 1 })
