import Foundation

/// The relative step sizes that a training of T steps can use, in units of 1 / sqrt(T).
///
/// T steps of 1 / sqrt(T) that point anywhere take a block as far as its first weights are large: shorter ones leave it
/// near where it began. Much longer ones throw weights about by more than what is learned from a minibatch, the more
/// so the smaller it is; the first one, on which the search is made, does not show that.
public struct HorizonRange: Sendable, Equatable {
  /// The least, in units of 1 / sqrt(T); 0 for no bound.
  public var least = 1.0
  /// The most, in units of 1 / sqrt(T), where all blocks take Adam's direction; infinity for no bound.
  public var most = 4.0
  /// The most where a block's direction is orthogonalized, which moves a matrix as far along every axis; infinity for no
  /// bound.
  public var mostOrthogonalized = 3.0

  /// The defaults.
  public init() {}

  /// Checks the bounds.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where they are negative, no numbers, or in the wrong order.
  func validate() throws(SAMTError) {
    for most in [most, mostOrthogonalized] {
      guard least >= 0, least.isFinite, most >= least, most > 0 else {
        throw .configuration("step sizes must be in a range such as 1 ... 4, found \(least) and \(most)")
      }
    }
  }

  /// The logarithms of both bounds, for a model of which a block is orthogonalized or none.
  public func logarithms(of plannedSteps: Int, orthogonalized: Bool = false) -> ClosedRange<Double> {
    let unit = -0.5 * log(Double(plannedSteps))
    return unit + log(least)...unit + log(orthogonalized ? mostOrthogonalized : most)
  }
}
