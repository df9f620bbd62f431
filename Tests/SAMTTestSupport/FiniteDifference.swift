/// Numeric derivatives in double precision.
package enum FiniteDifference {
  /// f'(x) by the central stencil of eighth order.
  ///
  /// With steps of 1/256 and functions whose ninth derivative is at most 1e9, as for tanh(3x), truncation (h^8 / 630 of
  /// it) stays below 1e-13 and rounding (2^-53 |f| / h) below 1e-13.
  package static func derivative(at x: Double, step h: Double = 0x1p-8, _ f: (Double) -> Double) -> Double {
    let weights = [4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280]
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      let distance = Double(index + 1) * h
      sum += weight * (f(x + distance) - f(x - distance))
    }
    return sum / h
  }

  /// The gradient at `point`, entry by entry.
  package static func gradient(at point: [Double], _ f: ([Double]) -> Double) -> [Double] {
    var moved = point
    return point.indices.map { index in
      defer { moved[index] = point[index] }
      return derivative(at: point[index]) { value in
        moved[index] = value
        return f(moved)
      }
    }
  }
}

/// The largest |a - b| over the largest |b|: how far `a` is from the reference `b`; infinite for unequal lengths.
package func relativeError(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var (difference, scale) = (0.0, 0.0)
  for i in a.indices {
    guard a[i].isFinite, b[i].isFinite else { return .infinity }
    difference = max(difference, abs(a[i] - b[i]))
    scale = max(scale, abs(b[i]))
  }
  return scale > 0 ? difference / scale : difference
}
