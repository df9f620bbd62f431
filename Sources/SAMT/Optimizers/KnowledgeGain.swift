import Foundation

/// How much of a matrix is above the noise in it: the sum of its singular values over the largest, per row, behind the
/// shrinkage of empirical variational Bayes matrix factorization (Nakajima, Sugiyama, Babacan and Tomioka 2013).
///
/// The noise's variance v minimizes the free energy of all singular values. Of an L x M matrix, L <= M, those with
/// sigma^2 > M v x_ stay, as  d = sigma / 2 (1 - q + sqrt((1 - q)^2 - 4 L M v^2 / sigma^4)),  q = (L + M) v / sigma^2.
/// a = L / M,  tau = 2.5129 sqrt a,  x_ = (1 + tau) (1 + a / tau).
struct KnowledgeGain {
  private let shorter: Double
  private let longer: Double
  private let ratio: Double
  /// x_.
  private let limit: Double

  /// The gain of a weight, (outputs, inputs, ...): of two axes that of the matrix, of more the mean of its unfoldings
  /// along the first and the second axis.
  static func of(_ weight: Tensor) -> Double {
    let shape = weight.shape
    let (outputs, inputs) = (shape[0], shape[1]), window = shape.elementsPerRow / inputs
    return weight.withSpan { w in
      let byOutput = gain(rows: outputs, columns: inputs * window) { Double(w[$0 * inputs * window + $1]) }
      guard shape.rank > 2 else { return byOutput }
      let byInput = gain(rows: inputs, columns: outputs * window) { input, column in
        Double(w[(column / window * inputs + input) * window + column % window])
      }
      return (byOutput + byInput) / 2
    }
  }

  /// The gain of one matrix; 0 where all of it is noise, or something is no number.
  private static func gain(rows: Int, columns: Int, _ element: (Int, Int) -> Double) -> Double {
    let values = SingularValues.of(rows: rows, columns: columns, element)
    guard values.allSatisfy(\.isFinite) else { return 0 }
    let shrunk = KnowledgeGain(min(rows, columns), max(rows, columns)).shrunk(values)
    guard let largest = shrunk.max(), largest > 0 else { return 0 }
    return shrunk.reduce(0, +) / largest / Double(rows)
  }

  init(_ shorter: Int, _ longer: Int) {
    self.shorter = Double(shorter)
    self.longer = Double(longer)
    ratio = self.shorter / self.longer
    let tau = 2.5129 * ratio.squareRoot()
    limit = (1 + tau) * (1 + ratio / tau)
  }

  /// What is left of singular values, largest first; those of noise are not among it.
  func shrunk(_ values: [Double]) -> [Double] {
    let variance = noiseVariance(values)
    guard variance > 0 else { return values.filter { $0 > 0 } }
    return values.filter { $0 * $0 > longer * variance * limit }.map { value in
      let square = value * value, q = (shorter + longer) * variance / square
      let root = (1 - q) * (1 - q) - 4 * shorter * longer * variance * variance / (square * square)
      return value / 2 * (1 - q + max(root, 0).squareRoot())
    }
  }

  /// The variance between its bounds that minimizes the free energy: by a grid, then by golden sections around the best.
  func noiseVariance(_ values: [Double]) -> Double {
    let squares = values.map { $0 * $0 }
    let all = squares.reduce(0, +) / (shorter * longer)
    let signals = max(min(Int((shorter / (1 + ratio)).rounded(.up)) - 1, values.count) - 1, -1) + 1
    let rest = squares[signals...]
    guard let first = rest.first else { return all }
    let least = max(first / (longer * limit), rest.reduce(0, +) / Double(rest.count) / longer)
    guard least > 0, least < all else { return all }
    let points = 100, step = log(all / least) / Double(points)
    func energy(_ exponent: Double) -> Double { freeEnergy(squares, variance: least * exp(exponent * step)) }
    let best = (0...points).min { energy(Double($0)) < energy(Double($1)) } ?? 0
    var (low, high) = (Double(max(best - 1, 0)), Double(min(best + 1, points)))
    let section = (5.0.squareRoot() - 1) / 2
    for _ in 0..<60 {
      let (left, right) = (high - section * (high - low), low + section * (high - low))
      if energy(left) < energy(right) { high = right } else { low = left }
    }
    return least * exp((low + high) / 2 * step)
  }

  private func freeEnergy(_ squares: [Double], variance: Double) -> Double {
    squares.reduce(0) { energy, square in
      let x = max(square / (longer * variance), 1e-30)
      guard x > limit else { return energy + x - log(x) }
      let tau = (x - (1 + ratio) + max((x - (1 + ratio)) * (x - (1 + ratio)) - 4 * ratio, 0).squareRoot()) / 2
      return energy + x - tau + log((tau + 1) / x) + ratio * log(tau / ratio + 1)
    }
  }
}
