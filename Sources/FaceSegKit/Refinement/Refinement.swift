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
}
