extension MDLAM {
  /// W_l: a gradient step on f(W) = mu/2 |W|^2 + rho/2 |r|^2, r = A W^T + b - z.
  ///
  ///     G = mu W + rho r^T A,   W = W - G / theta
  ///
  /// theta is the smallest of 1, 2, 4 ... for which the quadratic model with curvature theta lies above f at the new
  /// point. f is quadratic with curvature mu + rho |A G^T|^2 / |G|^2 along G: theta is the smallest that is no less.
  /// Where none up to 1024 is, W stays.
  func updateWeight(_ index: Int, _ inputs: Tensor, _ beta: Float) {
    let layer = layers[index]
    guard !layer.weight.isFrozen else { return }
    let inputs = index == 0 ? inputs : layers[index - 1].activation
    let before = beta == 0 ? 0 : weightObjective(layer, layer.residual)
    // The residual of the point where the step begins: `layer.trial`.
    layer.weightHistory.extrapolate(&layer.weight.value, by: beta)
    if beta == 0 || index == 0 {
      Kernels.copy(layer.residual, into: &layer.trial)
      if index == 0 { firstProduct.extrapolate(by: beta, residual: &layer.trial) }
    } else {
      layer.writeResidual(inputs, into: &layer.trial)
    }
    let moved = descend(index, inputs)
    if beta != 0 && !(moved && weightObjective(layer, layer.trial) <= before) {
      rejections += 1
      layer.weightHistory.restore(&layer.weight.value)
      if index == 0 { firstProduct.restore() }
      Kernels.copy(layer.residual, into: &layer.trial)
      _ = descend(index, inputs)
    }
    swap(&layer.residual, &layer.trial)
  }

  /// mu/2 |W|^2 + rho/2 |r|^2.
  private func weightObjective(_ layer: MDLAMLayer, _ residual: Tensor) -> Double {
    weightCost(layer) + residualCost(residual)
  }

  /// The step from where W and the residual `trial` are; false where no theta will do.
  private func descend(_ index: Int, _ inputs: Tensor) -> Bool {
    if index == 0 && firstProduct.hasGram { return descendInPlace(inputs) }
    let layer = layers[index]
    let (rho, mu) = (configuration.penalty, configuration.weightPenalty)
    Kernels.copy(layer.weight.value, into: &layer.weightGradient)
    Kernels.multiply(layer.trial, transposeA: true, inputs, into: &layer.weightGradient, alpha: rho, beta: mu)
    Kernels.multiply(inputs, layer.weightGradient, transposeB: true, into: &layer.product)
    let squared = Kernels.dot(layer.weightGradient, layer.weightGradient)
    let curvature = Double(mu) + Double(rho) * Kernels.dot(layer.product, layer.product) / squared
    guard let theta = stepDivisor(curvature) else { return false }
    Kernels.add(layer.weightGradient, scaledBy: -1 / theta, to: &layer.weight.value)
    Kernels.add(layer.product, scaledBy: -1 / theta, to: &layer.trial)
    if index == 0 { firstProduct.descend(layer.product, by: 1 / theta) }
    return true
  }

  /// The smallest power of two from 1 to 1024 that is no less than a curvature.
  ///
  /// Nil where none is, or the curvature is no number, as at a stationary point.
  func stepDivisor(_ curvature: Double) -> Float? {
    var theta: Float = 1
    while !(curvature <= Double(theta)) {
      theta *= 2
      if theta > MDLAM.largestDivisor { return nil }
    }
    return theta
  }

  /// The cap of theta and tau.
  static let largestDivisor: Float = 1024
}
