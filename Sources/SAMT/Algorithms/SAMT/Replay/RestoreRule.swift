/// When a window's steps are taken back: the loss of its first minibatch rose, or a layer is dead.
///
///     behind it   loss' > loss0 + max(loss0, floor), or loss' > loss0 after one or two moves, or no number,
///                 or a block's |G'|^2 < 1e-4 |G0|^2 and loss' > loss0 / 2
///     within it   a minibatch's loss > 2 max(loss0, the training's first loss) while windows are short, or no number
public struct RestoreRule: Sendable, Equatable {
  /// A loss below which a rise is not measured against itself.
  public var floor = 0.1
  /// What all step sizes are multiplied by while windows are short.
  public var earlyFactor = 0.25
  /// What all step sizes are multiplied by later.
  public var factor = 0.5
  /// The part of its squared gradient that a dead layer has left.
  public var deadGradient = 1e-4

  /// The defaults.
  public init() {}

  /// Whether a window that began at `startLoss` ends here, at another minibatch of loss `loss`.
  ///
  /// Minibatches of a few examples differ by more than a factor of two, so where the training began counts too.
  public func abandons(startLoss: Double, firstLoss: Double, loss: Double, isSettled: Bool) -> Bool {
    !isSettled && loss > 2 * max(startLoss, firstLoss)
  }

  /// Whether a window of `moves` moves is taken back, by its first minibatch's losses and the least part of its squared
  /// gradient that a block has left (``PathSums/gradientLeft``).
  public func rejects(startLoss: Double, endLoss: Double, moves: Int, gradientLeft: Double) -> Bool {
    let allowance = moves <= 2 ? 0 : max(startLoss, floor)
    let isDead = gradientLeft < deadGradient && endLoss > 0.5 * startLoss
    return !(endLoss <= startLoss + allowance) || isDead
  }
}
