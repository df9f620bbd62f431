extension MDLAM {
  /// z_l, l < L: the point nearest to m = a_(l-1) W_l^T + b_l that satisfies |relu(z) - a_l| <= epsilon, element by
  /// element.
  ///
  ///     z = min(m, a + epsilon),   where a > epsilon at least a - epsilon
  ///
  /// That is exact, so where an extrapolation would begin makes no difference to it. F rises only where the old z is
  /// outside of the constraint, which has become tighter.
  func updatePreactivation(_ index: Int) {
    let layer = layers[index]
    let before = residualCost(layer.residual)
    Kernels.add(layer.residual, to: &layer.preactivation)
    let (count, epsilon) = (layer.preactivation.count, tolerance)
    layer.activation.withSpan { a in
      layer.preactivation.withMutableSpan { z in
        layer.residual.withMutableSpan { r in
          for i in 0..<count {
            let m = z[i]
            var nearest = min(m, a[i] + epsilon)
            if a[i] > epsilon { nearest = max(nearest, a[i] - epsilon) }
            z[i] = nearest
            r[i] = m - nearest
          }
        }
      }
    }
    if isTighter { constraintRise += max(residualCost(layer.residual) - before, 0) }
  }
}
