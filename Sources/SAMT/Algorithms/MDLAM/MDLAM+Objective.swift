extension MDLAM {
  /// mu/2 |W|^2.
  func weightCost(_ layer: MDLAMLayer) -> Double {
    Double(configuration.weightPenalty) / 2 * Kernels.dot(layer.weight.value, layer.weight.value)
  }

  /// rho/2 |r|^2.
  func residualCost(_ residual: Tensor) -> Double {
    Double(configuration.penalty) / 2 * Kernels.dot(residual, residual)
  }

  /// The largest |relu(z_l) - a_l|; 0 for the last layer, which has no constraint.
  func constraintGap(_ layer: MDLAMLayer) -> Double {
    var largest: Float = 0
    let count = layer.activation.count
    layer.preactivation.withSpan { z in
      layer.activation.withSpan { a in
        for i in 0..<count { largest = max(largest, abs(max(z[i], 0) - a[i])) }
      }
    }
    return Double(largest)
  }

  /// F and its summands behind the last iteration, and how the iteration went.
  ///
  /// | name | |
  /// |---|---|
  /// | `objective` | F, the sum of the next three |
  /// | `outputLoss` | R(z_L) |
  /// | `weightCost` | the sum of mu/2 abs(W_l)^2 |
  /// | `residualCost` | the sum of rho/2 abs(r_l)^2 |
  /// | `constraintGap` | the largest of all abs(relu(z_l) - a_l) |
  /// | `tolerance` | epsilon |
  /// | `constraintRise` | how far tighter constraints raised F in this iteration |
  /// | `rejectedExtrapolations` | updates of this iteration that were done again without extrapolation |
  public var metrics: [String: Double] {
    let weightCost = layers.reduce(0) { $0 + self.weightCost($1) }
    let residualCost = layers.reduce(0) { $0 + self.residualCost($1.residual) }
    return [
      "objective": outputLoss + weightCost + residualCost, "outputLoss": outputLoss, "weightCost": weightCost,
      "residualCost": residualCost, "constraintGap": layers.reduce(0) { max($0, constraintGap($1)) },
      "tolerance": Double(tolerance), "constraintRise": constraintRise,
      "rejectedExtrapolations": Double(rejections),
    ]
  }

  /// Each layer's `residualCost`, rho/2 |r_l|^2, and `constraintGap`, the largest |relu(z_l) - a_l|.
  public var blockReports: [BlockReport] {
    layers.map {
      BlockReport(
        name: $0.name, metrics: ["residualCost": residualCost($0.residual), "constraintGap": constraintGap($0)])
    }
  }
}
