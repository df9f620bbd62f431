import CKernels
import Foundation

/// Adam's preconditioner with Schedule-Free averaging in the place of its first moment and of a schedule (Defazio, Yang,
/// Mehta, Mishchenko, Khaled and Cutkosky 2024).
///
///     l = rate scale,   L = max(L, l),   c = t^r L^p / (the sum of all of these so far)
///     v = beta2 v + (1 - beta2) g^2
///     z = z - l (g / (sqrt(v / (1 - beta2^t)) + epsilon) + decay y),   x = (1 - c) x + c z,   y = beta1 x + (1 - beta1) z
///
/// The parameters are y, where gradients are taken; x is evaluated. z, x and y begin at the same place. One pass over
/// memory, with z and v beside the parameters. Of a schedule, only a warm-up makes sense.
public final class ScheduleFreeAdamW: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// The share of the average in the weights where gradients are taken, and how much of the second moment survives a step.
  public var betas: (Float, Float) { (sequences.beta, beta2) }
  /// Keeps the division finite.
  public let epsilon: Float
  /// r: step t has a weight of t^r in the average.
  public var stepPower: Double { sequences.stepPower }
  /// p: a step has a weight of the largest rate so far to that power.
  public var ratePower: Double { sequences.ratePower }
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  private let beta2: Float
  private var sequences: ScheduleFreeSequences
  private var seconds: [Tensor]

  /// An optimizer of `parameters`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, a first beta not
  ///   between 0 and 1, a second outside 0 ..< 1, an epsilon below 1e-12, a negative power, or a negative decay.
  public init(
    _ parameters: [Parameter], learningRate: Float = 2.5e-3, betas: (Float, Float) = (0.9, 0.999),
    epsilon: Float = 1e-8, stepPower: Double = 0, ratePower: Double = 2, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    try GradientMoments.check(betas: betas, epsilon: epsilon, for: "Schedule-Free AdamW")
    sequences = try ScheduleFreeSequences(
      of: parameters, beta: betas.0, stepPower: stepPower, ratePower: ratePower, for: "Schedule-Free AdamW")
    self.parameters = parameters
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    beta2 = betas.1
    seconds = parameters.map { Tensor(zeros: $0.shape) }
  }

  /// The second moments as `v.PATH`, z, and what the average's weights come from.
  public func visitState(_ visitor: StateVisitor) {
    sequences.visitState(visitor, parameters)
    for index in parameters.indices { visitor.visit("v.\(parameters[index].path)", &seconds[index]) }
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    let rate = learningRate * scale
    var step = sequences.beginStep(parameters, rate: rate)
    let moment = ck_second_moment_args(
      beta2: beta2, epsilon: epsilon, correction2: Float(1 - pow(Double(beta2), Double(sequences.steps))))
    for index in parameters.indices {
      let parameter = parameters[index]
      step.decay = parameter.isDecayed ? rate * weightDecay : 0
      sequences.update(index) { z in
        Kernels.scheduleFreeAdamW(
          &parameter.value, z: &z, v: &seconds[index], gradient: parameter.gradient, step, moment)
      }
    }
  }

  /// x is evaluated.
  public var hasEvaluationWeights: Bool { true }

  /// Calls `body` with x in the parameters' place, then puts y back.
  public func withEvaluationWeights(_ body: () throws(SAMTError) -> Void) throws(SAMTError) {
    try sequences.withAverages(of: parameters, body)
  }
}
