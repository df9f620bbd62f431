/// A line search for SAMT that acts on the next step: it keeps steps from climbing, and from overshooting more and more.
///
/// A group of blocks moves by s(t) k c eta, where eta comes from its eta models, c is the group's damping factor and k
/// is one factor for all. k is found once, on the first minibatch whose loss is finite: all blocks move by k eta0 along
/// their gradients, a ``StepSizeSearch`` judges that trial, and it is taken back. c begins at 1. A step from W to W' is
/// taken back if the loss of its own minibatch rose. Else it stays, and the slope along it says whether it was too long:
///
///     r = <W - W', g'> / |<W - W', g>|       1: no curvature was met; 0: the minimum along the step; over the group
///     c = shrinkage c                        if the loss rose, or is no number
///     c = retreat c                          if r < smallestRatio, or smallestJointRatio of one group of all blocks
///     c = min(1, growth c)                   else
///
/// The factors answer at once, where an eta model takes many steps to come down while a gradient may grow a hundredfold
/// within a few. Blocks that take turns fit one minibatch again and again, so each of their steps should stay short of the
/// minimum along it. Where all blocks move at once it is gradient descent, which is stable up to r = -1; steps that always
/// stay short then let curvature grow, and shrink with it (Roulet et al. 2024, arXiv 2407.06183).
///
/// An eta model's own aim is r = 0, so that it goes on lengthening what the factors shorten, each size at its own speed.
/// ``StepSizes/Projection/relativeTanh(factor:)`` bounds how far that drives sizes of one group apart.
public struct Backtracking: Sendable {
  /// What the damping factor is multiplied by after a step that was taken back.
  public var shrinkage = 0.5
  /// What it is multiplied by after a step that stays and was too long.
  public var retreat = 0.9
  /// What it is multiplied by after any other one, up to a damping factor of 1.
  public var growth = 1.05
  /// The ratio of slopes below which a step was too long, of groups that take turns.
  public var smallestRatio = 0.5
  /// The same where one group has all blocks.
  public var smallestJointRatio = -0.5
  /// How the first minibatch finds the factor k; 1 where nil.
  public var search: (any StepSizeSearch)? = DoublingSearch()

  /// The defaults.
  public init() {}

  /// Checks the numbers.
  ///
  /// - Throws: ``SAMTError/configuration(_:)`` where one makes no sense.
  func validate() throws(SAMTError) {
    guard shrinkage > 0, shrinkage < 1 else {
      throw .configuration("backtracking must shrink by a factor above 0 and below 1, found \(shrinkage)")
    }
    guard retreat > 0, retreat <= 1 else {
      throw .configuration("backtracking must retreat by a factor above 0 and at most 1, found \(retreat)")
    }
    guard growth >= 1, growth.isFinite else {
      throw .configuration("backtracking must grow by a finite factor of at least 1, found \(growth)")
    }
    for ratio in [smallestRatio, smallestJointRatio] {
      guard ratio >= -1, ratio <= 1 else {
        throw .configuration("backtracking's ratios of slopes must be in -1 ... 1, found \(ratio)")
      }
    }
  }
}

/// Where backtracking stands: what the search found, and each group's damping factor.
struct BacktrackingFactors {
  private let settings: Backtracking
  private let smallestRatio: Double
  private(set) var start = 1.0
  private(set) var hasSearched: Bool
  private(set) var damping: [Double]

  init(_ settings: Backtracking, groups: Int) {
    self.settings = settings
    smallestRatio = groups == 1 ? settings.smallestJointRatio : settings.smallestRatio
    hasSearched = settings.search == nil
    damping = [Double](repeating: 1, count: groups)
  }

  mutating func visitState(_ visitor: StateVisitor) {
    visitor.visit("start", &start)
    visitor.visit("hasSearched", &hasSearched)
    visitor.visit("damping", &damping)
  }

  /// What a group's step sizes are multiplied by.
  func factor(_ group: Int) -> Double { start * damping[group] }

  /// Takes in that a group's step stays, and the slope behind it in units of that before it.
  mutating func accept(_ group: Int, ratio: Double) {
    let isTooLong = ratio < smallestRatio
    damping[group] = isTooLong ? settings.retreat * damping[group] : min(1, settings.growth * damping[group])
  }

  /// Takes in that a group's step was taken back.
  mutating func reject(_ group: Int) { damping[group] *= settings.shrinkage }

  /// Finds the factor that all step sizes begin with, once; `trial` makes a step of so many times eta0, takes it back,
  /// and says what the loss and the slope were behind it.
  ///
  /// - Returns: whether there were trials.
  mutating func search(startLoss: Double, _ trial: (_ factor: Double) -> (loss: Double, ratio: Double)) -> Bool {
    guard let search = settings.search, !hasSearched, startLoss.isFinite else { return false }
    hasSearched = true
    var wasTooLong = false
    for _ in 0..<search.trials {
      let end = trial(start)
      let found = SearchTrial(startLoss: startLoss, endLoss: end.loss, ratio: end.ratio, wasTooLong: wasTooLong)
      guard case .retry(let factor) = search.verdict(on: found) else { break }
      wasTooLong = wasTooLong || factor < 1
      start *= factor
    }
    start *= search.finalFactor
    return true
  }
}
