import Foundation

/// Searches a method's best rate on a grid that is geometric: coarse at first, then ever finer around the best.
///
/// The first trial is the method's usual rate. Then come the best rate's neighbours at a factor of 4, further out as long
/// as a neighbour is better, then at a factor of 2, and so on down to 2^(1/4). Each round's rates depend on the scores
/// of earlier rounds alone, so that a round's trials may run side by side, and a search that was interrupted asks for
/// the same rates again.
struct RateSearch {
  /// A rate that was tried.
  struct Trial: Equatable {
    var rate: Double
    /// What it came to: greater is better.
    var score: Double
  }

  /// The rate in the middle, tried first.
  let usualRate: Double
  /// How many rates are tried, unless the grid is at its finest before.
  let count: Int
  /// What was tried so far, in the order of the trials.
  private(set) var trials: [Trial] = []

  /// Where the trials stand on the grid: in quarters of octaves from the usual rate.
  private var positions: [Int] = []
  /// The distance of the neighbours.
  private var spacing = 8

  /// A search of `count` trials, at least one.
  init(around usualRate: Double, count: Int) {
    self.usualRate = usualRate
    self.count = max(count, 1)
  }

  /// The trial with the greatest score, the earlier one of equals; nil before the first.
  var best: Trial? { bestIndex.map { trials[$0] } }

  /// The rates of the next round, at most two; none where the search is over.
  mutating func nextRates() -> [Double] { nextPositions().map(rate) }

  /// Takes in the scores of the rates that ``nextRates()`` gave, in their order; NaN for a training that diverged.
  mutating func add(_ scores: [Double]) {
    for (position, score) in zip(nextPositions(), scores) {
      positions.append(position)
      trials.append(Trial(rate: rate(position), score: score.isNaN ? -.infinity : score))
    }
  }

  private mutating func nextPositions() -> [Int] {
    guard trials.count < count else { return [] }
    guard let bestIndex else { return [0] }
    let best = positions[bestIndex]
    while spacing >= 1 {
      let untried = [best - spacing, best + spacing].filter { !positions.contains($0) }
      if !untried.isEmpty { return Array(untried.prefix(count - trials.count)) }
      spacing /= 2
    }
    return []
  }

  private var bestIndex: Int? {
    trials.indices.max { (trials[$0].score, -$0) < (trials[$1].score, -$1) }
  }

  private func rate(_ position: Int) -> Double { usualRate * exp2(Double(position) / 4) }
}
