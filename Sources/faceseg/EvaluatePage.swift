// EvaluatePage: the report as one HTML file that needs no other: scores, and the worst photos with what is
// there and what was found, their pictures inside.
import FaceSegKit
import FaceSegTraining
import Media

struct EvaluatePage {
    let text: String

    /// - Throws: errors of reading a photo once more.
    init(_ evaluator: Evaluator, title: String) throws {
        let names = evaluator.classNames
        var body: [String] = ["<h1>\(markup(title))</h1>"]
        for result in evaluator.results + evaluator.together { body += Self.scores(result, names) }
        body.append("<h2>The worst photos</h2>")
        body.append(
            "<p>By share of wrong pixels: the photo, what is there, what was found. \(Self.legend(names))</p>"
        )
        for photo in evaluator.worst { body.append(try Self.figure(photo)) }
        text = Self.head(title) + body.joined(separator: "\n") + "\n</body></html>\n"
    }

    private static func head(_ title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>\(markup(title))</title>
        <style>
        body { font: 15px/1.4 sans-serif; margin: 2em; color: #222; background: #fff }
        table { border-collapse: collapse } td, th { padding: 2px 12px; text-align: right }
        th:first-child, td:first-child { text-align: left } tr + tr { border-top: 1px solid #ddd }
        figure { margin: 1em 0 } img { max-width: 32%; vertical-align: top } i { padding: 0 0.6em; margin: 0 0.4em }
        </style></head><body>

        """
    }

    private static func scores(_ result: EvaluatedSet, _ names: [String]) -> [String] {
        let score = result.plain, matrix = score.matrix
        let rows = names.indices.map { i in
            [markup(names[i])]
                + [matrix.f1(of: i), score.photoF1(of: i), score.boundaryF1(of: i)].map(percent)
        }
        return [
            "<h2>\(markup(result.title))</h2>",
            "<p>\(grouped(score.photos)) photos, pixel accuracy \(percent(matrix.pixelAccuracy)) %, mean F1 "
                + "\(percent(matrix.meanF1)) %</p>",
            "<table>",
            row(["in %", "F1, all pixels", "F1, mean of photos", "boundary F1, mean of photos"], "th"),
        ] + rows.map { row($0, "td") } + ["</table>"]
    }

    private static func row(_ cells: [String], _ tag: String) -> String {
        "<tr>" + cells.map { "<\(tag)>\($0)</\(tag)>" }.joined() + "</tr>"
    }

    private static func legend(_ names: [String]) -> String {
        let colors = names.indices.map { (names[$0], vocPalette[$0]) } + [("unknown", palette[255])]
        return colors.map { name, color in
            "<i style=\"background:rgb(\(color.r),\(color.g),\(color.b))\"></i>\(markup(name))"
        }.joined()
    }

    private static func figure(_ worst: WorstPhoto) throws -> String {
        let sample = try worst.photo.sample(), (width, height) = (sample.width, sample.height)
        let photo = try encodeJPEG(
            width: width, height: height, channels: 3, pixels: sample.pixels, quality: 85)
        let pictures = try [sample.labels, worst.labels].map {
            try encodePalettePNG(width: width, height: height, indices: $0, palette: palette)
        }
        let images = [("jpeg", photo, "photo"), ("png", pictures[0], "truth"), ("png", pictures[1], "found")]
            .map {
                "<img alt=\"\($2)\" title=\"\($2)\" src=\"data:image/\($0);base64,\(base64($1))\">"
            }
        let caption = "\(markup(worst.set)): \(markup(sample.name)), \(percent(worst.accuracy)) % right"
        return "<figure>\(images.joined(separator: "\n"))<figcaption>\(caption)</figcaption></figure>"
    }

    /// Labels that say less than a class, above the VOC's: dark grey.
    private static let palette: [Color] = vocPalette.enumerated().map { label, color in
        Sample.excluded(by: UInt8(label)) == nil ? color : (64, 64, 64)
    }
}

/// RFC 4648, on one line.
func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = (group + [0, 0]).prefix(3).reduce(0) { $0 << 8 | Int($1) }
        for place in 0..<4 {
            text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
        }
    }
    return String(decoding: text, as: UTF8.self)
}
