import Foundation

/// A factor on the step size, as a function of the number of steps taken so far.
public struct Schedule: Sendable {
  private let factor: @Sendable (Int) -> Float

  /// A schedule of your own: `factor(n)` scales the step after n steps.
  public init(_ factor: @escaping @Sendable (Int) -> Float) { self.factor = factor }

  /// The factor after `step` steps.
  public func callAsFunction(_ step: Int) -> Float { factor(step) }

  /// 1, always.
  public static let constant = Schedule { _ in 1 }

  /// (1 + cos(pi n / total)) / 2: from 1 to 0 over `total` steps, 0 after (Loshchilov and Hutter 2017).
  public static func cosine(over total: Int) -> Schedule {
    Schedule { step in
      step >= total ? 0 : Float(0.5 * (1 + cos(Double.pi * Double(step) / Double(max(total, 1)))))
    }
  }

  /// `factor` to the power of n / interval, rounded down: a staircase.
  public static func step(every interval: Int, factor: Float = 0.1) -> Schedule {
    Schedule { step in Float(pow(Double(factor), Double(step / max(interval, 1)))) }
  }

  /// (n + 1) / steps while that is below 1, then `schedule` from its beginning.
  public static func warmUp(steps: Int, then schedule: Schedule = .constant) -> Schedule {
    Schedule { step in step < steps ? Float(step + 1) / Float(steps) : schedule(step - steps) }
  }
}
