import CKernels

/// Gradient descent whose average takes the place of a schedule and of momentum (Defazio, Yang, Mehta, Mishchenko, Khaled
/// and Cutkosky 2024).
///
///     l = rate scale,   L = max(L, l),   c = t^r L^p / (the sum of all of these so far)
///     z = z - l (g + decay y),   x = (1 - c) x + c z,   y = beta x + (1 - beta) z
///
/// The parameters are y, where gradients are taken; x is evaluated. z, x and y begin at the same place. One pass over
/// memory, with z beside the parameters. Of a schedule, only a warm-up makes sense.
public final class ScheduleFreeSGD: Optimizer {
  /// The parameters it moves.
  public let parameters: [Parameter]
  /// The step size before the schedule's factor.
  public var learningRate: Float
  /// beta, the share of the average in the weights where gradients are taken.
  public var averageShare: Float { sequences.beta }
  /// r: step t has a weight of t^r in the average.
  public var stepPower: Double { sequences.stepPower }
  /// p: a step has a weight of the largest rate so far to that power.
  public var ratePower: Double { sequences.ratePower }
  /// The decay per unit of step size, decoupled, of decayed parameters only.
  public let weightDecay: Float
  private var sequences: ScheduleFreeSequences

  /// An optimizer of `parameters`.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is not positive and finite, a share of the average
  ///   not between 0 and 1, a negative power, or a negative decay.
  public init(
    _ parameters: [Parameter], learningRate: Float = 1, averageShare: Float = 0.9, stepPower: Double = 0,
    ratePower: Double = 2, weightDecay: Float = 0
  ) throws(SAMTError) {
    try requireRate(learningRate, weightDecay: weightDecay)
    sequences = try ScheduleFreeSequences(
      of: parameters, beta: averageShare, stepPower: stepPower, ratePower: ratePower, for: "Schedule-Free SGD")
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  /// z, and what the average's weights come from.
  public func visitState(_ visitor: StateVisitor) { sequences.visitState(visitor, parameters) }

  /// One step.
  public func update(scale: Float, loss: Double) {
    let rate = learningRate * scale
    var step = sequences.beginStep(parameters, rate: rate)
    for index in parameters.indices {
      let parameter = parameters[index]
      step.decay = parameter.isDecayed ? rate * weightDecay : 0
      sequences.update(index) { z in
        Kernels.scheduleFreeSGD(&parameter.value, z: &z, gradient: parameter.gradient, step)
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
