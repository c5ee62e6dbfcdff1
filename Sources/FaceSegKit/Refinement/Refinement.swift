// Refinement: what is made of the network's probabilities on their way to the photo's size. The names alone.

/// How a ``Segmenter`` brings probabilities to the photo's size.
public enum Refinement: Int32, Sendable, CaseIterable {
    /// By linear interpolation: edges are as soft as the network's picture is coarse.
    case none = 0
    /// Along the photo's own edges, by the guided filter with a guide of three colours, whose coefficients alone are
    /// enlarged. Windows are 1.2 % of the longest side; what counts as an edge follows the photo's contrast.
    ///
    /// - Source: He, Sun and Tang, "Guided image filtering", PAMI 2013, equations 14 to 19; He and Sun, "Fast guided
    ///   filter", arXiv 1505.00996, 2015.
    case guided = 1
    /// As guided, but for alpha: what the probabilities leave open is solved in closed form on the photo itself, so
    /// that hair is as fine as the photo shows it. For stills: it takes about a second for a million pixels.
    ///
    /// - Source: Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", PAMI 2008.
    case matting = 2
    /// By a fully connected conditional random field with the published weights (``DenseCRF``), over the photo's own
    /// pixels up to 1,048,576 of them; above that over a reduced photo, from which the guided filter goes on.
    case crf = 3

    /// Whether the guided filter follows the network.
    var isGuided: Bool { self == .guided || self == .matting }
}
