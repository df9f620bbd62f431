/// The generalized Newton's method: steps of another rule, as long as a parabola through losses along them tells (Bu and
/// Xu 2024, arXiv 2407.02772).
///
///     u = the other rule's step at the rate a
///     L(w + j u) - L(w) ~ H j^2 / 2 - G j       by least squares over j = -n ... n, on the step's minibatch
///     a' = 0.9 a + 0.1 a clip(scale G / H, 1/2, 2)         where G > 0, H > 0 and R^2 > 0.99; otherwise a
///     w = w + (a' / a) u
///
/// G and H are slope and curvature in units of the step, so that a G / H is the rate of Newton's step along u. It looks
/// at every so many steps, for 2 n evaluations of the loss; a look that meets a loss that is no number halves the rate.
/// With n = 1 the parabola goes through all points, and R^2 is 1. Between looks it is the other rule's step. Looks that come
/// every few steps on minibatches that can be fitted alone let the rate grow too far.
///
/// Where the authors' program looks on another minibatch and lets the other rule take the gradients in twice, this takes
/// the losses of the minibatch that the gradients come from, and each gradient once.
public final class GeN: MinibatchOptimizer {
  /// The rule whose rate is chosen.
  public let base: any Optimizer
  /// a, the rate before the schedule's factor.
  public var learningRate: Float {
    get { Float(rate) }
    set { rate = Double(newValue) }
  }
  /// It looks at every so many steps.
  public let interval: Int
  /// n: how many steps' lengths it looks ahead, and back.
  public let reach: Int
  private var rate: Double
  private var steps = 0
  private var starts: [Tensor]
  private var moves: [Tensor]
  private var differences: [Double]

  /// How much of the rate a look leaves.
  private static let smoothing = 0.9
  /// What R^2 must exceed.
  private static let leastExplained = 0.99

  /// Chooses the rate of `base`, whose own is where it begins.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a rule that has weights of its own to evaluate or evaluates minibatches
  ///   itself, an interval below 1, or a reach outside 1 ... 8.
  public init(_ base: any Optimizer, interval: Int = 8, reach: Int = 1) throws(SAMTError) {
    guard !base.hasEvaluationWeights else {
      throw .configuration("GeN cannot scale \(type(of: base)), whose weights for evaluation are other ones")
    }
    try base.requireNoMinibatch(within: "GeN")
    guard interval >= 1 else { throw .configuration("GeN's interval must be at least 1, found \(interval)") }
    guard (1...8).contains(reach) else { throw .configuration("GeN's reach must be in 1 ... 8, found \(reach)") }
    self.base = base
    self.interval = interval
    self.reach = reach
    rate = Double(base.learningRate)
    starts = base.parameters.map { Tensor(zeros: $0.shape) }
    moves = base.parameters.map { Tensor(zeros: $0.shape) }
    differences = [Double](repeating: 0, count: 2 * reach)
  }

  /// The other rule's parameters.
  public var parameters: [Parameter] { base.parameters }

  /// The rate, and the other rule's figures.
  public var metrics: [String: Double] { base.metrics.merging(["stepSize": rate]) { $1 } }

  /// The rate, the steps so far, and the other rule's state as `base`.
  public func visitState(_ visitor: StateVisitor) {
    visitor.visit("rate", &rate)
    visitor.visit("steps", &steps)
    visitor.visit("base", base)
  }

  /// One step without a look.
  public func update(scale: Float, loss: Double) {
    steps += 1
    base.learningRate = Float(rate)
    base.update(scale: scale, loss: loss)
  }

  /// One step, and a look where one is due.
  public func update(scale: Float, loss: Double, minibatch: some LoadedMinibatch) {
    // A step that the schedule makes nothing of has no length to choose.
    guard (steps + 1) % interval == 0, scale > 0 else { return update(scale: scale, loss: loss) }
    for index in starts.indices { Kernels.copy(base.parameters[index].value, into: &starts[index]) }
    update(scale: scale, loss: loss)
    for index in moves.indices {
      Kernels.copy(base.parameters[index].value, into: &moves[index])
      Kernels.add(starts[index], scaledBy: -1, to: &moves[index])
    }
    for index in differences.indices {
      displace(by: ParabolaFit.multiple(index))
      differences[index] = minibatch.loss() - loss
    }
    let factor = factor(of: ParabolaFit(differences), scale: Double(scale))
    displace(by: factor)
    rate *= factor
  }

  /// w + multiple u.
  private func displace(by multiple: Double) {
    for index in starts.indices {
      let parameter = base.parameters[index]
      Kernels.mechanicStep(&parameter.value, scale: Float(multiple), start: starts[index], path: moves[index])
    }
  }

  /// a' / a.
  private func factor(of fit: ParabolaFit, scale: Double) -> Double {
    guard fit.slope.isFinite, fit.curvature.isFinite else { return 0.5 }
    guard fit.slope > 0, fit.curvature > 0, fit.explainedVariance > GeN.leastExplained else { return 1 }
    return GeN.smoothing + (1 - GeN.smoothing) * min(max(scale * fit.slope / fit.curvature, 0.5), 2)
  }
}
