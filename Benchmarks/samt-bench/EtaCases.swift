import CKernels

/// The one pass over a gradient from which SAMT's five statistics follow.
func etaCases() -> [BenchmarkCase] {
  [4_000, 313_600, 1 << 24].map { count in
    BenchmarkCase(kernel: "moments", name: "\(count)", work: .traffic(bytes: 4 * Double(count)), footprint: 4 * count) {
      let kernels = ck_active()
      let x = Floats(count, seed: 1)
      return PreparedCase(
        verify: { momentsMismatch(ck_moments_of(kernels, count, x.base), x) },
        body: { _ = ck_moments_of(kernels, count, x.base) })
    }
  }
}

private func momentsMismatch(_ moments: ck_moments, _ x: Floats) -> String? {
  let count = Double(x.count)
  var sum = 0.0, squares = 0.0, spread = 0.0
  var maximum = -Float.infinity, minimum = Float.infinity
  for i in 0..<x.count {
    sum += Double(x[i])
    squares += Double(x[i]) * Double(x[i])
    maximum = max(maximum, x[i])
    minimum = min(minimum, x[i])
  }
  let mean = sum / count
  for i in 0..<x.count { spread += (Double(x[i]) - mean) * (Double(x[i]) - mean) }
  // Float sums of blocks of 2048 in 16 lanes or more: at most some 140 roundings.
  let tolerance = 160 * rounding
  let rows: [(name: String, got: Double, wanted: Double, bound: Double)] = [
    ("count", moments.count, count, 0),
    ("mean", moments.mean, mean, tolerance * (spread / count).squareRoot()),
    ("m2", moments.m2, spread, tolerance * spread),
    ("sum of squares", moments.sum_squares, squares, tolerance * squares),
    ("maximum", Double(moments.maximum), Double(maximum), 0),
    ("minimum", Double(moments.minimum), Double(minimum), 0),
  ]
  for row in rows where !(abs(row.got - row.wanted) <= row.bound) {
    return "\(row.name) is \(row.got), expected \(row.wanted) within \(row.bound)"
  }
  return nil
}
