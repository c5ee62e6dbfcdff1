// CRFFace: a caller's maps of probabilities made to agree with a photo. Needs neither a model nor a session.
import CFaceSeg
import FaceSegKit

extension faceseg_crf_options: CallOptions {
    static var defaults: Self {
        let crf = DenseCRF()
        return faceseg_crf_options(
            struct_size: MemoryLayout<Self>.size, parallel_for: nil, parallel_for_context: nil,
            cancelled: nil, threads: 0, appearance_weight: crf.appearanceWeight,
            appearance_distance: crf.appearanceDistance, color_distance: crf.colorDistance,
            smoothness_weight: crf.smoothnessWeight, smoothness_distance: crf.smoothnessDistance,
            rounds: Int32(crf.rounds))
    }

    fileprivate var crf: DenseCRF {
        DenseCRF(
            appearanceWeight: appearance_weight, appearanceDistance: appearance_distance,
            colorDistance: color_distance, smoothnessWeight: smoothness_weight,
            smoothnessDistance: smoothness_distance, rounds: Int(rounds))
    }
}

@_cdecl("faceseg_crf_options_init") @implementation
public func faceseg_crf_options_init(_ options: UnsafeMutablePointer<faceseg_crf_options>?) {
    options?.initialize(to: .defaults)
}

@_cdecl("faceseg_crf") @implementation
public func faceseg_crf(
    _ image: UnsafePointer<faceseg_image>?, _ probabilities: UnsafePointer<faceseg_plane>?,
    _ class_count: Int32, _ given: UnsafePointer<faceseg_crf_options>?,
    _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let photo = try view(image), first = try required(probabilities, "probabilities")
        guard (1...256).contains(class_count) else {
            throw .kit(.argument("class_count \(class_count) is not between 1 and 256"))
        }
        var planes: [PlaneView] = []
        for index in 0..<Int(class_count) {
            planes.append(try view(first[index], "probabilities[\(index)]"))
        }
        let options = try options(given, defaults: .defaults, "faceseg_crf_options")
        let workers = try options.workers()
        try kit { () throws(FaceSegError) in
            try options.crf.refine(planes, by: photo, workers, progress: nil)
        }
    }
}
