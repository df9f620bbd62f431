import SAMT

/// What is wrong with a broken loss's gradient.
package enum LossFault: CaseIterable, Sendable {
  /// It is 1 % too large.
  case scaled
  /// It has the wrong sign.
  case negated
  /// It is a sum over the batch and not a mean.
  case summed
  /// Its first entry is not written.
  case entryMissing
}

/// The negative control of a gradient check: another loss with its gradient broken on purpose.
package struct BrokenLoss: Loss {
  private let base: any Loss
  private let fault: LossFault

  package init(base: any Loss, fault: LossFault) {
    self.base = base
    self.fault = fault
  }

  package func evaluate(_ predictions: Tensor, targets: Targets, gradient: inout Tensor) -> Double {
    let first = gradient.elements[0]
    let value = base.evaluate(predictions, targets: targets, gradient: &gradient)
    switch fault {
    case .scaled: Kernels.scale(&gradient, by: 1.01)
    case .negated: Kernels.scale(&gradient, by: -1)
    case .summed: Kernels.scale(&gradient, by: Float(targets.count))
    case .entryMissing: gradient.withMutableSpan { $0[0] = first }
    }
    return value
  }
}
