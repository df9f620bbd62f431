extension MDLAM {
  /// b_l: the exact minimizer, which takes the mean over the examples from each column of the residual.
  ///
  /// Where an extrapolation would begin makes no difference to it.
  func updateBias(_ index: Int) {
    let layer = layers[index]
    guard let bias = layer.bias, !bias.isFrozen else { return }
    Kernels.sumRows(of: layer.residual, into: &layer.columnSums)
    Kernels.scale(&layer.columnSums, by: -1 / Float(examples))
    Kernels.add(layer.columnSums, to: &bias.value)
    Kernels.addToRows(layer.columnSums, to: &layer.residual)
  }
}
