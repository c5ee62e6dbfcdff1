// TrainingPlot: training.svg, redrawn as the run goes: losses above, pixel accuracy, mean IU and each class's F1 below,
// over the iterations. It begins from what log.csv says, so that a run that goes on has all of its curve.
import FaceSegKit

#if canImport(Glibc)
    import Glibc
#endif

/// Draws a run's curves.
package struct TrainingPlot: TrainingObserver {
    private let path: String, title: String, classes: [String], display: Int
    private var losses: [Point] = [], validationLosses: [Point] = [], scores: [[Point]]
    private var lastDrawn = -Double.infinity
    private static let secondsBetween = 10.0

    typealias Point = SIMD2<Double>

    package init(path: String, title: String, classes: [String], display: Int) {
        (self.path, self.title, self.classes, self.display) = (path, title, classes, max(display, 1))
        scores = Array(repeating: [], count: 2 + classes.count)
    }

    /// Takes the lines of a log.csv, as far as they are numbers.
    package mutating func load(csv path: String) {
        guard let text = try? textFile(path) else { return }
        for line in text.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
            guard cells.count == 11 + classes.count, let iteration = cells[0] else { continue }
            func add(_ column: Int, _ points: inout [Point]) {
                if let value = cells[column] { points.append(Point(iteration, value)) }
            }
            add(4, &losses)
            add(5, &validationLosses)
            for (i, column) in ([6, 8] + Array(11..<cells.count)).enumerated() { add(column, &scores[i]) }
        }
    }

    package mutating func see(_ event: TrainingEvent) throws(FaceSegError) {
        switch event {
        case .iteration(let report) where (report.iteration + 1) % display == 0:
            losses.append(Point(Double(report.iteration + 1), Double(report.loss)))
            if report.seconds - lastDrawn >= Self.secondsBetween {
                lastDrawn = report.seconds
                try draw()
            }
        case .validation(let report):
            let at = Double(report.iteration), matrix = report.matrix
            validationLosses.append(Point(at, report.loss))
            let values = [matrix.pixelAccuracy, matrix.meanIU] + classes.indices.map { matrix.f1(of: $0) }
            for (i, value) in values.enumerated() { if let value { scores[i].append(Point(at, value)) } }
            try draw()
        default: break
        }
    }

    /// Writes the file.
    package func draw() throws(FaceSegError) { try writeFile(svg, to: path) }

    var svg: String {
        let last = max((losses + validationLosses + scores.flatMap { $0 }).map(\.x).max() ?? 1, 1)
        let names = ["pixel accuracy", "mean IU"] + classes.map { "F1 \($0)" }
        let above = Panel(
            top: 50, title: "loss", last: last, axis: lossAxis,
            curves: [("training", losses), ("validation", validationLosses)])
        let below = Panel(
            top: 330, title: "validation scores", last: last, axis: Axis(range: lowest...1),
            curves: zip(names, scores).map { ($0, $1) })
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="820" height="610" font-family="sans-serif" font-size="12">
            <rect width="820" height="610" fill="white"/>
            <text x="70" y="28" font-size="16">\(markup(title))</text>
            \(above.svg)
            \(below.svg)
            </svg>

            """
    }

    /// Logarithmic where the losses fall far: a beginning would press the rest flat.
    private var lossAxis: Axis {
        let values = (losses + validationLosses).map(\.y).filter { $0.isFinite && $0 >= 0 }
        let highest = max(values.max() ?? 1, 1e-12), lowest = values.min() ?? 0
        guard lowest > 0, highest > 20 * lowest else { return Axis(range: 0...highest) }
        return Axis(range: lowest...highest, isLogarithmic: true)
    }

    /// Of the scores' axis: a tenth below the lowest.
    private var lowest: Double {
        let lowest = scores.flatMap { $0 }.map(\.y).min() ?? 0
        return max((lowest * 10).rounded(.down) / 10, 0)
    }
}

/// Where a number stands between bottom (0) and top (1), and which numbers are written beside.
private struct Axis {
    let range: ClosedRange<Double>
    var isLogarithmic = false

    func place(_ value: Double) -> Double {
        func scaled(_ number: Double) -> Double { isLogarithmic ? log10(max(number, 1e-300)) : number }
        let low = scaled(range.lowerBound), high = scaled(range.upperBound)
        return high > low ? min(max((scaled(value) - low) / (high - low), 0), 1) : 0.5
    }

    var ticks: [Double] {
        guard isLogarithmic else { return FaceSegTraining.ticks(range) }
        let first = Int(log10(range.lowerBound).rounded(.down)),
            last = Int(log10(range.upperBound).rounded(.up))
        let factors: [Double] = last - first <= 3 ? [1, 2, 5] : [1]
        return (first...last).flatMap { power in factors.map { $0 * pow(10, Double(power)) } }.filter(
            range.contains)
    }
}

/// One set of axes with its curves.
private struct Panel {
    let top: Double, title: String, last: Double, axis: Axis
    let curves: [(name: String, points: [TrainingPlot.Point])]

    private static let left = 70.0, width = 560.0, height = 220.0
    private static let colors = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#7f7f7f"]

    var svg: String {
        let lines = curves.enumerated().filter { !$1.points.isEmpty }
        return
            ([frame] + grid + lines.map { curve($1.points, Self.colors[$0 % Self.colors.count]) }
            + lines.enumerated().map { row, line in
                legend(row, line.1.name, line.1.points.last!.y, Self.colors[line.0 % Self.colors.count])
            }).joined(separator: "\n")
    }

    private var frame: String {
        "<rect x=\"\(Self.left)\" y=\"\(top)\" width=\"\(Self.width)\" height=\"\(Self.height)\" fill=\"none\" "
            + "stroke=\"#888\"/>\n<text x=\"\(Self.left)\" y=\"\(top - 6)\">\(markup(title))</text>"
    }

    private func x(_ value: Double) -> Double { Self.left + Self.width * value / last }

    private func y(_ value: Double) -> Double { top + Self.height * (1 - axis.place(value)) }

    private var grid: [String] {
        let rows = axis.ticks.map { value in
            "<line x1=\"\(Self.left)\" x2=\"\(Self.left + Self.width)\" y1=\"\(fixed(y(value), 1))\" "
                + "y2=\"\(fixed(y(value), 1))\" stroke=\"#ddd\"/>"
                + "<text x=\"\(Self.left - 6)\" y=\"\(fixed(y(value) + 4, 1))\" text-anchor=\"end\">"
                + "\(general(value, digits: 4))</text>"
        }
        let columns = FaceSegTraining.ticks(0...last).map { value in
            "<text x=\"\(fixed(x(value), 1))\" y=\"\(top + Self.height + 16)\" text-anchor=\"middle\">"
                + "\(general(value, digits: 7))</text>"
        }
        return rows + columns
    }

    /// At most a thousand points, each the mean of its neighbours.
    private func curve(_ points: [TrainingPlot.Point], _ color: String) -> String {
        let step = (points.count + 999) / 1000
        let places = stride(from: 0, to: points.count, by: step).map { start -> String in
            let part = points[start..<min(start + step, points.count)]
            let mean = part.reduce(.zero, +) / Double(part.count)
            return "\(fixed(x(mean.x), 1)),\(fixed(y(mean.y), 1))"
        }
        let line =
            "<polyline points=\"\(places.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.5\"/>"
        guard points.count == 1 else { return line }
        return line
            + "<circle cx=\"\(fixed(x(points[0].x), 1))\" cy=\"\(fixed(y(points[0].y), 1))\" r=\"2\" fill=\"\(color)\"/>"
    }

    private func legend(_ row: Int, _ name: String, _ value: Double, _ color: String) -> String {
        let at = top + 14 + 18 * Double(row), left = Self.left + Self.width + 12
        return
            "<line x1=\"\(left)\" x2=\"\(left + 18)\" y1=\"\(at - 4)\" y2=\"\(at - 4)\" stroke=\"\(color)\" "
            + "stroke-width=\"2\"/><text x=\"\(left + 24)\" y=\"\(at)\">\(markup(name)) "
            + "\(general(value, digits: 4))</text>"
    }
}

/// Round numbers in a range, four to nine of them.
private func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let length = range.upperBound - range.lowerBound
    guard length > 0, length.isFinite else { return [range.lowerBound] }
    var step = 1e-15
    while length / step > 1e3 { step *= 10 }
    for factor in [1.0, 2, 5, 10, 20, 50, 100, 200, 500] where length / (step * factor) <= 8 {
        step *= factor
        break
    }
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    return (0..<12).map { (first + Double($0)) * step }.filter { $0 <= range.upperBound + 1e-9 * length }
}
