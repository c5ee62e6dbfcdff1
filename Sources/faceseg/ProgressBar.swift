// ProgressBar: what the line at the foot of a terminal says: how many photos are done and how long the others
// will take. Only the text; Console draws it.

struct ProgressBar {
    let count: Int
    /// Seconds of ``now()``.
    let start: Double
    /// Photos; the one under way counts by its share.
    var done = 0.0
    /// What else is to be said, behind the rest.
    var note = ""

    private static let longestBar = 42, shortestBar = 12

    /// In at most `columns` of a terminal; the less room, the less is said.
    func text(columns: Int, at time: Double) -> String {
        // A terminal may begin a new line once the last column is filled.
        let room = columns - 1
        let short = "\(Int(done)) of \(count)"
        let timed = remaining(at: time).map { short + ", " + Self.duration($0) + " left" } ?? short
        let long = note.isEmpty ? timed : timed + ", " + note
        let bar = min(room - long.utf8.count - 1, Self.longestBar)
        if bar >= Self.shortestBar { return Self.bar(done / Double(count), bar) + " " + long }
        return [long, short].first { $0.utf8.count <= room } ?? ""
    }

    /// Seconds, if the photos to come take as long as those before; nil while that is a mere guess.
    func remaining(at time: Double) -> Double? {
        let elapsed = time - start
        guard elapsed >= 1, done > 0 else { return nil }
        return elapsed / done * (Double(count) - done)
    }

    /// `[####......]`
    private static func bar(_ share: Double, _ length: Int) -> String {
        let inner = length - 2, full = min(Int(share * Double(inner)), inner)
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: inner - full) + "]"
    }

    /// `12 s`, `3 min 20 s`, `2 h 5 min`, never less than what is left.
    static func duration(_ seconds: Double) -> String {
        let seconds = Int(min(seconds, 1e9).rounded(.up))
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        let minutes = (seconds + 59) / 60
        return "\(minutes / 60) h \(minutes % 60) min"
    }
}
