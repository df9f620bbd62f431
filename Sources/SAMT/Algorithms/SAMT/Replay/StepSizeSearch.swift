/// How the first minibatch finds where step sizes begin: each trial step is judged, by the loss and the slope behind
/// it, on the same minibatch.
public protocol StepSizeSearch: Sendable {
  /// How many trial steps there are at most.
  var trials: Int { get }
  /// What all step sizes are multiplied by behind the last trial.
  var finalFactor: Double { get }
  /// What to do about a trial step.
  func verdict(on trial: SearchTrial) -> SearchVerdict
}

/// What came of a trial step.
public struct SearchTrial: Sendable {
  /// The minibatch's loss before the step.
  public var startLoss: Double
  /// The minibatch's loss behind it.
  public var endLoss: Double
  /// The slope along the step at its end in units of that at its start, over all blocks (``PathSums/ratio``).
  public var ratio: Double
  /// The least part of its squared gradient that a block has left behind the step (``PathSums/gradientLeft``).
  public var gradientLeft: Double
  /// Whether a trial of this search was too long.
  public var wasTooLong: Bool

  /// A trial, for searches of your own and their tests.
  public init(startLoss: Double, endLoss: Double, ratio: Double, gradientLeft: Double = 1, wasTooLong: Bool) {
    self.startLoss = startLoss
    self.endLoss = endLoss
    self.ratio = ratio
    self.gradientLeft = gradientLeft
    self.wasTooLong = wasTooLong
  }
}

/// What a search does with a trial step.
public enum SearchVerdict: Sendable, Equatable {
  /// Keep it; the search is over.
  case accept
  /// Take it back, and multiply all step sizes by this.
  case retry(factor: Double)
}

/// Doubles the step sizes while the slope stays above half of the first one, halves them while the loss rises, the slope
/// turns, or a layer dies.
///
///     too long   if loss' > loss0, loss' is no number, r < 0, or a block's |G'|^2 < 1e-4 |G0|^2:  back, and half of it
///     too short  if r > 0.5, and none was too long yet:                                          back, and twice of it
public struct DoublingSearch: StepSizeSearch {
  /// How many trial steps there are at most.
  public var trials = 40
  /// What a step size is multiplied or divided by.
  public var factor = 2.0
  /// The ratio of the slopes from which on a step was too short.
  public var ratioTooShort = 0.5
  /// The part of its squared gradient that a dead layer has left.
  public var deadGradient = 1e-4
  /// What all step sizes are multiplied by behind the last trial.
  public var finalFactor = 0.5

  /// The defaults.
  public init() {}

  /// Too long, too short, or right.
  public func verdict(on trial: SearchTrial) -> SearchVerdict {
    let isDead = trial.gradientLeft < deadGradient
    if !(trial.endLoss <= trial.startLoss) || trial.ratio < 0 || isDead { return .retry(factor: 1 / factor) }
    if trial.ratio > ratioTooShort && !trial.wasTooLong { return .retry(factor: factor) }
    return .accept
  }
}
