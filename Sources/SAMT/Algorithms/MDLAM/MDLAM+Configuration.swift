extension MDLAM {
  /// mDLAM's settings; the defaults are the authors' values.
  public struct Configuration: Sendable {
    /// rho, what residuals of the linear layers cost.
    public var penalty: Float = 1e-3
    /// mu, what weights cost; biases cost nothing.
    public var weightPenalty: Float = 0.05
    /// epsilon of the first iteration.
    public var initialTolerance: Float = 100
    /// What epsilon ends with.
    public var finalTolerance: Float = 1e-3
    /// Whether updates begin at points extrapolated by Nesterov's momentum.
    public var isAccelerated = true

    /// The defaults.
    public init() {}

    /// epsilon of an iteration, counted from 1: half of the one before, down to the last.
    func tolerance(ofIteration iteration: Int) -> Float {
      max(initialTolerance * Float(sign: .plus, exponent: 1 - iteration, significand: 1), finalTolerance)
    }

    func validate() throws(SAMTError) {
      guard penalty > 0, penalty.isFinite else {
        throw .configuration("mDLAM's penalty must be positive and finite, found \(penalty)")
      }
      guard weightPenalty >= 0, weightPenalty.isFinite else {
        throw .configuration("mDLAM's weight penalty must be finite and not negative, found \(weightPenalty)")
      }
      guard finalTolerance > 0, finalTolerance <= initialTolerance, initialTolerance.isFinite else {
        throw .configuration(
          "mDLAM's tolerances must be positive and finite and not grow, found \(initialTolerance) to \(finalTolerance)")
      }
    }
  }

  /// The linear layers of a ReLU perceptron, from input to output.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` naming the first layer that does not belong there.
  static func linearLayers(of model: Model) throws(SAMTError) -> [(layer: Linear, name: String)] {
    func refuse(_ found: String) -> SAMTError {
      .configuration("mDLAM trains perceptrons of linear layers with ReLU between them, found \(found)")
    }
    var found: [(layer: Linear, name: String)] = []
    for (index, layer) in model.layers.enumerated() {
      let name = model.layerNames[index]
      if index % 2 == 0 {
        guard let linear = layer as? Linear else { throw refuse("\(name) where a linear layer would be") }
        found.append((linear, name))
      } else if !(layer is ReLU) {
        throw refuse("\(name) where a ReLU would be")
      }
    }
    guard model.layers.count % 2 == 1 else { throw refuse("a ReLU behind the last linear layer") }
    if model.graph.hasSums { throw refuse("a residual connection") }
    return found
  }
}
