import CKernels

/// Adam whose step size is an estimate of the distance to the solution, found on the way (Mishchenko and Defazio 2024).
///
///     D = d rate b,   b = 1, or sqrt(1 - beta2^t) / (1 - beta1^t) with bias correction
///     r = beta3 r + (d / d0) D <g, w0 - w>,         beta3 = sqrt(beta2)
///     m = beta1 m + (1 - beta1) d g,   v = beta2 v + (1 - beta2) (d g)^2
///     s = beta3 s + (d / d0) D g,                   or (d / d0) d g where the warm-up is safeguarded
///     d^ = factor r / sum |s|;   d = max(d, d^) where it is still d0;   d_max = max(d_max, d^)
///     d = min(d_max, d growth);   w = (1 - D decay) w - D m / (sqrt v + d epsilon)
///
/// Products and sums run over all parameters; w0 are the weights at the first step. D is of the estimate before the step,
/// d epsilon of the one behind it. Where all gradients were 0 so far, nothing moves. The sums come before the step, so it
/// takes two passes over memory.
public final class Prodigy: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// A factor on the estimate, before the schedule's.
  public var learningRate: Float
  /// How much of the first and the second moment survive a step.
  public var betas: (Float, Float) { moments.betas }
  /// Keeps the division finite.
  public var epsilon: Float { moments.epsilon }
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  /// d0, where the estimate begins.
  public let initialEstimate: Double
  /// What a new estimate is multiplied by.
  public let estimateFactor: Double
  /// How much the estimate may grow by in one step.
  public let growthLimit: Double
  /// Whether moments that began at 0 are made up for.
  public let correctsBias: Bool
  /// Whether the schedule's warm-up leaves the sum of gradients as it is, so that it does not drive the estimate up.
  public let safeguardsWarmUp: Bool
  /// d, the estimate behind the last step.
  public private(set) var estimate: Double
  private let beta3: Float
  private var largestEstimate: Double
  private var progress = 0.0
  private var moments: GradientMoments
  private var sums: [Tensor]
  private var start: StartingWeights

  /// An optimizer of `parameters`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate, an initial estimate or a factor that is not positive
  ///   and finite, an initial estimate below 1e-12, a limit on growth below 1, an epsilon below 1e-12, a beta outside
  ///   0 ..< 1, or a negative decay.
  public init(
    _ parameters: [Parameter], learningRate: Float = 1, betas: (Float, Float) = (0.9, 0.999), epsilon: Float = 1e-8,
    weightDecay: Float = 0, initialEstimate: Double = 1e-6, estimateFactor: Double = 1,
    growthLimit: Double = .infinity, correctsBias: Bool = false, safeguardsWarmUp: Bool = false
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    try requireEstimate(initialEstimate, growthLimit: growthLimit, for: "Prodigy")
    guard estimateFactor > 0, estimateFactor.isFinite else {
      throw .configuration("Prodigy's factor on the estimate must be positive and finite, found \(estimateFactor)")
    }
    moments = try GradientMoments(of: parameters, betas: betas, epsilon: epsilon, for: "Prodigy")
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.initialEstimate = initialEstimate
    self.estimateFactor = estimateFactor
    self.growthLimit = growthLimit
    self.correctsBias = correctsBias
    self.safeguardsWarmUp = safeguardsWarmUp
    beta3 = betas.1.squareRoot()
    estimate = initialEstimate
    largestEstimate = initialEstimate
    sums = parameters.map { Tensor(zeros: $0.shape) }
    start = StartingWeights(of: parameters)
  }

  /// The estimate.
  public var metrics: [String: Double] { ["estimate": estimate] }

  /// The moments and their count, the sums of gradients as `s.PATH`, the starting weights, and what the estimate comes
  /// from.
  public func visitState(_ visitor: StateVisitor) {
    moments.visitState(visitor, parameters)
    for index in parameters.indices { visitor.visit("s.\(parameters[index].path)", &sums[index]) }
    start.visitState(visitor, parameters)
    visitor.visit("estimate", &estimate)
    visitor.visit("largestEstimate", &largestEstimate)
    visitor.visit("progress", &progress)
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    start.take(from: parameters)
    let corrections = moments.beginStep()
    let correction = correctsBias ? Double(corrections.1).squareRoot() / Double(corrections.0) : 1
    let rate = estimate * Double(learningRate * scale) * correction
    let growth = estimate / initialEstimate
    let found = takeIn(weight: growth * (safeguardsWarmUp ? estimate : rate))
    progress = Double(beta3) * progress + growth * rate * found.progress
    guard found.magnitude != 0 else { return }
    let proposed = estimateFactor * progress / found.magnitude
    let base = estimate == initialEstimate ? max(estimate, proposed) : estimate
    largestEstimate = max(largestEstimate, proposed)
    estimate = min(largestEstimate, base * growthLimit)
    for index in parameters.indices {
      let parameter = parameters[index]
      Kernels.step(
        &parameter.value, along: moments.first[index], over: moments.second[index], rate: Float(rate),
        decayFactor: decayFactor(parameter, rate: Float(rate), weightDecay: weightDecay),
        epsilon: Float(estimate) * epsilon)
    }
  }

  /// Brings moments and sums up to the gradients; returns <g, w0 - w> and sum |s|.
  private func takeIn(weight: Double) -> (progress: Double, magnitude: Double) {
    let arguments = ck_prodigy_args(
      beta1: betas.0, beta2: betas.1, beta3: beta3, d: Float(estimate), weight: Float(weight))
    var total = (progress: 0.0, magnitude: 0.0)
    for index in parameters.indices {
      let parameter = parameters[index]
      let found = moments.update(index) { m, v in
        Kernels.prodigyMoments(
          &m, &v, &sums[index], gradient: parameter.gradient, start: start.values[index], parameter.value, arguments)
      }
      total.progress += found.progress
      total.magnitude += found.magnitude
    }
    return total
  }
}

/// The checks that rules with an estimate of the distance to the solution share.
func requireEstimate(_ initial: Double, growthLimit: Double, for name: String) throws(SAMTError) {
  guard initial >= 1e-12, initial.isFinite else {
    throw .configuration("\(name)'s initial estimate must be at least 1e-12 and finite, found \(initial)")
  }
  guard growthLimit >= 1 else {
    throw .configuration("\(name)'s limit on the estimate's growth must be at least 1, found \(growthLimit)")
  }
}
