/// Nesterov's momentum: how far an iteration extrapolates.
///
///     u_bar = u_k + beta (u_k - u_(k-1)),   beta = (s_k - 1) / s_(k+1),   s_(k+1) = (1 + sqrt(1 + 4 s_k^2)) / 2
struct NesterovMomentum {
  private let isUsed: Bool
  /// s_k, 0 before the first iteration.
  private var s = 0.0

  init(isUsed: Bool) { self.isUsed = isUsed }

  /// beta of the next iteration; 0 in the first two, where there is nothing to extrapolate from.
  mutating func next() -> Float {
    guard isUsed else { return 0 }
    let next = (1 + (1 + 4 * s * s).squareRoot()) / 2
    defer { s = next }
    return Float(max((s - 1) / next, 0))
  }

  mutating func visitState(_ visitor: StateVisitor) { if isUsed { visitor.visit("momentum", &s) } }
}

/// The value that a variable had an iteration ago; nothing where it is not kept.
struct VariableHistory {
  private let isKept: Bool
  private var before: Tensor

  init(of shape: Shape, isKept: Bool) {
    self.isKept = isKept
    before = Tensor(zeros: isKept ? shape : [0])
  }

  /// Brings the variable from u_k to u_k + beta (u_k - u_(k-1)), and remembers u_k.
  mutating func extrapolate(_ variable: inout Tensor, by beta: Float) {
    guard isKept else { return }
    if beta == 0 {
      Kernels.copy(variable, into: &before)
    } else {
      Kernels.move(&before, along: variable, rate: -(1 + beta), decayFactor: -beta)
      swap(&before, &variable)
    }
  }

  /// Brings the variable back to u_k.
  func restore(_ variable: inout Tensor) { if isKept { Kernels.copy(before, into: &variable) } }

  mutating func visitState(_ visitor: StateVisitor, _ name: String) { if isKept { visitor.visit(name, &before) } }
}
