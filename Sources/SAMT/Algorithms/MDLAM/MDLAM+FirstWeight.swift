extension MDLAM {
  /// The step of the first layer's W where the Gram matrix K = X X^T is known: one product with X, which adds the
  /// gradient to W as it is computed.
  ///
  ///     Q = X G^T = rho K r + mu P,   P = X W^T
  ///     |G|^2 = mu^2 |W|^2 + mu rho <r, P> + rho <r, Q>
  ///     W = (1 - mu / theta) W - rho / theta r^T X
  ///
  /// Where |G|^2 is lost in the roundings of its summands, W is at a stationary point and stays.
  func descendInPlace(_ inputs: Tensor) -> Bool {
    let layer = layers[0]
    let (rho, mu) = (configuration.penalty, configuration.weightPenalty)
    firstProduct.writeGradientProduct(residual: layer.trial, penalty: rho, weightPenalty: mu, into: &layer.product)
    let ofWeights = Double(mu) * Double(mu) * Kernels.dot(layer.weight.value, layer.weight.value)
    let ofBoth = Double(mu) * Double(rho) * Kernels.dot(layer.trial, firstProduct.value)
    let ofResidual = Double(rho) * Kernels.dot(layer.trial, layer.product)
    let squared = ofWeights + ofBoth + ofResidual
    guard squared > 1e-6 * (ofWeights + abs(ofBoth) + abs(ofResidual)) else { return false }
    let curvature = Double(mu) + Double(rho) * Kernels.dot(layer.product, layer.product) / squared
    guard let theta = stepDivisor(curvature) else { return false }
    Kernels.multiply(
      layer.trial, transposeA: true, inputs, into: &layer.weight.value, alpha: -rho / theta, beta: 1 - mu / theta)
    Kernels.add(layer.product, scaledBy: -1 / theta, to: &layer.trial)
    firstProduct.descend(layer.product, by: 1 / theta)
    return true
  }
}
