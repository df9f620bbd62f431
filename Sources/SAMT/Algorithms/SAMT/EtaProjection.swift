import Foundation

/// A projection made ready for one eta0: from a head's outputs (p, q) to a gate and a step size, and back.
///
/// eta_hat is written as eta0 times a ratio that is exactly 1 at the start, so eta begins as eta0 to the last bit.
struct EtaProjection {
  /// A gate, a learned step size, and the latter's derivative by q.
  struct Value {
    var gate, learned, slope: Double
  }

  /// eta0 exp(halfRange (tanh q - tanh q0)), or eta0 sigmoid(q) / sigmoid(q0).
  enum Form {
    case exponentialOfTanh(halfRange: Double)
    case sigmoid
  }

  let form: Form
  let eta0: Double
  let isGated: Bool
  /// q at the start.
  let initialQ: Double
  private let initialBounded: Double

  init(_ stepSizes: StepSizes) {
    eta0 = stepSizes.initial
    isGated = stepSizes.isGated
    switch stepSizes.projection {
    case .logarithmicTanh(let range):
      let halfRange = (log(range.upperBound) - log(range.lowerBound)) / 2
      form = .exponentialOfTanh(halfRange: halfRange)
      initialQ = atanh((log(eta0) - log(range.lowerBound)) / halfRange - 1)
    case .relativeTanh(let factor):
      form = .exponentialOfTanh(halfRange: log(factor))
      initialQ = 0
    case .sigmoid(let maximum):
      form = .sigmoid
      initialQ = -log(maximum / eta0 - 1)
    }
    initialBounded = EtaProjection.bounded(initialQ, form)
  }

  /// tanh q or sigmoid q.
  private static func bounded(_ q: Double, _ form: Form) -> Double {
    switch form {
    case .exponentialOfTanh: tanh(q)
    case .sigmoid: 1 / (1 + exp(-q))
    }
  }

  func value(p: Double, q: Double) -> Value {
    let gate = isGated ? 1 / (1 + exp(-p)) : 0
    let bounded = EtaProjection.bounded(q, form)
    switch form {
    case .exponentialOfTanh(let halfRange):
      let learned = eta0 * exp(halfRange * (bounded - initialBounded))
      return Value(gate: gate, learned: learned, slope: learned * halfRange * (1 - bounded * bounded))
    case .sigmoid:
      let learned = eta0 * (bounded / initialBounded)
      return Value(gate: gate, learned: learned, slope: learned * (1 - bounded))
    }
  }

  /// beta eta0 + (1 - beta) eta_hat.
  func stepSize(_ value: Value) -> Double { value.gate * eta0 + (1 - value.gate) * value.learned }

  /// The loss's gradient by p and q, given that by the step size.
  func gradient(_ value: Value, stepSizeGradient: Double) -> (p: Double, q: Double) {
    (
      stepSizeGradient * (eta0 - value.learned) * value.gate * (1 - value.gate),
      stepSizeGradient * (1 - value.gate) * value.slope
    )
  }
}
