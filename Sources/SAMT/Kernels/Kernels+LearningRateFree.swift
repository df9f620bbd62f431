import CKernels

// The passes of rules that find their step sizes: shapes as in the other updates.
extension Kernels {
  /// NAdamW's moments and step.
  static func nadamW(
    _ w: inout Tensor, m: inout Tensor, v: inout Tensor, gradient g: Tensor, _ args: ck_nadamw_args
  ) {
    requireCount(w, g, "parameter")
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    let n = g.count
    var args = args
    g.withPointer { g in
      m.withMutablePointer { m in
        v.withMutablePointer { v in w.withMutablePointer { ck_nadamw(table, n, &args, g, m, v, $0) } }
      }
    }
  }

  /// Schedule-Free SGD's step of z and y.
  static func scheduleFreeSGD(_ y: inout Tensor, z: inout Tensor, gradient g: Tensor, _ args: ck_schedule_free_args) {
    requireCount(y, g, "parameter")
    requireCount(z, g, "iterate")
    let n = g.count
    var args = args
    g.withPointer { g in
      z.withMutablePointer { z in y.withMutablePointer { ck_schedule_free_sgd(table, n, &args, g, z, $0) } }
    }
  }

  /// Schedule-Free AdamW's second moment, and its step of z and y.
  static func scheduleFreeAdamW(
    _ y: inout Tensor, z: inout Tensor, v: inout Tensor, gradient g: Tensor, _ args: ck_schedule_free_args,
    _ moment: ck_second_moment_args
  ) {
    requireCount(y, g, "parameter")
    requireCount(z, g, "iterate")
    requireCount(v, g, "second moment")
    let n = g.count
    var (args, moment) = (args, moment)
    g.withPointer { g in
      v.withMutablePointer { v in
        z.withMutablePointer { z in
          y.withMutablePointer { ck_schedule_free_adamw(table, n, &args, &moment, g, v, z, $0) }
        }
      }
    }
  }

  /// Prodigy's moments and weighted sum of gradients; returns the sums of g (start - w) and of |s|.
  static func prodigyMoments(
    _ m: inout Tensor, _ v: inout Tensor, _ s: inout Tensor, gradient g: Tensor, start: Tensor, _ w: Tensor,
    _ args: ck_prodigy_args
  ) -> ck_prodigy_sums {
    requireCount(w, g, "parameter")
    requireCount(start, g, "start")
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    requireCount(s, g, "sum of gradients")
    let n = g.count
    var args = args
    return g.withPointer { g in
      start.withPointer { start in
        w.withPointer { w in
          m.withMutablePointer { m in
            v.withMutablePointer { v in
              s.withMutablePointer { ck_prodigy_moments(table, n, &args, g, start, w, m, v, $0) }
            }
          }
        }
      }
    }
  }

  /// w = decayFactor w - rate m / (sqrt v + epsilon).
  static func step(
    _ w: inout Tensor, along m: Tensor, over v: Tensor, rate: Float, decayFactor: Float, epsilon: Float
  ) {
    requireCount(m, w, "first moment")
    requireCount(v, w, "second moment")
    let n = w.count
    m.withPointer { m in
      v.withPointer { v in w.withMutablePointer { ck_moment_step(table, n, rate, decayFactor, epsilon, m, v, $0) } }
    }
  }

  /// Adam with D-Adaptation; returns the sums that its estimate needs.
  static func dAdaptAdam(
    _ w: inout Tensor, m: inout Tensor, v: inout Tensor, s: inout Tensor, gradient g: Tensor, _ args: ck_dadapt_args
  ) -> ck_dadapt_sums {
    requireCount(w, g, "parameter")
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    requireCount(s, g, "sum of gradients")
    let n = g.count
    var args = args
    return g.withPointer { g in
      m.withMutablePointer { m in
        v.withMutablePointer { v in
          s.withMutablePointer { s in w.withMutablePointer { ck_dadapt_adam(table, n, &args, g, m, v, s, $0) } }
        }
      }
    }
  }

  /// The sums of (w - start)^2 and of g^2.
  static func distanceSums(from start: Tensor, to w: Tensor, gradient g: Tensor) -> ck_distance_sums {
    requireCount(w, g, "parameter")
    requireCount(start, g, "start")
    return start.withPointer { start in
      w.withPointer { w in g.withPointer { ck_distance_sums_of(table, g.count, start, w, $0) } }
    }
  }

  /// Adds to Mechanic's path what another rule moved w by; returns the sums that the scale needs.
  static func mechanicPath(
    _ path: inout Tensor, scale: Float, gradient g: Tensor, start: Tensor, _ w: Tensor
  ) -> ck_mechanic_sums {
    requireCount(w, g, "parameter")
    requireCount(start, g, "start")
    requireCount(path, g, "path")
    let n = g.count
    return g.withPointer { g in
      start.withPointer { start in
        w.withPointer { w in path.withMutablePointer { ck_mechanic_path(table, n, scale, g, start, w, $0) } }
      }
    }
  }

  /// w = start + scale path.
  static func mechanicStep(_ w: inout Tensor, scale: Float, start: Tensor, path: Tensor) {
    requireCount(start, w, "start")
    requireCount(path, w, "path")
    let n = w.count
    start.withPointer { start in
      path.withPointer { path in w.withMutablePointer { ck_mechanic_step(table, n, scale, start, path, $0) } }
    }
  }

  /// COCOB's bet on every weight.
  static func cocob(
    _ w: inout Tensor, largest: inout Tensor, sum: inout Tensor, magnitude: inout Tensor, reward: inout Tensor,
    gradient g: Tensor, start: Tensor, rate: Float, alpha: Float
  ) {
    requireCount(w, g, "parameter")
    requireCount(start, g, "start")
    requireCount(largest, g, "largest gradient")
    requireCount(sum, g, "sum of gradients")
    requireCount(magnitude, g, "sum of magnitudes")
    requireCount(reward, g, "reward")
    let n = g.count
    g.withPointer { g in
      start.withPointer { start in
        largest.withMutablePointer { largest in
          sum.withMutablePointer { sum in
            magnitude.withMutablePointer { magnitude in
              reward.withMutablePointer { reward in
                var state = ck_cocob_state(largest: largest, sum: sum, magnitude: magnitude, reward: reward)
                w.withMutablePointer { ck_cocob(table, n, rate, alpha, g, start, &state, $0) }
              }
            }
          }
        }
      }
    }
  }
}
