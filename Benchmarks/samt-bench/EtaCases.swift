import CKernels

/// The one pass over a gradient from which SAMT's five statistics follow: of a block, of its rows, of its columns.
func etaCases() -> [BenchmarkCase] {
  let blocks = [4_000, 65_536, 313_600, 1 << 24].map { count in
    BenchmarkCase(kernel: "moments", name: "\(count)", work: .traffic(bytes: 4 * Double(count)), footprint: 4 * count) {
      let kernels = ck_active()
      let x = Floats(count, seed: 1)
      return PreparedCase(
        verify: { mismatch(ck_moments_of(kernels, count, x.base), count) { x[$0] } },
        body: { _ = ck_moments_of(kernels, count, x.base) })
    }
  }
  let lines = [(400, 785), (4096, 4096)].flatMap { rows, columns in
    [linesCase("row_moments", rows, columns), linesCase("column_moments", rows, columns)]
  }
  return blocks + lines
}

private func linesCase(_ kernel: String, _ rows: Int, _ columns: Int) -> BenchmarkCase {
  let count = rows * columns, isByRow = kernel == "row_moments"
  return BenchmarkCase(
    kernel: kernel, name: "\(rows)x\(columns)", work: .traffic(bytes: 4 * Double(count)), footprint: 4 * count
  ) {
    let kernels = ck_active()
    let x = Floats(count, seed: 1), out = Operand(isByRow ? rows : columns, repeating: ck_moments_empty())
    func run() {
      if isByRow {
        ck_row_moments(kernels, rows, columns, x.base, out.base)
      } else {
        ck_column_moments(kernels, rows, columns, x.base, out.base)
      }
    }
    return PreparedCase(
      verify: {
        run()
        // A hundred lines or so: the suites see them all.
        for line in Swift.stride(from: 0, to: out.count, by: out.count / 100 + 1) {
          let length = isByRow ? columns : rows
          let found = mismatch(out[line], length) { isByRow ? x[line * columns + $0] : x[$0 * columns + line] }
          if let found { return "line \(line): \(found)" }
        }
        return nil
      },
      body: run)
  }
}

private func mismatch(_ moments: ck_moments, _ length: Int, _ x: (Int) -> Float) -> String? {
  let count = Double(length)
  var sum = 0.0, squares = 0.0, spread = 0.0
  var maximum = -Float.infinity, minimum = Float.infinity
  for i in 0..<length {
    let value = Double(x(i))
    sum += value
    squares += value * value
    maximum = max(maximum, x(i))
    minimum = min(minimum, x(i))
  }
  let mean = sum / count
  for i in 0..<length { spread += (Double(x(i)) - mean) * (Double(x(i)) - mean) }
  // Float sums of at most 64 numbers in a lane, then of lanes, around a pivot within two deviations of the mean.
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
