import CKernels

/// The constants of one step of ``Kernels/nadamDirection(_:m:v:_:into:)``.
public struct NAdamConstants: Sendable, Equatable {
  /// How much of the first moment survives a step, in 0 ..< 1.
  public var beta1: Float
  /// How much of the second moment survives a step, in 0 ..< 1.
  public var beta2: Float
  /// Keeps the division finite; above 0.
  public var epsilon: Float
  /// 1 - beta1^t: what a first moment that began at 0 is divided by after t steps.
  public var correction1: Float
  /// 1 - beta2^t.
  public var correction2: Float

  /// The constants of a step.
  public init(beta1: Float, beta2: Float, epsilon: Float, correction1: Float, correction2: Float) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.correction1 = correction1
    self.correction2 = correction2
  }
}

/// What a path from W0 to W and the gradients G0 and G at its ends have in common, summed over all elements.
public struct PathSums: Sendable, Equatable {
  /// The inner product of W0 - W and G0: how much the loss falls along the path, as its beginning has it.
  public var startSlope = 0.0
  /// The inner product of W0 - W and G: the same as its end has it.
  public var endSlope = 0.0
  /// The sum of the squares of G0.
  public var startSquared = 0.0
  /// The sum of the squares of G.
  public var endSquared = 0.0

  /// Nothing summed yet.
  public init() {}

  /// Adds the sums of another part of the same path.
  public mutating func add(_ other: PathSums) {
    startSlope += other.startSlope
    endSlope += other.endSlope
    startSquared += other.startSquared
    endSquared += other.endSquared
  }

  /// The slope at the end in units of that at the start, between -1 and 1.
  ///
  /// 1 where no curvature was met, 0 where the path ended at the minimum along it, -1 where it is no number.
  public var ratio: Double {
    let ratio = endSlope / (abs(startSlope) + 1e-30)
    return ratio.isFinite ? max(-1, min(1, ratio)) : -1
  }

  /// The part of the squared gradient that the end has left; 1 where the path began without one.
  public var gradientLeft: Double { startSquared > 0 ? endSquared / startSquared : 1 }
}

extension Kernels {
  /// w = decayFactor w - rate d, element by element.
  public static func move(_ w: inout Tensor, along d: Tensor, rate: Float, decayFactor: Float = 1) {
    descend(&w, gradient: d, rate: rate, decayFactor: decayFactor)
  }

  /// next = decayFactor w - rate d, element by element, leaving w as it is; the very bits of the move in place.
  public static func move(
    from w: Tensor, along d: Tensor, rate: Float, decayFactor: Float = 1, into next: inout Tensor
  ) {
    _ = step(from: w, into: &next, gradient: d, stepSizes: .scalar(rate), decayFactor: decayFactor)
  }

  /// The sums of the path from `start` to `end`, with the gradients at both.
  public static func pathSums(
    from start: Tensor, to end: Tensor, startGradient: Tensor, endGradient: Tensor
  ) -> PathSums {
    requireCount(end, start, "end of a path")
    requireCount(startGradient, start, "gradient at the start of a path")
    requireCount(endGradient, start, "gradient at the end of a path")
    let sums = start.withPointer { w0 in
      end.withPointer { w in
        startGradient.withPointer { g0 in
          endGradient.withPointer { ck_path_sums_of(table, start.count, w0, w, g0, $0) }
        }
      }
    }
    var result = PathSums()
    result.startSlope = sums.start_slope
    result.endSlope = sums.end_slope
    result.startSquared = sums.start_squared
    result.endSquared = sums.end_squared
    return result
  }

  /// From moments to a direction and its norm, in one pass over memory: Adam's with a look ahead (Dozat 2016).
  ///
  ///     m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
  ///     d = (beta1 m / correction1 + (1 - beta1) g) / (sqrt(v / correction2) + epsilon)
  ///
  /// - Parameters:
  ///   - g: the gradient.
  ///   - m: the first moment, overwritten.
  ///   - v: the second moment, overwritten.
  ///   - constants: of this step.
  ///   - d: the direction, overwritten.
  /// - Returns: the sum of d^2, in double precision and with the same bits on any number of threads.
  /// - Precondition: tensors of equally many elements.
  public static func nadamDirection(
    _ g: Tensor, m: inout Tensor, v: inout Tensor, _ constants: NAdamConstants, into d: inout Tensor
  ) -> Double {
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    requireCount(d, g, "direction")
    var arguments = constants.kernelArgument
    return g.withPointer { g0 in
      m.withMutablePointer { m in
        v.withMutablePointer { v in
          d.withMutablePointer { ck_nadam_direction(table, g.count, &arguments, g0, m, v, m, v, $0) }
        }
      }
    }
  }

  /// The same, leaving the moments as they are and writing the new ones elsewhere.
  static func nadamDirection(
    _ g: Tensor, m: Tensor, v: Tensor, nextM: inout Tensor, nextV: inout Tensor, _ constants: NAdamConstants,
    into d: inout Tensor
  ) -> Double {
    requireCount(m, g, "first moment")
    requireCount(v, g, "second moment")
    requireCount(nextM, g, "next first moment")
    requireCount(nextV, g, "next second moment")
    requireCount(d, g, "direction")
    var arguments = constants.kernelArgument
    return g.withPointer { g0 in
      m.withPointer { m in
        v.withPointer { v in
          nextM.withMutablePointer { nextM in
            nextV.withMutablePointer { nextV in
              d.withMutablePointer { ck_nadam_direction(table, g.count, &arguments, g0, m, v, nextM, nextV, $0) }
            }
          }
        }
      }
    }
  }

  /// m = beta m + (1 - beta) g, then x = blend m + (1 - blend) g, in one pass over memory.
  ///
  /// - Precondition: tensors of equally many elements.
  public static func blendedMomentum(_ g: Tensor, m: inout Tensor, beta: Float, blend: Float, into x: inout Tensor) {
    requireCount(m, g, "momentum")
    requireCount(x, g, "blended momentum")
    g.withPointer { g0 in
      m.withMutablePointer { m in
        x.withMutablePointer { ck_blended_momentum(table, g.count, beta, blend, g0, m, m, $0) }
      }
    }
  }

  /// The same, leaving the momentum as it is and writing the new one elsewhere.
  static func blendedMomentum(
    _ g: Tensor, m: Tensor, next: inout Tensor, beta: Float, blend: Float, into x: inout Tensor
  ) {
    requireCount(m, g, "momentum")
    requireCount(next, g, "next momentum")
    requireCount(x, g, "blended momentum")
    g.withPointer { g0 in
      m.withPointer { m in
        next.withMutablePointer { next in
          x.withMutablePointer { ck_blended_momentum(table, g.count, beta, blend, g0, m, next, $0) }
        }
      }
    }
  }

  /// The orthogonalization of an ``Orthogonalizer``; y may not share x's memory.
  static func orthogonalize(
    _ x: Tensor, _ polynomial: Orthogonalizer.Polynomial, iterations: Int, scale: Float, workspace: inout Tensor,
    into y: inout Tensor
  ) {
    let (rows, columns) = (x.shape[0], x.shape.elementsPerRow)
    requireCount(y, x, "orthogonalized matrix")
    ensure(
      workspace.count >= orthogonalizeWorkspace(rows, columns),
      "workspace of \(workspace.count) elements for a matrix of shape \(x.shape)")
    var arguments = ck_newton_schulz(a: polynomial.a, b: polynomial.b, c: polynomial.c, iterations: iterations)
    x.withPointer { x in
      workspace.withMutablePointer { workspace in
        y.withMutablePointer { ck_orthogonalize(table, rows, columns, &arguments, scale, x, workspace, $0) }
      }
    }
  }

  /// How many floats that asks for.
  static func orthogonalizeWorkspace(_ rows: Int, _ columns: Int) -> Int { ck_orthogonalize_workspace(rows, columns) }
}

extension NAdamConstants {
  fileprivate var kernelArgument: ck_nadam_args {
    ck_nadam_args(
      beta1: beta1, beta2: beta2, epsilon: epsilon, correction1: correction1, correction2: correction2)
  }
}
