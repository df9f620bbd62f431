import Foundation

/// Decoupled weight decay that knows how long the training is: it takes the same from weights in any number of steps.
///
///     W_n = exp(-d_n) W - a D,   d_n = total (1 - 1 / epochs) f_n / (f_1 + ... + f_T)
///
/// f is the schedule's factor on the steps. How much is forgotten over a training, not over a step, is what accuracy
/// depends on; for AdamW the same was found by Wang and Aitchison (2024, arXiv 2405.13698). A training of one epoch sees
/// no example twice, has nothing to forget, and does without.
public struct HorizonDecay: Sendable, Equatable {
  /// The logarithm of the factor by which a long training shrinks weights; 0 for no decay.
  public var total = 2.0

  /// The defaults.
  public init() {}

  /// Checks the total.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where it is negative or not finite.
  func validate() throws(SAMTError) {
    guard total >= 0, total.isFinite else {
      throw .configuration("the weight decay must be finite and not negative, found \(total)")
    }
  }

  /// d for a factor of 1: times the schedule's factor on a step it is that step's.
  public func rate(of plan: TrainingPlan, under schedule: HorizonSchedule) -> Double {
    guard total > 0, plan.epochs > 1 else { return 0 }
    var factors = 0.0
    for step in 1...plan.steps { factors += schedule(step, of: plan.steps) }
    return total * (1 - 1 / Double(plan.epochs)) / factors
  }
}
