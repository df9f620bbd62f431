import Foundation

/// SAMT's eta model psi, which reads the five statistics of a block's gradient and learns from the replays.
///
///     factor = bound^tanh(q),   q = psi(mean, variance, maximum, minimum, norm)
///
/// psi normalizes each statistic by its running mean and variance, so what it sees is how the gradient has changed. Its
/// lesson is the ratio r beyond the mean of those before, which the step size itself follows: one step of Adam along
/// (r - mean) dtanh(q)/dpsi, to longer steps where they turned out short. It begins with factors of 1.
public final class EtaModelProposal: StepProposal {
  /// psi's learning rate unless another is asked for.
  public static let defaultLearningRate = 0.01
  /// The largest factor, and the inverse of the smallest.
  public let bound: Double
  /// The part of the training behind which nothing is learned, as in ``ReplayLesson/end``.
  public let end: Double
  private var eta: EtaModel
  private var meanRatio = 0.0
  private var lessons = 0
  private let noGradients = [0.0]
  private var qGradients = [0.0]

  /// A model for a layer's block.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` for a learning rate that is negative or not finite, a bound that is not
  ///   above 1 and finite, or no hidden unit.
  public init(
    layer: Int, seed: UInt64, learningRate: Double = EtaModelProposal.defaultLearningRate, bound: Double = 2,
    hiddenUnits: Int = 16, end: Double = 0.5
  ) throws(SAMTError) {
    guard learningRate >= 0, learningRate.isFinite else {
      throw .configuration("the eta model's learning rate must be finite and not negative, found \(learningRate)")
    }
    guard bound > 1, bound.isFinite else {
      throw .configuration("the bound of an eta model's factor must be above 1 and finite, found \(bound)")
    }
    guard hiddenUnits >= 1 else {
      throw .configuration("the eta model needs at least one hidden unit, found \(hiddenUnits)")
    }
    self.bound = bound
    self.end = end
    var generator = Generator(seed: seed, for: .etaModel(layer: layer))
    eta = EtaModel(
      outputs: 1, hidden: hiddenUnits, learningRate: learningRate, initialP: 0, initialQ: 0, using: &generator)
  }

  /// The logarithm of the factor, between -log(bound) and log(bound).
  public func propose(_ statistics: Moments) -> Double {
    eta.observe(statistics)
    return log(bound) * tanh(eta.q[0])
  }

  /// One step of psi's Adam at the statistics of the last proposal.
  public func learn(ratio: Double, at time: LessonTime) {
    guard Double(time.step) < end * Double(time.plannedSteps) else { return }
    lessons += 1
    let surprise = lessons == 1 ? 0 : ratio - meanRatio
    meanRatio += (ratio - meanRatio) / Double(min(lessons, 10))
    let tangent = tanh(eta.q[0])
    qGradients[0] = -surprise * (1 - tangent * tangent)
    eta.learn(pGradient: noGradients, qGradient: qGradients)
  }

  /// psi, and the ratios' running mean.
  public func visitState(_ visitor: StateVisitor) {
    visitor.nested("eta") { eta.visitState(visitor, isGated: false) }
    visitor.visit("meanRatio", &meanRatio)
    visitor.visit("lessons", &lessons)
    // The outputs, which the next lesson needs, follow from the rest.
    eta.forward()
  }
}
