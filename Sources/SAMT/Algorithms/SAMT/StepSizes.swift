/// How SAMT's eta model sets the step sizes of a block.
///
/// A block is seen as the matrix [W | b]: one row per output, one column per input, the bias the last column.
public struct StepSizes: Sendable {
  /// How many step sizes a block has.
  public enum Granularity: String, Sendable, Codable, CaseIterable {
    /// One for the block (SAMT-S).
    case scalar
    /// One per row, that is per output (SAMT-R).
    case row
    /// One per column, that is per input (SAMT-C).
    case column
    /// One per element, its logits the sum of a row's and a column's, so memory stays rows + columns (SAMT-E).
    case element
    /// One per element with a head output of its own: memory and time are sixteen times the block's.
    case elementUnfactored
  }

  /// How the head's output q becomes the learned step size eta_hat; each gives exactly eta0 at the start.
  public enum Projection: Sendable, Equatable {
    /// exp(lo + (hi - lo) / 2 (1 + tanh q)) with lo, hi the logarithms of the range: any step size in it.
    case logarithmicTanh(range: ClosedRange<Double>)
    /// eta0 factor^tanh(q): at most `factor` times more or less than eta0.
    case relativeTanh(factor: Double)
    /// maximum sigmoid(q).
    case sigmoid(maximum: Double)

    /// Over six decades, from 1e-5 to 10.
    public static let logarithmicTanh = Projection.logarithmicTanh(range: 1e-5...10)
    /// A factor of 4 either way.
    public static let relativeTanh = Projection.relativeTanh(factor: 4)
    /// Below 1.
    public static let sigmoid = Projection.sigmoid(maximum: 1)
  }

  /// A statistic of a block's gradient that an eta model looks at.
  public enum Feature: String, Sendable, Codable, CaseIterable {
    /// The mean of all elements.
    case mean
    /// Their population variance.
    case variance
    /// The largest element.
    case maximum
    /// The smallest one.
    case minimum
    /// The L2 norm.
    case norm
  }

  /// How many step sizes a block has.
  public var granularity: Granularity
  /// eta0, where every step size starts and what the gate holds on to.
  public var initial: Double
  /// How the learned step size is bounded.
  public var projection: Projection
  /// Whether eta = beta eta0 + (1 - beta) eta_hat; otherwise eta = eta_hat (the right-only variant).
  public var isGated: Bool
  /// The learning rate of the eta model's Adam; 0 freezes every step size at eta0.
  public var learningRate: Double
  /// The eta model's hidden units.
  public var hiddenUnits: Int
  /// What the eta model looks at; it takes 0 for a statistic that is not among them.
  public var features = Set(Feature.allCases)

  /// Step sizes that start at `initial`.
  public init(
    _ granularity: Granularity = .scalar, initial: Double = 0.5, projection: Projection = .logarithmicTanh,
    isGated: Bool = true, learningRate: Double = 1e-3, hiddenUnits: Int = 16
  ) {
    self.granularity = granularity
    self.initial = initial
    self.projection = projection
    self.isGated = isGated
    self.learningRate = learningRate
    self.hiddenUnits = hiddenUnits
  }

  /// Checks the numbers.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where one makes no sense, or eta0 lies outside the projection's range.
  func validate() throws(SAMTError) {
    guard initial > 0, initial.isFinite else {
      throw .configuration("the initial step size must be positive and finite, found \(initial)")
    }
    guard learningRate >= 0, learningRate.isFinite else {
      throw .configuration("the eta model's learning rate must be finite and not negative, found \(learningRate)")
    }
    guard hiddenUnits >= 1 else {
      throw .configuration("the eta model needs at least one hidden unit, found \(hiddenUnits)")
    }
    switch projection {
    case .logarithmicTanh(let range):
      guard range.lowerBound > 0, range.upperBound.isFinite, initial > range.lowerBound, initial < range.upperBound
      else {
        throw .configuration(
          "the initial step size \(initial) must lie inside the projection's range "
            + "\(range.lowerBound) ... \(range.upperBound)")
      }
    case .relativeTanh(let factor):
      guard factor > 1, factor.isFinite else {
        throw .configuration("the projection's factor must be above 1 and finite, found \(factor)")
      }
    case .sigmoid(let maximum):
      guard maximum.isFinite, initial < maximum else {
        throw .configuration("the initial step size \(initial) must lie below the projection's maximum \(maximum)")
      }
    }
  }
}
