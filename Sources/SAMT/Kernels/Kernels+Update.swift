import CKernels

// The optimizers' updates: each one pass over memory. Shapes agree because an optimizer makes its state from its
// parameters; `requireCount` says so once more, since C trusts its caller.
extension Kernels {
  /// w = decayFactor w - rate g.
  static func descend(_ w: inout Tensor, gradient g: Tensor, rate: Float, decayFactor: Float) {
    requireCount(w, g, "parameter")
    let n = g.count
    g.withPointer { g in w.withMutablePointer { ck_sgd(table, n, rate, decayFactor, g, $0) } }
  }

  /// v = momentum v + g, then w = decayFactor w - rate v, or with Nesterov's correction w = decayFactor w - rate (g + momentum v).
  static func descend(
    _ w: inout Tensor, velocity v: inout Tensor, gradient g: Tensor, rate: Float, decayFactor: Float, momentum: Float,
    nesterov: Bool
  ) {
    requireCount(w, g, "parameter")
    requireCount(v, g, "velocity")
    let n = g.count
    g.withPointer { g in
      v.withMutablePointer { v in
        w.withMutablePointer { ck_momentum(table, n, rate, decayFactor, momentum, nesterov, g, v, $0) }
      }
    }
  }

  /// Adam's moments and step.
  static func adam(_ w: inout Tensor, m: inout Tensor, v: inout Tensor, gradient g: Tensor, _ args: ck_adam_args) {
    requireCount(w, g, "parameter")
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    let n = g.count
    var args = args
    g.withPointer { g in
      m.withMutablePointer { m in
        v.withMutablePointer { v in w.withMutablePointer { ck_adam(table, n, &args, g, m, v, $0) } }
      }
    }
  }

  /// Adam's moments and step in double precision: see `ck_adam_double`.
  static func adam(
    _ w: inout [Double], m: inout [Double], v: inout [Double], gradient g: [Double], _ args: ck_adam_double_args
  ) {
    ensure(w.count == g.count && m.count == g.count && v.count == g.count, "a gradient and moments for each parameter")
    var args = args
    ck_adam_double(table, g.count, &args, g, &m, &v, &w)
  }

  /// SOAA's moments; returns the sums of m^2 and of v, neither corrected.
  static func soaaMoments(
    _ m: inout Tensor, _ v: inout Tensor, gradient g: Tensor, _ args: ck_soaa_args
  ) -> (firstSquared: Double, second: Double) {
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    let n = g.count
    var args = args
    let sums = g.withPointer { g in
      m.withMutablePointer { m in v.withMutablePointer { ck_soaa_moments(table, n, &args, g, m, $0) } }
    }
    return (sums.first_squared, sums.second)
  }

  /// SOAA's step; returns the loss's reduction that the quadratic model predicts for it.
  static func soaa(_ w: inout Tensor, m: Tensor, v: Tensor, gradient g: Tensor, _ args: ck_soaa_args) -> Double {
    requireCount(w, g, "parameter")
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    let n = g.count
    var args = args
    return g.withPointer { g in
      m.withPointer { m in
        v.withPointer { v in w.withMutablePointer { ck_soaa_step(table, n, &args, g, m, v, $0) } }
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
