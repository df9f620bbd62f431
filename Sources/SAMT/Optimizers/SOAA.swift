import CKernels
import Foundation

/// SOAA: Adam's moments, a diagonal Fisher estimate, and a trust-region radius for the whole model, which follows how
/// well the loss's last reduction was predicted (arXiv 2410.02293).
///
///     m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
///     m^ = m / (1 - beta1^t),        v^ = v / (1 - beta2^t)
///     F = (1 + sum m^^2 / sum (v^ + epsilon)) v^                             the sums run over one parameter
///     d = min(max(d (l_before - l) / max(p, epsilon), (1 - gamma)^u), 1 + gamma^u),   u = (t - 1) / T, at most 1
///     w = (1 - rate decay) w - rate m^ d / (max(d F, sqrt(v^)) + epsilon)
///
/// l is the minibatch's loss, T the planned number of steps. The source does not say what p is: here the standard
/// trust-region model's prediction for the previous step s, p = -(g . s + s . (F s) / 2), with that step's g and F, and
/// s the whole change of w, decay included, summed over all parameters. The first step has d = 1; a loss that is not a
/// number brings d to its lower bound.
public final class SOAA: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// T: over so many steps the radius's bounds go from [1, 2] to [1 - gamma, 1 + gamma].
  public let plannedSteps: Int
  /// gamma, what the radius's bounds end with.
  public let radiusBound: Double
  /// How much of the first and the second moment survive a step.
  public var betas: (Float, Float) { moments.betas }
  /// Keeps the divisions finite.
  public var epsilon: Float { moments.epsilon }
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  /// d, the radius of the last step; 1 before the first.
  public private(set) var radius = 1.0
  private var moments: GradientMoments
  private var lastLoss = 0.0
  private var prediction = 0.0

  /// An optimizer of `parameters` for `plannedSteps` steps.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, an epsilon
  ///   below 1e-12, less than one planned step, a radius bound not between 0 and 1, a beta outside 0 ..< 1, or a
  ///   negative decay.
  public init(
    _ parameters: [Parameter], plannedSteps: Int, learningRate: Float = 1e-3, radiusBound: Double = 0.1,
    betas: (Float, Float) = (0.9, 0.999), epsilon: Float = 1e-8, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    moments = try GradientMoments(of: parameters, betas: betas, epsilon: epsilon, for: "SOAA")
    guard plannedSteps >= 1 else {
      throw .configuration("SOAA's planned steps must be at least 1, found \(plannedSteps)")
    }
    guard radiusBound > 0, radiusBound < 1 else {
      throw .configuration("SOAA's radius bound must be between 0 and 1, found \(radiusBound)")
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.plannedSteps = plannedSteps
    self.radiusBound = radiusBound
    self.weightDecay = weightDecay
  }

  /// The moments and their count, the radius, the last loss and the last prediction.
  public func visitState(_ visitor: StateVisitor) {
    moments.visitState(visitor, parameters)
    visitor.visit("radius", &radius)
    visitor.visit("lastLoss", &lastLoss)
    visitor.visit("prediction", &prediction)
  }

  /// One step.
  public func update(scale: Float, loss: Double) {
    if moments.steps > 0 { radius = nextRadius(loss) }
    lastLoss = loss
    prediction = 0
    let corrections = moments.beginStep()
    var step = ck_soaa_args(
      rate: learningRate * scale, decay_factor: 1, beta1: betas.0, beta2: betas.1, epsilon: epsilon,
      correction1: corrections.0, correction2: corrections.1, fisher: 1, radius: Float(radius))
    for index in parameters.indices where parameters[index].value.count > 0 {
      let parameter = parameters[index]
      let sums = moments.update(index) { Kernels.soaaMoments(&$0, &$1, gradient: parameter.gradient, step) }
      let firstSquared = sums.firstSquared / Double(corrections.0 * corrections.0)
      let second = sums.second / Double(corrections.1) + Double(epsilon) * Double(parameter.value.count)
      step.fisher = Float(1 + firstSquared / second)
      step.decay_factor = decayFactor(parameter, rate: step.rate, weightDecay: weightDecay)
      prediction += Kernels.soaa(
        &parameter.value, m: moments.first[index], v: moments.second[index], gradient: parameter.gradient, step)
    }
  }

  /// d at this loss, before its step is counted.
  private func nextRadius(_ loss: Double) -> Double {
    let progress = min(Double(moments.steps) / Double(plannedSteps), 1)
    let (low, high) = (pow(1 - radiusBound, progress), 1 + pow(radiusBound, progress))
    let proposed = radius * (lastLoss - loss) / (prediction > Double(epsilon) ? prediction : Double(epsilon))
    return proposed > low ? min(proposed, high) : low
  }
}
