import Foundation

/// A factor on all steps that knows how many there will be: a linear warm-up, and a decay to 0.
///
///     f = decay(u) min(1, n / warm-up),   u = (n - 1) / steps,   n = 1 ... steps
public struct HorizonSchedule: Sendable, Equatable {
  /// What becomes of the steps towards the end.
  public enum Decay: Sendable, Equatable {
    /// 1 - u.
    case linear
    /// (1 + cos(pi u)) / 2.
    case cosine
    /// 1.
    case none
  }

  /// The part of all steps that the warm-up takes.
  public var warmUp = 0.05
  /// What becomes of the steps towards the end.
  public var decay = Decay.linear

  /// The defaults.
  public init() {}

  /// Checks the warm-up's part.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where it is not in 0 ... 1.
  func validate() throws(SAMTError) {
    guard warmUp >= 0, warmUp <= 1 else {
      throw .configuration("the warm-up's part of all steps must be in 0 ... 1, found \(warmUp)")
    }
  }

  /// How many steps the warm-up takes.
  public func warmUpSteps(of plannedSteps: Int) -> Int { Int(warmUp * Double(plannedSteps)) }

  /// The factor on step `step`, counted from 1; 0 behind the last one where there is a decay.
  public func callAsFunction(_ step: Int, of plannedSteps: Int) -> Double {
    let progress = min(1, Double(step - 1) / Double(max(plannedSteps, 1)))
    let decayed =
      switch decay {
      case .linear: 1 - progress
      case .cosine: 0.5 * (1 + cos(Double.pi * progress))
      case .none: 1.0
      }
    return decayed * min(1, Double(step) / Double(max(warmUpSteps(of: plannedSteps), 1)))
  }
}
