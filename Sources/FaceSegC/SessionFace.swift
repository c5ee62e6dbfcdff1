// SessionFace: sessions and the photos that run in them.
import CFaceSeg
import FaceSegKit

@_cdecl("faceseg_session_open") @implementation
public func faceseg_session_open(
    _ model: OpaquePointer?, _ given: UnsafePointer<faceseg_session_options>?,
    _ session: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let session = try required(session, "session")
        session.pointee = nil
        let model: ModelHandle = try borrow(model, "model")
        let options = try options(given, defaults: .defaults, "faceseg_session_options")
        guard (0...1024).contains(options.threads) else {
            throw .kit(.argument("threads \(options.threads) is not between 0 and 1024"))
        }
        guard let precision = Precision(rawValue: options.precision) else {
            throw .kit(.argument("precision \(options.precision) is neither FACESEG_EXACT nor FACESEG_FAST"))
        }
        guard let refinement = Refinement(rawValue: options.refinement) else {
            throw .kit(
                .argument(
                    "refinement \(options.refinement) is none of FACESEG_REFINE_NONE and the rest"
                ))
        }
        guard let crowds = CrowdSearch(options.smallest_head) else {
            throw .kit(
                .argument("smallest_head \(options.smallest_head) is not -1, 0 or between 8 and 4096"))
        }
        let handle = try SessionHandle(model, memory: options.memory()) { (model) throws(FaceSegError) in
            try Segmenter(
                model, threads: options.threads == 0 ? nil : Int(options.threads),
                precision: precision, refinement: refinement,
                crowds: crowds, steady: options.steady != 0,
                memoryLimit: options.memory_limit == 0 ? nil : Int(clamping: options.memory_limit),
                hostParallelFor: options.parallel_for, hostContext: options.parallel_for_context)
        }
        session.pointee = give(handle)
    }
}

extension CrowdSearch {
    fileprivate init?(_ smallest: Int32) {
        switch smallest {
        case -1: self = .off
        case 0: self = .automatic
        case 8...4096: self = .heads(from: Int(smallest))
        default: return nil
        }
    }
}

@_cdecl("faceseg_session_close") @implementation
public func faceseg_session_close(_ session: OpaquePointer?) { close(session, SessionHandle.self) }

@_cdecl("faceseg_session_cancel") @implementation
public func faceseg_session_cancel(_ session: OpaquePointer?) {
    (borrow(session) as SessionHandle?)?.cancellation.cancel()
}

@_cdecl("faceseg_session_begin_video") @implementation
public func faceseg_session_begin_video(_ session: OpaquePointer?) {
    try? (borrow(session) as SessionHandle?)?.work { $0.beginVideo() }
}

@_cdecl("faceseg_run") @implementation
public func faceseg_run(
    _ session: OpaquePointer?, _ image: UnsafePointer<faceseg_image>?,
    _ given: UnsafePointer<faceseg_run_options>?, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let session: SessionHandle = try borrow(session, "session")
        try session.work { $0.forgetPhoto() }
        let photo = try photo(image)
        let options = try options(given, defaults: .defaults, "faceseg_run_options")
        guard let orientation = Orientation(rawValue: options.orientation) else {
            throw .kit(.argument("orientation \(options.orientation) is not 0, 90, 180 or 270"))
        }
        let region = options.has_region == 0 ? nil : Region(options.region)
        let progress = options.progress.map { function in
            { (done: Float) in function(options.progress_context, done) == 0 }
        }
        try session.work { (segmenter) throws(FaceSegError) in
            switch photo {
            case .pixels(let view):
                try segmenter.run(view, region: region, orientation: orientation, progress: progress)
            case .frame(let view):
                try segmenter.run(view, region: region, orientation: orientation, progress: progress)
            }
        }
    }
}

extension Region {
    fileprivate init(_ region: faceseg_region) {
        self.init(
            x: Double(region.x), y: Double(region.y), width: Double(region.width),
            height: Double(region.height),
            angle: Double(region.angle))
    }
}

@_cdecl("faceseg_get_labels") @implementation
public func faceseg_get_labels(
    _ session: OpaquePointer?, _ out: faceseg_plane, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    fetch(session, out, error) { (segmenter, plane) throws(FaceSegError) in try segmenter.labels(into: plane)
    }
}

@_cdecl("faceseg_get_probability") @implementation
public func faceseg_get_probability(
    _ session: OpaquePointer?, _ class_index: Int32, _ out: faceseg_plane,
    _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    fetch(session, out, error) { (segmenter, plane) throws(FaceSegError) in
        try segmenter.probability(of: Int(class_index), into: plane)
    }
}

@_cdecl("faceseg_get_alpha") @implementation
public func faceseg_get_alpha(
    _ session: OpaquePointer?, _ target: Int32, _ out: faceseg_plane,
    _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    fetch(session, out, error) { (segmenter, plane) throws(FaceSegError) in
        guard let target = Target(rawValue: target) else {
            throw .argument("target \(target) is none of FACESEG_FACE, FACESEG_HAIR, FACESEG_HEAD")
        }
        try segmenter.alpha(of: target, into: plane)
    }
}

@_cdecl("faceseg_get_overlay") @implementation
public func faceseg_get_overlay(
    _ session: OpaquePointer?, _ out: faceseg_plane, _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    fetch(session, out, error) { (segmenter, plane) throws(FaceSegError) in try segmenter.overlay(into: plane)
    }
}

@_cdecl("faceseg_get_heads") @implementation
public func faceseg_get_heads(
    _ session: OpaquePointer?, _ numbers: UnsafePointer<faceseg_plane>?,
    _ heads: UnsafeMutablePointer<faceseg_head>?, _ capacity: Int, _ count: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        count?.pointee = 0
        let session: SessionHandle = try borrow(session, "session")
        let count = try required(count, "count")
        let plane = try numbers.map { (plane) throws(FaceError) in try view(plane.pointee, "numbers") }
        if capacity > 0 { _ = try required(heads, "heads") }
        let found = try session.work { (segmenter) throws(FaceSegError) in
            if let plane {
                try segmenter.headNumbers(into: plane)
            } else {
                try segmenter.heads()
            }
        }
        count.pointee = found.count
        for (index, head) in found.prefix(max(capacity, 0)).enumerated() {
            heads?[index] = faceseg_head(head)
        }
    }
}

extension faceseg_head {
    fileprivate init(_ head: HeadInstance) {
        self.init(
            number: Int32(head.number), x: Int32(head.columns.lowerBound), y: Int32(head.rows.lowerBound),
            width: Int32(head.columns.count), height: Int32(head.rows.count), confidence: head.confidence,
            face_area: Int64(head.faceArea), hair_area: Int64(head.hairArea))
    }
}

private func fetch(
    _ session: OpaquePointer?, _ out: faceseg_plane, _ error: UnsafeMutablePointer<faceseg_error>?,
    _ body: (Segmenter, PlaneView) throws(FaceSegError) -> Void
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let session: SessionHandle = try borrow(session, "session")
        let plane = try view(out, "out")
        try session.work { (segmenter) throws(FaceSegError) in try body(segmenter, plane) }
    }
}

func view(_ plane: faceseg_plane, _ name: String) throws(FaceError) -> PlaneView {
    let start = try required(plane.data, "\(name).data")
    guard let element = PlaneView.Element(rawValue: plane.type) else {
        throw .kit(.argument("\(name).type \(plane.type) is neither FACESEG_U8 nor FACESEG_F32"))
    }
    return try kit { () throws(FaceSegError) in
        try PlaneView(start: start, rowBytes: plane.row_bytes, element: element)
    }
}

@_cdecl("faceseg_segment") @implementation
public func faceseg_segment(
    _ image: UnsafePointer<faceseg_image>?, _ labels: faceseg_plane,
    _ error: UnsafeMutablePointer<faceseg_error>?
) -> faceseg_status {
    report(error) { () throws(FaceError) in
        let photo = try photo(image), plane = try view(labels, "labels")
        try kit { () throws(FaceSegError) in
            let segmenter = try Segmenter(BuiltIn.shared())
            switch photo {
            case .pixels(let view): try segmenter.run(view)
            case .frame(let view): try segmenter.run(view)
            }
            try segmenter.labels(into: plane)
        }
    }
}

/// The built-in network of the one-call form, opened once and then shared.
private enum BuiltIn {
    private static let model = Locked<Model?>(nil)

    static func shared() throws(FaceSegError) -> Model {
        try model.withLock { (model) throws(FaceSegError) in
            if let model { return model }
            let opened = try Model.builtIn()
            model = opened
            return opened
        }
    }
}
