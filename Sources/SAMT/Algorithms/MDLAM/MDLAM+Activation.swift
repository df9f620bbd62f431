extension MDLAM {
  /// a_l, l < L: a projected gradient step on f(a) = rho/2 |r|^2, r = a W_(l+1)^T + b_(l+1) - z_(l+1).
  ///
  ///     g = rho r W_(l+1),   a = a - g / tau, then between relu(z_l) - epsilon and relu(z_l) + epsilon
  ///
  /// tau is the smallest of 1, 2, 4 ... for which the quadratic model with curvature tau lies above f at the new point,
  /// which for a move d of a quadratic f is rho |d W^T|^2 <= tau |d|^2. Where none up to 1024 is, a stays.
  func updateActivation(_ index: Int, _ beta: Float) {
    let (layer, next) = (layers[index], layers[index + 1])
    if isTighter { bringActivationBack(layer, next) }
    let before = beta == 0 ? 0 : residualCost(next.residual)
    layer.activationHistory.extrapolate(&layer.activation, by: beta)
    if beta == 0 {
      Kernels.copy(next.residual, into: &next.trial)
    } else {
      next.writeResidual(layer.activation, into: &next.trial)
    }
    let moved = descend(layer, next)
    if beta != 0 && !(moved && residualCost(next.trial) <= before) {
      rejections += 1
      layer.activationHistory.restore(&layer.activation)
      Kernels.copy(next.residual, into: &next.trial)
      _ = descend(layer, next)
    }
    swap(&next.residual, &next.trial)
  }

  /// The step from where a and the next layer's residual `trial` are; false where no tau will do.
  private func descend(_ layer: MDLAMLayer, _ next: MDLAMLayer) -> Bool {
    let rho = Double(configuration.penalty)
    Kernels.multiply(next.trial, next.weight.value, into: &layer.activationGradient, alpha: configuration.penalty)
    var tau: Float = 1
    while tau <= MDLAM.largestDivisor {
      writeProjectedStep(of: layer, scale: 1 / tau)
      Kernels.multiply(layer.activationStep, next.weight.value, transposeB: true, into: &next.product)
      let squared = Kernels.dot(layer.activationStep, layer.activationStep)
      if rho * Kernels.dot(next.product, next.product) <= Double(tau) * squared {
        Kernels.add(layer.activationStep, to: &layer.activation)
        Kernels.add(next.product, to: &next.trial)
        return true
      }
      tau *= 2
    }
    return false
  }

  /// Brings an a that is outside of a tighter constraint to its nearest point within, which may raise F.
  private func bringActivationBack(_ layer: MDLAMLayer, _ next: MDLAMLayer) {
    writeProjectedStep(of: layer, scale: 0)
    guard Kernels.dot(layer.activationStep, layer.activationStep) > 0 else { return }
    let before = residualCost(next.residual)
    Kernels.multiply(layer.activationStep, next.weight.value, transposeB: true, into: &next.product)
    Kernels.add(layer.activationStep, to: &layer.activation)
    Kernels.add(next.product, to: &next.residual)
    constraintRise += max(residualCost(next.residual) - before, 0)
  }

  /// What a step along the gradient and the projection behind it move a by.
  private func writeProjectedStep(of layer: MDLAMLayer, scale: Float) {
    let (count, epsilon) = (layer.activation.count, tolerance)
    layer.activation.withSpan { a in
      layer.preactivation.withSpan { z in
        layer.activationGradient.withSpan { g in
          layer.activationStep.withMutableSpan { step in
            for i in 0..<count {
              let center = max(z[i], 0)
              step[i] = min(max(a[i] - scale * g[i], center - epsilon), center + epsilon) - a[i]
            }
          }
        }
      }
    }
  }
}
