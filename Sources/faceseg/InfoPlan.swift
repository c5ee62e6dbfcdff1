// InfoPlan: what `info --plan` and `info --time` show: the steps of a run, and what each takes on this machine.
import FaceSegKit

/// The steps of a run, and their times where these were asked for.
struct InfoPlan {
    private let plan: PlanSummary
    private let times: StageTimes?

    init(_ plan: PlanSummary, times: StageTimes?) { (self.plan, self.times) = (plan, times) }

    /// How to make what the command line asks for, given the number of runs to time; nil: nothing of it.
    static func wanted(
        _ arguments: Arguments, _ make: @escaping (_ runs: Int?) throws -> InfoPlan
    ) throws(CommandError) -> (() throws -> InfoPlan)? {
        let runs = try arguments.integer("--runs", 1...1000)
        guard arguments.has("--time") || runs == nil else {
            throw .usage("--runs is about --time")
        }
        if arguments.has("--time") { return { try make(runs ?? 10) } }
        return arguments.has("--plan") ? { try make(nil) } : nil
    }

    private func milliseconds(_ step: PlanSummary.Step) -> Double? { times?.stages[step.stage] }
}

extension InfoPlan {
    /// As columns.
    var text: String {
        var rows = [["step", "kernel", "computed", "of", "products"]]
        rows[0] += times == nil ? [] : ["ms", "% of the run", "GFLOP/s"]
        for step in plan.steps {
            rows.append(
                [
                    step.layers.isEmpty ? "-" : step.layers.joined(separator: " + "),
                    step.bands == 1 ? step.kernel : "\(step.kernel), \(step.bands) bands",
                    step.computed.map { "\($0.rows) x \($0.columns)" } ?? "", step.shape.description,
                    count(step.products),
                ] + cells(milliseconds(step), step.multiplyAdds))
        }
        rows.append(["total", "", "", "", grouped(plan.products)] + cells(times?.run, plan.multiplyAdds))
        return (table(rows, numbers: [4, 5, 6, 7]) + [""]).joined(separator: "\n")
    }

    private func cells(_ milliseconds: Double?, _ multiplyAdds: Int) -> [String] {
        guard let milliseconds, let run = times?.run else { return [] }
        let rate = 2 * Double(multiplyAdds) / (milliseconds * 1e6)
        return [
            threeDigits(milliseconds), oneDigit(100 * milliseconds / run),
            multiplyAdds == 0 || milliseconds == 0 ? "" : oneDigit(rate),
        ]
    }
}

extension InfoPlan {
    var json: JSON {
        .object(
            [
                ("steps", .list(plan.steps.map(json))), ("products", .integer(plan.products)),
                ("multiply_adds", .integer(plan.multiplyAdds)),
            ] + (times.map { [("milliseconds", .number($0.run))] } ?? []))
    }

    private func json(_ step: PlanSummary.Step) -> JSON {
        .object(
            [
                ("layers", .list(step.layers.map(JSON.text))), ("kernel", .text(step.kernel)),
                (
                    "computed",
                    step.computed.map { .list([.integer($0.rows), .integer($0.columns)]) } ?? .null
                ),
                ("shape", .list(step.shape.dimensions.map(JSON.integer))),
                ("products", .integer(step.products)), ("multiply_adds", .integer(step.multiplyAdds)),
                ("bands", .integer(step.bands)),
            ] + (milliseconds(step).map { [("milliseconds", .number($0))] } ?? []))
    }
}
