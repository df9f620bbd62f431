/// The last pre-activations' problem: make R(z) + rho/2 |z - m|^2 small, R the loss summed over the examples.
///
/// A ``ProximalLoss`` says the minimizer; any other loss goes through FISTA (Beck and Teboulle 2009),
///
///     zeta = (rho m + z / eta - R'(z)) / (rho + 1 / eta)
///     z = (1 - gamma) zeta + gamma zeta_before,   gamma = (1 - lambda) / lambda_next
///     lambda_next = (1 + sqrt(1 + 4 lambda^2)) / 2
///
/// until the objective moves by less than 1e-4, at most 500 times.
struct OutputUpdate {
  /// What is to be made small.
  struct Problem {
    let loss: any Loss
    let targets: Targets
    /// m, (n, outputs).
    let center: Tensor
    /// rho.
    let penalty: Float
    /// What makes a sum over the examples of their mean.
    var weight: Double { loss.weight(of: targets) }
  }

  /// eta to begin with, the authors' value, and where it is not halved any more.
  static let stepSize: Float = 4
  static let shortestStepSize: Float = 0.25
  private static let stepLimit = 500
  private static let accuracy = 1e-4

  /// z of an iteration ago; without acceleration, of before the update.
  var history: VariableHistory
  private let isHistoryState: Bool
  private var gradient: Tensor
  private var difference: Tensor
  private var zeta: Tensor
  private var zetaBefore: Tensor

  init(shape: Shape, keepsHistory: Bool) {
    history = VariableHistory(of: shape, isKept: true)
    isHistoryState = keepsHistory
    gradient = Tensor(zeros: shape)
    difference = Tensor(zeros: shape)
    zeta = Tensor(zeros: shape)
    zetaBefore = Tensor(zeros: shape)
  }

  mutating func visitState(_ visitor: StateVisitor) { if isHistoryState { history.visitState(visitor, "z.before") } }

  /// R(z); `gradient` becomes that of the mean loss.
  mutating func loss(_ problem: Problem, at z: Tensor) -> Double {
    problem.weight * problem.loss.evaluate(z, targets: problem.targets, gradient: &gradient)
  }

  /// R(z) + rho/2 |z - m|^2.
  mutating func objective(_ problem: Problem, at z: Tensor) -> Double {
    Kernels.copy(z, into: &difference)
    Kernels.add(problem.center, scaledBy: -1, to: &difference)
    return loss(problem, at: z) + Double(problem.penalty) / 2 * Kernels.dot(difference, difference)
  }

  /// Brings z from where it is to a minimizer, and returns the objective there.
  mutating func minimize(_ problem: Problem, from z: inout Tensor, stepSize eta: Float) -> Double {
    if let loss = problem.loss as? any ProximalLoss {
      loss.writeProximalPoint(of: problem.center, targets: problem.targets, penalty: problem.penalty, into: &z)
      return objective(problem, at: z)
    }
    let scale = 1 / (problem.penalty + 1 / eta)
    Kernels.copy(z, into: &zeta)
    var (lambda, last) = (1.0, Double.infinity)
    for _ in 0..<OutputUpdate.stepLimit {
      let value = objective(problem, at: z)
      if abs(value - last) < OutputUpdate.accuracy { return value }
      last = value
      let next = (1 + (1 + 4 * lambda * lambda).squareRoot()) / 2
      let gamma = Float((1 - lambda) / next)
      lambda = next
      swap(&zeta, &zetaBefore)
      Kernels.move(
        from: z, along: gradient, rate: Float(problem.weight) * scale, decayFactor: scale / eta, into: &zeta)
      Kernels.add(problem.center, scaledBy: problem.penalty * scale, to: &zeta)
      Kernels.move(from: zeta, along: zetaBefore, rate: -gamma, decayFactor: 1 - gamma, into: &z)
    }
    return objective(problem, at: z)
  }
}

/// A loss for which the minimizer of ``OutputUpdate``'s problem has a closed form.
protocol ProximalLoss: Loss {
  /// Writes the minimizer of R(z) + rho/2 |z - m|^2, R the loss summed over the examples.
  ///
  /// - Precondition: all tensors of one shape.
  func writeProximalPoint(of center: Tensor, targets: Targets, penalty rho: Float, into z: inout Tensor)
}

extension MeanSquaredError: ProximalLoss {
  /// z = (c y + rho m) / (c + rho), c = 2 / outputs, since R = |z - y|^2 / outputs.
  func writeProximalPoint(of center: Tensor, targets: Targets, penalty rho: Float, into z: inout Tensor) {
    let values = targets.requireValues(for: "the squared error", of: z)
    let weight = 2 / Float(values.shape.elementsPerRow)
    Kernels.move(
      from: values, along: center, rate: -rho / (weight + rho), decayFactor: weight / (weight + rho), into: &z)
  }
}
