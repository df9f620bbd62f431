extension MDLAM {
  /// z_L: a minimizer of R(z) + rho/2 |z - m|^2, m = a_(L-1) W_L^T + b_L, by ``OutputUpdate``.
  ///
  /// Where FISTA comes out above the old value, it begins again without extrapolation, then with shorter steps; in the
  /// end z stays.
  func updateOutput(_ targets: Targets, _ loss: any Loss, _ beta: Float) {
    let layer = layers[layers.count - 1]
    // m takes the residual's place.
    Kernels.add(layer.preactivation, to: &layer.residual)
    minimizeOutput(
      OutputUpdate.Problem(loss: loss, targets: targets, center: layer.residual, penalty: configuration.penalty), layer,
      beta)
    Kernels.add(layer.preactivation, scaledBy: -1, to: &layer.residual)
  }

  private func minimizeOutput(_ problem: OutputUpdate.Problem, _ layer: MDLAMLayer, _ beta: Float) {
    let before = output.objective(problem, at: layer.preactivation)
    output.history.extrapolate(&layer.preactivation, by: beta)
    var stepSize = OutputUpdate.stepSize
    var found = output.minimize(problem, from: &layer.preactivation, stepSize: stepSize)
    if beta != 0 && !(found <= before) {
      rejections += 1
      output.history.restore(&layer.preactivation)
      found = output.minimize(problem, from: &layer.preactivation, stepSize: stepSize)
    }
    while !(found <= before) && stepSize > OutputUpdate.shortestStepSize {
      stepSize /= 2
      output.history.restore(&layer.preactivation)
      found = output.minimize(problem, from: &layer.preactivation, stepSize: stepSize)
    }
    if !(found <= before) { output.history.restore(&layer.preactivation) }
    outputLoss = output.loss(problem, at: layer.preactivation)
  }
}
