import CKernels

/// Adam whose step size is an estimate of the distance to the solution, from below (Defazio and Mishchenko 2023).
///
///     D = d rate b,   b = 1, or sqrt(1 - beta2^t) / (1 - beta1^t) with bias correction;   beta = sqrt(beta2)
///     a = D <g, s / (sqrt v + epsilon)>                          with the old s and v
///     m = beta1 m + (1 - beta1) D g,   v = beta2 v + (1 - beta2) g^2,   s = beta s + (1 - beta) D g
///     n = beta n + (1 - beta) a,       d^ = n / ((1 - beta) sum |s|)
///     w = (1 - D decay) w - m / (sqrt v + epsilon),   d = max(d, min(d^, d growth))
///
/// Products and sums run over all parameters. A step has its size in m, from the estimates before, so one pass over memory
/// is enough.
public final class DAdaptAdam: Optimizer {
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
  /// How much the estimate may grow by in one step.
  public let growthLimit: Double
  /// Whether moments that began at 0 are made up for.
  public let correctsBias: Bool
  /// d, the estimate behind the last step.
  public private(set) var estimate: Double
  private let beta: Float
  private var progress = 0.0
  private var moments: GradientMoments
  private var sums: [Tensor]

  /// An optimizer of `parameters`, whose estimate begins at `initialEstimate`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate or an initial estimate that is not positive and finite,
  ///   an initial estimate below 1e-12, a limit on growth below 1, an epsilon below 1e-12, a beta outside 0 ..< 1, or a
  ///   negative decay.
  public init(
    _ parameters: [Parameter], learningRate: Float = 1, betas: (Float, Float) = (0.9, 0.999), epsilon: Float = 1e-8,
    weightDecay: Float = 0, initialEstimate: Double = 1e-6, growthLimit: Double = .infinity, correctsBias: Bool = false
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    try requireEstimate(initialEstimate, growthLimit: growthLimit, for: "D-Adaptation")
    moments = try GradientMoments(of: parameters, betas: betas, epsilon: epsilon, for: "D-Adaptation")
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.growthLimit = growthLimit
    self.correctsBias = correctsBias
    beta = betas.1.squareRoot()
    estimate = initialEstimate
    sums = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// The estimate.
  public var metrics: [String: Double] { ["estimate": estimate] }

  /// The moments and their count, the sums of gradients as `s.PATH`, and what the estimate comes from.
  public func visitState(_ visitor: StateVisitor) {
    moments.visitState(visitor, parameters)
    for index in parameters.indices { visitor.visit("s.\(parameters[index].path)", &sums[index]) }
    visitor.visit("estimate", &estimate)
    visitor.visit("progress", &progress)
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    let corrections = moments.beginStep()
    let correction = correctsBias ? Double(corrections.1).squareRoot() / Double(corrections.0) : 1
    let rate = Float(estimate * Double(learningRate * scale) * correction)
    var step = ck_dadapt_args(
      beta1: betas.0, beta2: betas.1, beta3: beta, rate: rate, decay_factor: 1, epsilon: epsilon)
    var total = (progress: 0.0, magnitude: 0.0)
    for index in parameters.indices {
      let parameter = parameters[index]
      step.decay_factor = decayFactor(parameter, rate: rate, weightDecay: weightDecay)
      let found = moments.update(index) { m, v in
        Kernels.dAdaptAdam(&parameter.value, m: &m, v: &v, s: &sums[index], gradient: parameter.gradient, step)
      }
      total.progress += found.progress
      total.magnitude += found.magnitude
    }
    let fresh = 1 - Double(beta)
    progress = Double(beta) * progress + fresh * total.progress
    guard total.magnitude != 0 else { return }
    estimate = max(estimate, min(progress / (fresh * total.magnitude), estimate * growthLimit))
  }
}
