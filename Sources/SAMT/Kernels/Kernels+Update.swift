import CKernels

/// The constants of one Adam step; `correction` is 1 - beta^t.
struct AdamStep {
  var rate, keep, beta1, beta2, epsilon, correction1, correction2: Float
}

// The optimizers' updates: each one pass over memory. Shapes agree because an optimizer makes its state from its
// parameters; `requireCount` says so once more, since C trusts its caller.
extension Kernels {
  /// w = keep w - rate g.
  static func descend(_ w: inout Tensor, gradient g: Tensor, rate: Float, keep: Float) {
    requireCount(w, g, "parameter")
    let n = g.count
    g.withPointer { g in w.withMutablePointer { ck_sgd(table, n, rate, keep, g, $0) } }
  }

  /// v = momentum v + g, then w = keep w - rate v, or with Nesterov's correction w = keep w - rate (g + momentum v).
  static func descend(
    _ w: inout Tensor, velocity v: inout Tensor, gradient g: Tensor, rate: Float, keep: Float, momentum: Float,
    nesterov: Bool
  ) {
    requireCount(w, g, "parameter")
    requireCount(v, g, "velocity")
    let n = g.count
    g.withPointer { g in
      v.withMutablePointer { v in
        w.withMutablePointer { ck_momentum(table, n, rate, keep, momentum, nesterov, g, v, $0) }
      }
    }
  }

  /// Adam's moments and step.
  static func adam(_ w: inout Tensor, m: inout Tensor, v: inout Tensor, gradient g: Tensor, _ step: AdamStep) {
    requireCount(w, g, "parameter")
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    let n = g.count
    var args = ck_adam_args(
      rate: step.rate, keep: step.keep, beta1: step.beta1, beta2: step.beta2, epsilon: step.epsilon,
      correction1: step.correction1, correction2: step.correction2)
    g.withPointer { g in
      m.withMutablePointer { m in
        v.withMutablePointer { v in w.withMutablePointer { ck_adam(table, n, &args, g, m, v, $0) } }
      }
    }
  }

  /// average += weight (w - average).
  static func average(_ w: Tensor, into average: inout Tensor, weight: Float) {
    requireCount(average, w, "average")
    let n = w.count
    w.withPointer { w in average.withMutablePointer { ck_average(table, n, weight, w, $0) } }
  }
}
