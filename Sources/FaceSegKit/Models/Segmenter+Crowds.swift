// Segmenter+Crowds: photos with many or small heads: a coarse pass finds them, each is looked at again at its own scale.
// What a head is stands in Crowds/HeadSearch, which parts are looked at in Crowds/Pyramid and Crowds/HeadPlace.

/// Whether small heads are looked for beyond what the network sees of the whole photo.
public enum CrowdSearch: Sendable, Equatable {
    /// In photos of more than a million pixels without a region, heads of 24 pixels and more.
    case automatic
    /// In none.
    case off
    /// In all without a region, heads of so many pixels' height and more, 8 to 4096.
    case heads(from: Int)

    /// The smallest head that is looked for in a photo; nil: none is.
    func smallest(width: Int, height: Int) -> Int? {
        switch self {
        case .automatic: width * height > 1_000_000 ? 24 : nil
        case .off: nil
        case .heads(let from): from
        }
    }
}

/// How much of a run each part is, roughly, for its progress.
enum CrowdShares {
    static let whole: Float = 0.2, coarse: Float = 0.5
}

/// What is looked for in a photo.
struct HeadRequest {
    let smallest: Int
    let orientation: Orientation
    /// The classes' places.
    let classes: (face: Int, hair: Int)
}

extension Segmenter {
    /// Heads that are looked at again, at most: each has a number of 8 bits, and 0 is nobody.
    private static let mostHeads = 255
    /// At so many places at most, and at each so often until it is seen whole and large enough.
    private static let mostLooks = 600, mostTries = 3

    /// nil: the photo is looked at as a whole only.
    func headRequest(_ photo: PixelView, _ region: Region?, _ orientation: Orientation) -> HeadRequest? {
        guard region == nil, let classes = model.faceAndHair,
            let smallest = crowds.smallest(width: photo.width, height: photo.height)
        else { return nil }
        return HeadRequest(smallest: smallest, orientation: orientation, classes: classes)
    }

    /// Finds heads and looks at each, larger ones first, so that pieces of them are known as such.
    ///
    /// - kept: the photo where it stays for the results.
    /// - whole: the look at the whole photo, whose maps are still there.
    func crowdLooks(
        _ photo: PixelView, _ kept: PixelView, _ request: HeadRequest, whole: Look,
        _ progress: ((Float) -> Bool)?
    ) throws(FaceSegError) -> [CrowdLook] {
        var places = try places(photo, request, whole: whole, progress), looks: [CrowdLook] = []
        places.sort { $0.area > $1.area }
        var index = 0, share = CrowdShares.coarse
        while index < min(places.count, Self.mostLooks), looks.count < Self.mostHeads {
            let place = places[index]
            index += 1
            if !looks.contains(where: { $0.place.isSame(as: place) }),
                let (look, others) = try lookAgain(photo, kept, request, at: place),
                !looks.contains(where: { $0.place.isSame(as: look.place) })
            {
                looks.append(look)
                places += others.filter { other in !places.contains { $0.isSame(as: other) } }
            }
            share = max(
                share, CrowdShares.coarse + (1 - CrowdShares.coarse) * Float(index) / Float(places.count))
            if let progress, !progress(share) { throw .cancelled }
        }
        if share < 1, let progress, !progress(1) { throw .cancelled }
        return looks.sorted { $0.place.area > $1.place.area }
    }

    /// The coarse pass.
    private func places(
        _ photo: PixelView, _ request: HeadRequest, whole: Look, _ progress: ((Float) -> Bool)?
    ) throws(FaceSegError) -> [HeadPlace] {
        var places = heads(of: whole, request, highest: nil)
        let side = max(whole.frame.working.width, whole.frame.working.height)
        let tiles = Pyramid.tiles(
            width: photo.width, height: photo.height, smallest: request.smallest, whole: side)
        let finder = tiles.isEmpty ? self : try finder()
        let wanted = HeadRequest(
            smallest: request.smallest, orientation: request.orientation,
            classes: finder.model.faceAndHair ?? request.classes)
        for (index, tile) in tiles.enumerated() {
            let region = Region(x: tile.left, y: tile.top, width: tile.width, height: tile.height)
            let look = try finder.look(photo, region, side: tile.side, wanted, isRefined: false)
            let step = look.maps.shape[3] == look.frame.input.width ? Pyramid.step : 1
            places += finder.heads(of: look, wanted, highest: Double(PyramidTile.mostHead), step: step)
            let share = Float(index + 1) / Float(tiles.count)
            if let progress, !progress(CrowdShares.whole + (CrowdShares.coarse - CrowdShares.whole) * share) {
                throw .cancelled
            }
        }
        return HeadPlace.distinct(places)
    }

    /// - side: longest one in the network's picture.
    private func look(
        _ photo: PixelView, _ region: Region, side: Int, _ request: HeadRequest, isRefined: Bool
    ) throws(FaceSegError) -> Look {
        var preprocessing = model.preprocessing
        (preprocessing.workingSize, preprocessing.reduceSize, preprocessing.canvas) = (side, nil, .none)
        let frame = try Frame(
            width: photo.width, height: photo.height, region: region, orientation: request.orientation,
            preprocessing)
        let stage = try PhotoStage(photo, frame, preprocessing, workers: workers, memory: lookMemory)
        return try look(photo, frame, stage, isRefined: isRefined, isWhole: false, progress: nil)
    }

    /// The heads in a look's maps.
    ///
    /// - highest: of those that are taken, in the network's pixels; nil: any.
    /// - step: as of the search.
    private func heads(
        of look: Look, _ request: HeadRequest, highest: Double?, step: Int = 1
    ) -> [HeadPlace] {
        guard let found = search(look, request.classes, .possible, step: step) else { return [] }
        return found.heads.compactMap { head in
            let place = HeadPlace(head, look.frame, look.maps.shape)
            if place.seenHeight < Pyramid.leastHead * 0.75 { return nil }
            if let highest, place.seenHeight > highest { return nil }
            return place
        }
    }

    /// Whose each pixel of the last photo is; nil: the model has no such classes.
    func headNumbers(of result: PhotoResult) -> HeadNumbers? {
        guard let classes = model.faceAndHair else { return nil }
        if let looks = result.looks { return .looks(looks) }
        return search(result.whole, classes).map { .whole(WholeHeads(result.whole, $0)) }
    }

    /// nil: the look has other classes than the model names; how many there are may depend on the input's size.
    private func search(
        _ look: Look, _ classes: (face: Int, hair: Int), _ rule: HeadSearch.Rule = .certain, step: Int = 1
    ) -> HeadSearch? {
        guard look.maps.shape[1] == model.classCount else { return nil }
        let (height, width) = (look.maps.shape[2], look.maps.shape[3]), plane = width * height
        let scale = (Double(look.frame.input.width) / Double(width)).rounded()
        return HeadSearch(
            width: width, height: height, face: look.maps.read + classes.face * plane,
            hair: look.maps.read + classes.hair * plane, rule: rule, step: step, scale: max(Int(scale), 1))
    }

    /// Looks at a head at its own scale; nil: there it is none.
    ///
    /// - Returns: The look, and where other heads are in it.
    private func lookAgain(
        _ photo: PixelView, _ kept: PixelView, _ request: HeadRequest, at place: HeadPlace
    ) throws(FaceSegError) -> (CrowdLook, others: [HeadPlace])? {
        var place = place
        for attempt in 1...Self.mostTries {
            let view = place.view(width: photo.width, height: photo.height)
            let side = model.preprocessing.workingSize ?? 256
            let look = try look(photo, view, side: side, request, isRefined: true)
            guard let found = search(look, request.classes) else { return nil }
            let places = found.heads.map { HeadPlace($0, look.frame, look.maps.shape) }
            let overlaps = places.map { $0.overlap(place).union }
            guard let best = places.indices.max(by: { overlaps[$0] < overlaps[$1] }), overlaps[best] > 0.2
            else { return nil }
            let isWhole = { (place: HeadPlace) in
                place.isInside(view, photoWidth: photo.width, photoHeight: photo.height)
            }
            let share = places[best].seenHeight / Double(side), isLast = attempt == Self.mostTries
            if !isWhole(places[best]) {
                if isLast { return nil }
                place = places[best].doubled
            } else if !isLast, share < HeadPlace.share * 0.6 {
                place = places[best]
            } else {
                let others = places.indices.filter { $0 != best && isWhole(places[$0]) }.map { places[$0] }
                let again = CrowdLook(
                    look, rows: try rows(look, kept, isWhole: false, isLast: false), place: places[best],
                    isOwn: found.owners.map { $0 == best }, photo: (photo.width, photo.height))
                return (again, others)
            }
        }
        return nil
    }
}

extension Model {
    /// nil: no class has this name.
    func place(ofClass name: String) -> Int? { info.classNames.firstIndex(of: name) }

    /// The places of the classes of these names; nil: it has not both.
    var faceAndHair: (face: Int, hair: Int)? {
        guard let face = place(ofClass: "face"), let hair = place(ofClass: "hair") else { return nil }
        return (face, hair)
    }
}

extension HeadPlace {
    /// A head of maps of this shape, which a look with this frame gave.
    init(_ head: FoundHead, _ frame: Frame, _ maps: Shape) {
        let place = frame.place(outputWidth: maps[3], outputHeight: maps[2])
        let toPhoto = AffineMap.move(-place.x, -place.y)
            .then(.scale(frame.uprightWidth / place.width, frame.uprightHeight / place.height))
            .then(frame.toPhoto)
        let first = toPhoto(Double(head.box.left), Double(head.box.top))
        let last = toPhoto(Double(head.box.right), Double(head.box.bottom))
        self.init(
            left: min(first.x, last.x), top: min(first.y, last.y), right: max(first.x, last.x),
            bottom: max(first.y, last.y), confidence: head.confidence, hasFace: head.face != nil,
            seenHeight: Double(head.box.height) * Double(frame.working.height) / place.height)
    }
}
