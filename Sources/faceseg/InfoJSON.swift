// InfoJSON: what `info` knows, for programs.
import FaceSegKit

func infoJSON(
    _ model: Model, _ summary: ModelSummary, _ memory: ModelMemory, _ plan: InfoPlan?, threads: Int
) -> JSON {
    let info = model.info
    let planned = plan.map { [("plan", $0.json)] } ?? []
    return .object(
        [
            ("name", .text(info.name)), ("version", .text(info.version)), ("license", .text(info.license)),
            ("description", .text(info.description)), ("accuracy", .text(info.accuracy)),
            ("classes", .list(info.classNames.map(JSON.text))),
            ("preprocessing", preprocessing(model.preprocessing)),
            ("inputs", .list(summary.inputs.map(input))), ("outputs", .list(summary.outputs.map(output))),
            ("layers", .list(summary.layers.map(layer))),
            ("weights", .integer(summary.weightCount)), ("multiply_adds", .integer(summary.multiplyAdds)),
            (
                "memory",
                .object([
                    ("weights", .integer(memory.weights)), ("scratch", .integer(memory.scratch)),
                    ("least_scratch", .integer(memory.leastScratch)),
                    ("threads", .integer(threads)),
                ])
            ),
            (
                "runtime",
                .object([
                    ("version", .text(version)), ("cpu", .text(Runtime.cpu)),
                    ("openmp", Runtime.openMP.map(JSON.text) ?? .null),
                    ("threads", .integer(Runtime.processors)),
                ])
            ),
        ] + planned)
}

/// Sizes that are null: the photo's own, and no reduction.
private func preprocessing(_ preprocessing: Preprocessing) -> JSON {
    .object([
        ("mean_bgr", floats(preprocessing.mean)), ("scale", float(preprocessing.scale)),
        ("working_size", preprocessing.workingSize.map(JSON.integer) ?? .null),
        ("reduce_size", preprocessing.reduceSize.map(JSON.integer) ?? .null),
        ("canvas", .text(preprocessing.canvas == .square ? "square" : "none")),
        ("canvas_color_bgr", floats(preprocessing.canvasColor)),
        ("multiple_of", .integer(preprocessing.multipleOf)), ("exposure", .text("\(preprocessing.exposure)")),
    ])
}

private func input(_ input: ModelSummary.Input) -> JSON {
    .object([
        ("name", .text(input.name)), ("shape", sides(input.shape)), ("declared", .truth(input.isDeclared)),
    ])
}

private func output(_ output: ModelSummary.Output) -> JSON {
    .object([("name", .text(output.name)), ("shape", sides(output.shape)), ("main", .truth(output.isMain))])
}

private func layer(_ layer: ModelSummary.Layer) -> JSON {
    .object([
        ("name", .text(layer.name)), ("type", .text(layer.type)),
        ("inputs", .list(layer.inputs.map(JSON.text))),
        ("outputs", .list(layer.outputs.map(JSON.text))), ("shapes", .list(layer.outputShapes.map(sides))),
        ("weights", .integer(layer.weightCount)), ("multiply_adds", .integer(layer.multiplyAdds)),
    ])
}

private func sides(_ shape: Shape) -> JSON { .list(shape.dimensions.map(JSON.integer)) }

private func floats(_ numbers: [Float]) -> JSON { .list(numbers.map(float)) }

/// With a float's digits, not those of the double next to it.
private func float(_ number: Float) -> JSON { .number(Double("\(number)") ?? Double(number)) }
