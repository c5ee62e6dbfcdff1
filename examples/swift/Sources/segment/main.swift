// segment: labels of a photo in memory, for callers that may wait and for those that must not.
import FaceSegAsync
import FaceSegKit

let (width, height) = (640, 480)
let rgb = [UInt8](repeating: 128, count: width * height * 3)  // your photo

let model = try Model.builtIn()
let segmenter = try Segmenter(model)
let labels = try segmenter.segment(rgb.span, width: width, height: height)
print("classes:", model.info.classNames, "face pixels:", labels.pixels.count { $0 == 1 })

let queue = try await SegmentationQueue(model)
let same = try await queue.segment(rgb, width: width, height: height) == labels
print("the queue's labels are", same ? "the same" : "others")
