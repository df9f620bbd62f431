import Foundation

/// A place on an axis with its label.
struct Tick: Equatable {
  var value: Double
  var label: String
}

/// Where values stand along an axis, and the ticks there.
struct Scale: Equatable {
  enum Kind: Equatable {
    case linear
    /// By powers of ten; values that are not positive have no place on it.
    case logarithmic

    /// Logarithmic for positive values that differ by a factor of 50 or more.
    static func fitting(_ values: some Sequence<Double>) -> Kind {
      let drawable = values.filter { Scale.isDrawable($0) }
      guard let low = drawable.min(), let high = drawable.max(), low > 0 else { return .linear }
      return high / low >= 50 ? .logarithmic : .linear
    }
  }

  let kind: Kind
  /// The values at both ends.
  let domain: ClosedRange<Double>
  let ticks: [Tick]

  /// A scale that covers all drawable values.
  ///
  /// - Parameters:
  ///   - mostTicks: how many labels have room.
  ///   - isTight: ends with the values, otherwise with a tick where the axis is linear.
  ///   - isWhole: ticks stand at whole numbers alone.
  init(
    covering values: some Sequence<Double>, kind: Kind = .linear, mostTicks: Int = 6, isTight: Bool = false,
    isWhole: Bool = false
  ) {
    let drawable = values.filter { Scale.isDrawable($0, kind) }
    self.kind = kind
    switch kind {
    case .linear:
      var (low, high) = (drawable.min() ?? 0, drawable.max() ?? 1)
      if low == high {
        let margin = isWhole ? 0.5 : abs(low) * 0.1
        (low, high) = low == 0 ? (0, 1) : (low - margin, high + margin)
      }
      let step = Scale.niceStep(over: high - low, most: mostTicks, isWhole: isWhole)
      if !isTight { (low, high) = (floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step) }
      domain = low...high
      let first = Int(ceil(low / step - 1e-9))
      let last = Int(floor(high / step + 1e-9))
      ticks = (first...max(first, last)).map { index in
        let value = Double(index) * step
        return Tick(value: value, label: NumberText.tick(value, step: step))
      }
    case .logarithmic:
      var (low, high) = (drawable.min() ?? 1, drawable.max() ?? 10)
      if low == high { (low, high) = (low / 3, high * 3) }
      if !isTight {
        let margin = exp(0.03 * (log(high) - log(low)))
        (low, high) = (low / margin, high * margin)
      }
      domain = low...high
      ticks = Scale.logarithmicTicks(low, high, most: mostTicks)
    }
  }

  /// Whether a value has a place on an axis of this kind: finite, and not so large or small that a domain overflows.
  static func isDrawable(_ value: Double, _ kind: Kind = .linear) -> Bool {
    switch kind {
    case .linear: abs(value) < 1e300  // not so for NaN
    case .logarithmic: value > 1e-250 && value < 1e250
    }
  }

  /// From 0 at the domain's lower end to 1 at its upper end; nil for a value that has no place.
  func position(_ value: Double) -> Double? {
    guard Scale.isDrawable(value, kind) else { return nil }
    switch kind {
    case .linear: return (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    case .logarithmic:
      let low = log(domain.lowerBound)
      return (log(value) - low) / (log(domain.upperBound) - low)
    }
  }

  /// The smallest of 1, 2, 2.5 and 5 times a power of ten that makes `most` ticks at most.
  static func niceStep(over span: Double, most: Int, isWhole: Bool = false) -> Double {
    let rough = span / Double(max(most - 1, 1))
    guard rough > 0, rough.isFinite else { return 1 }
    let magnitude = pow(10, floor(log10(rough)))
    let factors = isWhole || magnitude >= 1 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]
    let step = (factors.first { $0 * magnitude >= rough * (1 - 1e-9) } ?? 10) * magnitude
    return isWhole ? max(step, 1) : step
  }

  /// Powers of ten, with 2 and 5 times them between where they are few, and only some of them where they are many.
  private static func logarithmicTicks(_ low: Double, _ high: Double, most: Int) -> [Tick] {
    let exponents = Int(floor(log10(low) - 1e-9))...Int(ceil(log10(high) + 1e-9))
    func ticks(_ factors: [Int], every stride: Int = 1) -> [Tick] {
      exponents.filter { $0 % stride == 0 }.flatMap { exponent in
        factors.compactMap { factor in
          let value = Double(factor) * pow(10, Double(exponent))
          guard value >= low * (1 - 1e-9), value <= high * (1 + 1e-9) else { return nil }
          return Tick(value: value, label: NumberText.logarithmicTick(factor, exponent: exponent))
        }
      }
    }
    for factors in [[1, 2, 5], [1, 3]] {
      let fine = ticks(factors)
      if fine.count <= most { return fine }
    }
    let stride = (1...).first { ticks([1], every: $0).count <= most } ?? 1
    return ticks([1], every: stride)
  }
}
