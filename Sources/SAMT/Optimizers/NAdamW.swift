import CKernels
import Foundation

/// Adam that looks ahead along its first moment, as Nesterov's momentum does (Dozat 2016), with decoupled weight decay.
///
///     m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
///     m^ = beta1 m / (1 - beta1^(t + 1)) + (1 - beta1) g / (1 - beta1^t)
///     w = (1 - rate decay) w - rate m^ / (sqrt(v / (1 - beta2^t)) + epsilon)
///
/// beta1 is the same in all steps: Dozat's own, which grows from half of it, is another schedule.
public final class NAdamW: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// How much of the first and the second moment survive a step.
  public var betas: (Float, Float) { moments.betas }
  /// Keeps the division finite.
  public var epsilon: Float { moments.epsilon }
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  private var moments: GradientMoments

  /// An optimizer of `parameters`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, an epsilon
  ///   below 1e-12, a beta outside 0 ..< 1, or a negative decay.
  public init(
    _ parameters: [Parameter], learningRate: Float = 1e-3, betas: (Float, Float) = (0.9, 0.999),
    epsilon: Float = 1e-8, weightDecay: Float = 0.01
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    moments = try GradientMoments(of: parameters, betas: betas, epsilon: epsilon, for: "NAdamW")
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  /// The moments and their count.
  public func visitState(_ visitor: StateVisitor) { moments.visitState(visitor, parameters) }

  /// One step.
  public func update(scale: Float, loss: Double) {
    let corrections = moments.beginStep()
    let rate = learningRate * scale
    let next = Float(1 - pow(Double(betas.0), Double(moments.steps + 1)))
    var step = ck_nadamw_args(
      mean_rate: rate * betas.0 / next, gradient_rate: rate * (1 - betas.0) / corrections.0, decay_factor: 1,
      beta1: betas.0, beta2: betas.1, epsilon: epsilon, correction2: corrections.1)
    for index in parameters.indices {
      let parameter = parameters[index]
      step.decay_factor = decayFactor(parameter, rate: rate, weightDecay: weightDecay)
      moments.update(index) { m, v in
        Kernels.nadamW(&parameter.value, m: &m, v: &v, gradient: parameter.gradient, step)
      }
    }
  }
}
