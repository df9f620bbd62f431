import Foundation

/// A factor on the step size, as a function of the number of steps taken so far.
public struct Schedule: Sendable {
  private let factor: @Sendable (Int) -> Float
  /// What is wrong with the numbers that the schedule was made of; nil where nothing is, and for those of your own.
  public let problem: String?

  /// A schedule of your own: `factor(n)` scales the step after n steps.
  public init(_ factor: @escaping @Sendable (Int) -> Float) { self.init(problem: nil, factor) }

  private init(problem: String?, _ factor: @escaping @Sendable (Int) -> Float) {
    self.problem = problem
    self.factor = factor
  }

  /// Checks the numbers.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where there is a ``problem``.
  func validate() throws(SAMTError) {
    if let problem { throw .configuration(problem) }
  }

  /// The factor after `step` steps.
  public func callAsFunction(_ step: Int) -> Float { factor(step) }

  /// 1, always.
  public static let constant = Schedule { _ in 1 }

  /// (1 + cos(pi n / total)) / 2: from 1 to 0 over `total` steps, 0 after (Loshchilov and Hutter 2017).
  ///
  /// A total below 1 is a ``problem``.
  public static func cosine(over total: Int) -> Schedule {
    Schedule(problem: total >= 1 ? nil : "a cosine schedule needs at least 1 step, found \(total)") { step in
      step >= total ? 0 : Float(0.5 * (1 + cos(Double.pi * Double(step) / Double(max(total, 1)))))
    }
  }

  /// 1 - n / total: from 1 to 0 over `total` steps, 0 after.
  ///
  /// A total below 1 is a ``problem``.
  public static func linear(over total: Int) -> Schedule {
    Schedule(problem: total >= 1 ? nil : "a linear schedule needs at least 1 step, found \(total)") { step in
      step >= total ? 0 : Float(1 - Double(step) / Double(max(total, 1)))
    }
  }

  /// `factor` to the power of n / interval, rounded down: a staircase.
  ///
  /// An interval below 1 is a ``problem``, and so is a factor that is negative or not finite.
  public static func step(every interval: Int, factor: Float = 0.1) -> Schedule {
    let isUsable = interval >= 1 && factor >= 0 && factor.isFinite
    let problem =
      "a step schedule needs an interval of at least 1 and a factor that is finite and not negative, "
      + "found \(interval) and \(factor)"
    return Schedule(problem: isUsable ? nil : problem) { step in
      Float(pow(Double(factor), Double(step / max(interval, 1))))
    }
  }

  /// (n + 1) / steps while that is below 1, then `schedule` from its beginning.
  ///
  /// A negative number of steps is a ``problem``, and so is that of `schedule`.
  public static func warmUp(steps: Int, then schedule: Schedule = .constant) -> Schedule {
    let problem = steps >= 0 ? schedule.problem : "a warm-up cannot take \(steps) steps"
    return Schedule(problem: problem) { step in
      step < steps ? Float(step + 1) / Float(steps) : schedule(step - max(steps, 0))
    }
  }
}
