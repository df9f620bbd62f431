import CommandLineOptions
import SAMT

/// What each training of a comparison may cost.
enum Budget: Equatable {
  /// As many epochs for all.
  case epochs
  /// Training time, in seconds.
  case seconds(Double)
  /// Passes by layers with parameters: forward, for parameters' gradients and for inputs' gradients.
  case passes(Int)

  /// The number of whole epochs that comes nearest to the budget, at least one.
  ///
  /// - Parameters:
  ///   - planned: the epochs that are asked for, which count where the budget is one of epochs.
  ///   - epoch: what a first epoch by the same method came to.
  func epochs(planned: Int, after epoch: EpochReport) -> Int {
    switch self {
    case .epochs: planned
    case .seconds(let seconds): Budget.wholeEpochs(seconds / epoch.seconds)
    case .passes(let passes): Budget.wholeEpochs(Double(passes) / Double(max(epoch.layerPasses.total, 1)))
    }
  }

  private static func wholeEpochs(_ count: Double) -> Int {
    count.isFinite ? Int(min(max(count.rounded(), 1), 1_000_000)) : 1_000_000
  }
}
