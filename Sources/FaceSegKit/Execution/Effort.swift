// Effort: how many products of two floats a layer takes, as its kernel computes it. Not what moving numbers costs.

extension Operation {
    /// Products of what is computed.
    func products(_ inputs: [Shape], _ output: Shape, computed: Box?, _ precision: Precision) -> Int {
        switch self {
        case .convolution(let convolution):
            let perPixel = product([inputs[0][1] / convolution.group, output[0], output[1]])
            let form = convolution.form(inputs[0], precision)
            return product([
                form.products(convolution, rows: computed!.rows.count, columns: computed!.columns.count),
                perPixel,
            ])
        case .deconvolution(let deconvolution):
            let all = product([
                inputs[0].count, deconvolution.filters / deconvolution.group, deconvolution.window.area,
            ])
            guard let rows = computed?.rows.count, rows < output[2] else { return all }
            return Int(Double(all) * Double(rows) / Double(output[2]))
        case .innerProduct(let inner):
            return product([output.count, inputs[0].count / max(output.count / inner.outputs, 1)])
        default: return 0
        }
    }
}
