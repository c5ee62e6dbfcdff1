// PhotoResult: what a segmenter keeps of a photo for the results that are fetched later.

/// What is kept of the last photo.
struct PhotoResult {
    let layout: PixelLayout
    /// Where the photo is; nil: it was lent for the run alone.
    let photo: PixelView?
    /// The photo, or a copy of it; without refinement it may be gone.
    let kept: PixelView
    let rows: PhotoRows
    let classes: Int
    /// The looks at single heads, larger ones first; nil: the photo was looked at as a whole only.
    let looks: [CrowdLook]?
    /// Its maps are there until the next run, if there are no looks at single heads.
    let whole: Look
}
